// Builds in the layouts that people have: the same files at the same places come of each.
#include "flash_files/build_folder.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "flash_files/flash_set.h"
#include "image/app_image.h"
#include "image/partition_table.h"

namespace imprint::flash_files {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Arduino's usual table, with a SPIFFS as IDF names it.
constexpr const char* ota_csv =
    "nvs, data, nvs, 0x9000, 0x5000,\n"
    "otadata, data, ota, 0xe000, 0x2000,\n"
    "app0, app, ota_0, 0x10000, 0x140000,\n"
    "app1, app, ota_1, 0x150000, 0x140000,\n"
    "spiffs, data, spiffs, 0x290000, 0x160000,\n";

constexpr const char* args_json =
    R"({"flash_settings": {"flash_size": "keep"},
        "flash_files": {"0x1000": "bootloader/bootloader.bin", "0x10000": "app.bin",
                        "0x8000": "partition_table\\partition-table.bin"},
        "extra_esptool_args": {"chip": "esp32"}})";

Bytes image_of(std::size_t size) {
    image::AppImageParts parts;
    parts.segments = {{0x3F400020, Bytes(size, 0x5A)}};
    return image::build_app_image(parts);
}

class BuildFolder : public ::testing::Test {
  protected:
    void put(const fs::path& name, const Bytes& content) const {
        fs::create_directories((root() / name).parent_path());
        ASSERT_TRUE(write_file(root() / name, ByteView(content)));
    }

    void put_text(const fs::path& name, std::string_view text) const {
        put(name, Bytes(text.begin(), text.end()));
    }

    [[nodiscard]] fs::path root() const { return folder_.path(); }

    // "0x1000 boot.bin", …, by place, of what load_flash_set makes of it.
    [[nodiscard]] std::vector<std::string> regions(const fs::path& name) {
        auto list = read_any_build(root() / name);
        if (!list) return {list.error().describe()};
        EXPECT_TRUE(list->whole);
        EXPECT_EQ(list->chip, loader::chip_by_key("esp32"));
        const auto set = load_flash_set(*std::move(list));
        if (!set) return {set.error().describe()};
        notes_ = set->notes;
        std::vector<std::string> found;
        for (const auto& region : set->regions)
            found.push_back(fmt::format("{:#x} {}", region.offset(), region.label()));
        return found;
    }

    void expect_missing(const fs::path& name, const std::string& words) const {
        const auto list = read_any_build(root() / name);
        ASSERT_FALSE(list) << words;
        EXPECT_EQ(code_of(list), "firmware_missing");
        EXPECT_EQ(list.error().kind, ErrorKind::config);
        EXPECT_THAT(list.error().describe(), HasSubstr(words));
    }

    const Bytes bootloader_ = image_of(9000);
    const Bytes app_ = image_of(50000);
    const Bytes table_ = image::PartitionTable::parse_csv(ota_csv).value().to_binary();
    std::vector<std::string> notes_;

  private:
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
};

TEST_F(BuildFolder, arduinos_files_go_where_table_and_chip_say) {
    put("sketch.ino.bin", app_);
    put("sketch.ino.bootloader.bin", bootloader_);
    put("sketch.ino.partitions.bin", table_);
    put("sketch.ino.merged.bin", Bytes(10, 0));
    EXPECT_THAT(regions("."),
                ElementsAre("0x1000 sketch.ino.bootloader.bin", "0x8000 sketch.ino.partitions.bin",
                            "0x10000 sketch.ino.bin"));
    EXPECT_THAT(notes_, ElementsAre(HasSubstr("no boot_app0.bin")));
    put("boot_app0.bin", Bytes(0x2000, 0xFE));
    EXPECT_THAT(regions("."),
                ElementsAre("0x1000 sketch.ino.bootloader.bin", "0x8000 sketch.ino.partitions.bin",
                            "0xe000 boot_app0.bin", "0x10000 sketch.ino.bin"));
    EXPECT_THAT(notes_, IsEmpty());
    fs::remove(root() / "sketch.ino.partitions.bin");
    expect_missing(".", "sketch.ino.partitions.bin is not, which belongs to it");
}

TEST_F(BuildFolder, platformios_environment_is_found_below_its_folder) {
    put(".pio/build/esp32dev/firmware.bin", app_);
    put(".pio/build/esp32dev/bootloader.bin", bootloader_);
    put(".pio/build/esp32dev/partitions.bin", table_);
    const auto files =
        ElementsAre("0x1000 bootloader.bin", "0x8000 partitions.bin", "0x10000 firmware.bin");
    EXPECT_THAT(regions(".pio/build/esp32dev"), files);
    EXPECT_THAT(regions(".pio/build"), files);
    EXPECT_EQ(likely_build(root()), fs::path(".pio/build/esp32dev"));
    put(".pio/build/other/firmware.bin", app_);
    put(".pio/build/other/bootloader.bin", bootloader_);
    expect_missing(".pio/build", "more than one build: esp32dev, other");
    expect_missing(".pio/build/other", "partitions.bin is not");
    // Its flasher_args.json names files as ESP-IDF does, which are not there.
    put_text(".pio/build/esp32dev/flasher_args.json", args_json);
    EXPECT_THAT(regions(".pio/build/esp32dev"), files);
    EXPECT_THAT(notes_, testing::Contains(HasSubstr("PlatformIO's are taken")));
}

TEST_F(BuildFolder, an_archives_files_are_found_with_other_slashes_and_flattened) {
    put_text("build/flasher_args.json", args_json);
    expect_missing("build", "names \"bootloader/bootloader.bin\", which is not in");
    put("build/bootloader/bootloader.bin", bootloader_);
    put("build/partition_table/partition-table.bin", table_);
    put("build/app.bin", app_);
    const auto files =
        ElementsAre("0x1000 bootloader.bin", "0x8000 partition-table.bin", "0x10000 app.bin");
    EXPECT_THAT(regions("build"), files);
    EXPECT_THAT(regions("build/flasher_args.json"), files);
    fs::rename(root() / "build/bootloader/bootloader.bin", root() / "build/bootloader.bin");
    fs::rename(root() / "build/partition_table/partition-table.bin",
               root() / "build/partition-table.bin");
    EXPECT_THAT(regions("build"), files);
    EXPECT_EQ(likely_build(root()), fs::path("build"));
}

TEST_F(BuildFolder, two_files_are_not_taken_for_one) {
    put_text("build/flasher_args.json",
             R"({"flash_files": {"0x1000": "a/x.bin", "0x10000": "b/x.bin"},
                 "extra_esptool_args": {"chip": "esp32"}})");
    put("build/x.bin", app_);
    expect_missing("build", "names \"b/x.bin\"");
}

TEST_F(BuildFolder, a_merged_binary_gives_its_parts) {
    Bytes merged(0x10000 + app_.size(), 0xFF);
    const auto place = [&](const Bytes& bytes, std::size_t offset) {
        std::ranges::copy(bytes, merged.begin() + static_cast<std::ptrdiff_t>(offset));
    };
    place(bootloader_, 0x1000);
    place(table_, 0x8000);
    place(app_, 0x10000);
    put("out/firmware.factory.bin", merged);
    const auto parts = ElementsAre("0x1000 firmware.factory.bin (bootloader)",
                                   "0x8000 firmware.factory.bin (partition table)",
                                   "0x10000 firmware.factory.bin (app0)");
    EXPECT_THAT(regions("out/firmware.factory.bin"), parts);
    EXPECT_THAT(regions("out"), parts);
    const auto set = load_flash_set(read_any_build(root() / "out").value());
    ASSERT_TRUE(set);
    EXPECT_EQ(set->files[0].size, bootloader_.size());
    EXPECT_EQ(set->files[2].size, app_.size());
    EXPECT_TRUE(std::ranges::equal(ByteView(set->regions[2].content()).first(app_.size()), app_));
    // As it is written to 0x1000, too.
    put("from/boot.bin", {merged.begin() + 0x1000, merged.end()});
    EXPECT_THAT(regions("from"),
                ElementsAre("0x1000 boot.bin (bootloader)", "0x8000 boot.bin (partition table)",
                            "0x10000 boot.bin (app0)"));
    // An app that is not at its partition's start is refused as one that lies there by hand.
    place(Bytes(0x2000, 0xFF), 0x10000);
    place(image_of(3000), 0x12000);
    put("wrong/merged.bin", merged);
    EXPECT_THAT(regions("wrong")[0], HasSubstr("(app0) for 0x10000: an app image starts with"));
}

TEST_F(BuildFolder, no_layout_leads_out_of_the_folder_by_a_link) {
    put("elsewhere/app.bin", app_);
    put("arduino/sketch.ino.bootloader.bin", bootloader_);
    put("arduino/sketch.ino.partitions.bin", table_);
    fs::create_symlink("../elsewhere/app.bin", root() / "arduino/sketch.ino.bin");
    fs::create_directory(root() / "merged");
    fs::create_symlink("../elsewhere/app.bin", root() / "merged/merged.bin");
    for (const char* folder : {"arduino", "merged"}) {
        const auto list = read_any_build(root() / folder);
        ASSERT_FALSE(list) << folder;
        EXPECT_EQ(code_of(list), "build_file_outside");
    }
}

TEST_F(BuildFolder, what_is_no_build_is_told_with_what_could_be_one) {
    put_text("notes.txt", "nothing");
    expect_missing(".", "neither flasher_args.json, nor Arduino's *.ino.bin, nor PlatformIO's");
    put("app.bin", app_);
    expect_missing(".", "app.bin is no merged binary");
    EXPECT_EQ(likely_build(root()), fs::path());
    const auto nowhere = read_any_build(root() / "nowhere");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(code_of(nowhere), "file_missing");
}

}  // namespace
}  // namespace imprint::flash_files
