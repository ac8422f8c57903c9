#include "prepare/firmware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/error_code.h"
#include "base/files.h"
#include "flash_files/checks.h"
#include "image/app_image.h"

namespace imprint::prepare {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
namespace fs = std::filesystem;

constexpr const char* table_csv =
    "nvs, data, nvs, 0x9000, 0x6000,\n"
    "phy_init, data, phy, 0xf000, 0x1000,\n"
    "factory, app, factory, 0x10000, 1M,\n"
    "storage, data, spiffs, , 0xF0000,\n";

Bytes app(std::uint16_t chip_id, std::size_t size) {
    image::AppImageParts parts;
    parts.chip_id = chip_id;
    parts.flash_size_code = 1;  // 2 MB
    parts.segments = {{0x3F400020, Bytes(size, 0x5A)}};
    return image::build_app_image(parts);
}

// A built project, as ESP-IDF leaves it.
class FirmwareTest : public testing::Test {
  protected:
    FirmwareTest() : folder_(*TemporaryDirectory::create()) {
        settings_.directory = folder_.path();
        fs::create_directory(build());
        write("bootloader.bin", app(0, 20'000));
        write("app.bin", app(0, 100'000));
        put_table(table_csv);
        args_ = {{"flash_settings", {{"flash_size", "2MB"}}},
                 {"flash_files",
                  {{"0x1000", "bootloader.bin"}, {"0x8000", "table.bin"}, {"0x10000", "app.bin"}}},
                 {"partition-table", {{"offset", "0x8000"}, {"file", "table.bin"}}},
                 {"extra_esptool_args", {{"chip", "esp32"}}}};
    }

    [[nodiscard]] fs::path build() const { return folder_.path() / "build"; }

    void write(const char* name, const Bytes& content) const {
        ASSERT_TRUE(write_file(build() / name, content));
    }

    void put_table(const char* csv) const {
        const auto table = image::PartitionTable::parse_csv(csv);
        ASSERT_TRUE(table) << table.error().describe();
        write("table.bin", table->to_binary());
    }

    [[nodiscard]] Result<Firmware> load(const std::string& partition = "") const {
        EXPECT_TRUE(write_file(build() / "flasher_args.json", args_.dump()));
        CredentialSettings credentials;
        credentials.partition = partition;
        return load_firmware(settings_, credentials);
    }

    void expect_error(const char* code, const char* word) const {
        const auto firmware = load();
        ASSERT_FALSE(firmware);
        EXPECT_EQ(firmware.error().kind, ErrorKind::config);
        EXPECT_EQ(code_of(firmware), code) << firmware.error().describe();
        EXPECT_THAT(firmware.error().describe(), HasSubstr(word));
    }

    TemporaryDirectory folder_;
    FirmwareSettings settings_;
    json args_;
};

TEST_F(FirmwareTest, a_sound_project_gives_its_regions_in_order_of_offset) {
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    EXPECT_EQ(firmware->chip->key, "esp32");
    ASSERT_THAT(firmware->regions, SizeIs(3));
    EXPECT_EQ(firmware->regions[0].offset(), 0x1000U);
    EXPECT_EQ(firmware->regions[1].offset(), 0x8000U);
    EXPECT_EQ(firmware->regions[2].offset(), 0x10000U);
    EXPECT_EQ(firmware->credentials.name, "storage");
    EXPECT_EQ(firmware->credentials.offset, 0x110000U);
    EXPECT_EQ(firmware->flash_size, 2U << 20);
    EXPECT_THAT(firmware->notes, IsEmpty());
    EXPECT_EQ(firmware->files[2].sha256, to_hex(sha256(*read_file(build() / "app.bin"))));
    EXPECT_THAT(firmware->digest, SizeIs(64));
}

TEST_F(FirmwareTest, an_image_for_the_credential_partition_is_kept_for_the_credentials) {
    write("storage.bin", Bytes(4096, 1));
    args_["flash_files"]["0x110000"] = "storage.bin";
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    EXPECT_THAT(firmware->regions, SizeIs(3));
    ASSERT_THAT(firmware->own_images, SizeIs(1));
    EXPECT_EQ(firmware->own_images[0].path, build() / "storage.bin");
    EXPECT_EQ(firmware->own_images[0].offset, 0x110000U);
    EXPECT_EQ(firmware->own_images[0].content, Bytes(4096, 1));
}

TEST_F(FirmwareTest, a_project_that_was_never_built_is_told) {
    const auto firmware = load_firmware(settings_, {});
    ASSERT_FALSE(firmware);
    EXPECT_EQ(code_of(firmware), "firmware_missing");
}

TEST_F(FirmwareTest, an_app_for_another_chip_is_refused) {
    write("app.bin", app(9, 1000));
    expect_error("firmware_wrong_chip", "ESP32-S3");
}

TEST_F(FirmwareTest, a_chip_that_nobody_knows_is_refused) {
    args_["extra_esptool_args"]["chip"] = "esp99";
    expect_error("firmware_wrong_chip", "esp99");
}

TEST_F(FirmwareTest, a_damaged_app_is_refused) {
    Bytes bytes = app(0, 1000);
    bytes[100] ^= 1;
    write("app.bin", bytes);
    expect_error("app_image_damaged", "app.bin");
}

TEST_F(FirmwareTest, an_app_larger_than_its_partition_is_refused_with_the_numbers) {
    write("app.bin", app(0, 1'100'000));
    expect_error("firmware_does_not_fit", "1048576");
}

TEST_F(FirmwareTest, a_bootloader_that_runs_into_the_table_is_refused) {
    write("bootloader.bin", app(0, 40'000));
    expect_error("firmware_does_not_fit", "0x8000");
}

TEST_F(FirmwareTest, a_file_outside_every_partition_is_refused) {
    write("stray.bin", Bytes(10, 1));
    args_["flash_files"]["0x3f0000"] = "stray.bin";
    expect_error("firmware_does_not_fit", "0x3f0000");
}

TEST_F(FirmwareTest, files_that_share_a_sector_are_refused) {
    write("a.bin", Bytes(10, 1));
    write("b.bin", Bytes(10, 1));
    args_["flash_files"]["0x9000"] = "a.bin";
    args_["flash_files"]["0x9800"] = "b.bin";
    expect_error("firmware_overlap", "b.bin");
    args_["flash_files"].erase("0x9800");
    write("a.bin", Bytes(0x1001, 1));
    args_["flash_files"]["0xa000"] = "b.bin";
    expect_error("firmware_overlap", "shares a flash sector with a.bin");
    write("a.bin", Bytes(0x1000, 1));
    EXPECT_TRUE(load());
}

TEST_F(FirmwareTest, a_table_larger_than_the_flash_is_refused) {
    args_["flash_settings"]["flash_size"] = "1MB";
    const auto firmware = load();
    ASSERT_FALSE(firmware);
    EXPECT_EQ(firmware.error().kind, ErrorKind::config);
}

TEST_F(FirmwareTest, a_set_without_a_bootloader_is_refused) {
    args_["flash_files"].erase("0x1000");
    expect_error("firmware_no_bootloader", "0x1000");
    args_["flash_files"]["0x0"] = "bootloader.bin";
    expect_error("firmware_misplaced", "bootloader.bin");
}

TEST_F(FirmwareTest, a_set_without_an_app_at_its_partitions_start_is_refused) {
    args_["flash_files"].erase("0x10000");
    expect_error("firmware_no_app", "factory");
    args_["flash_files"]["0x20000"] = "app.bin";
    expect_error("firmware_misplaced", "app.bin");
}

TEST_F(FirmwareTest, a_header_that_tells_less_flash_than_the_table_needs_is_refused) {
    put_table(
        "factory, app, factory, 0x10000, 1M,\n"
        "storage, data, spiffs, 0x180000, 0x100000,\n");
    args_["flash_settings"]["flash_size"] = "keep";
    expect_error("firmware_flash_size", "0x280000");
}

TEST_F(FirmwareTest, a_given_size_goes_into_the_header) {
    args_["flash_settings"]["flash_size"] = "8MB";
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    const auto header = image::parse_app_image(firmware->regions[0].content());
    ASSERT_TRUE(header) << "its hash is made anew";
    EXPECT_EQ(loader::flash_size_in(*header), 8U << 20);
    EXPECT_EQ(firmware->flash_size, 8U << 20);
    EXPECT_THAT(firmware->notes, SizeIs(1));
}

TEST_F(FirmwareTest, detect_gives_each_board_a_header_with_its_own_size) {
    args_["flash_settings"]["flash_size"] = "detect";
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    EXPECT_EQ(firmware->flash_size, firmware->table->flash_size_needed());
    loader::BoardInfo board;
    board.chip = firmware->chip;
    for (const std::uint32_t size : {4U << 20, 8U << 20}) {
        board.flash_size = size;
        const auto regions = firmware->regions_for(board);
        ASSERT_TRUE(regions) << regions.error().describe();
        ASSERT_THAT(*regions, SizeIs(3));
        const auto header = image::parse_app_image((*regions)[0].content());
        ASSERT_TRUE(header);
        EXPECT_EQ(loader::flash_size_in(*header), size);
        const auto again = firmware->regions_for(board);
        EXPECT_EQ((*again)[0].content().data(), (*regions)[0].content().data()) << "made once";
    }
}

TEST_F(FirmwareTest, keep_asks_for_the_flash_that_the_header_tells) {
    args_["flash_settings"]["flash_size"] = "keep";
    image::AppImageParts parts;
    parts.flash_size_code = 4;  // 16 MB
    parts.segments = {{0x3F400020, Bytes(2000, 0x5A)}};
    write("bootloader.bin", image::build_app_image(parts));
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    EXPECT_EQ(firmware->flash_size, 16U << 20);
}

TEST_F(FirmwareTest, each_board_is_measured_by_chip_revision_and_flash) {
    image::AppImageParts parts;
    parts.min_revision = 301;
    parts.max_revision = 399;
    parts.flash_size_code = 1;
    parts.segments = {{0x3F400020, Bytes(2000, 0x5A)}};
    write("app.bin", image::build_app_image(parts));
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    loader::BoardInfo board;
    board.chip = firmware->chip;
    board.revision = 310;
    board.flash_size = 4U << 20;
    EXPECT_TRUE(check_board(*firmware, board));
    board.revision = 300;
    EXPECT_EQ(code_of(check_board(*firmware, board)), "wrong_revision");
    board.revision = 400;
    EXPECT_EQ(code_of(check_board(*firmware, board)), "wrong_revision");
    board.revision = 310;
    board.flash_size = 1U << 20;
    EXPECT_EQ(code_of(check_board(*firmware, board)), "flash_too_small");
    board.chip = loader::chip_by_key("esp32s3");
    EXPECT_EQ(code_of(check_board(*firmware, board)), "wrong_chip");

    parts.max_revision = 0xFFFF;
    parts.min_revision = 0;
    parts.max_revision = 199;
    write("bootloader.bin", image::build_app_image(parts));
    expect_error("firmware_revisions", "no chip suits both");
}

TEST_F(FirmwareTest, odd_flasher_args_are_refused) {
    for (const char* text : {"", "[]", "{}", R"({"flash_files":{"zzz":"a"}})",
                             R"({"flash_files":{"0x10000":7}})", R"({"flash_files":"x"})",
                             R"({"flash_files":{"0x8000":"table.bin"},"extra_esptool_args":3})"}) {
        ASSERT_TRUE(write_file(build() / "flasher_args.json", std::string_view(text)));
        const auto firmware = load_firmware(settings_, {});
        ASSERT_FALSE(firmware) << text;
        EXPECT_EQ(code_of(firmware), "flasher_args_damaged") << text;
    }
}

TEST_F(FirmwareTest, a_place_that_is_named_twice_is_refused) {
    args_["flash_files"]["65536"] = "bootloader.bin";
    expect_error("flasher_args_damaged", "0x10000 twice");
    // A parser of JSON takes one of the two.
    ASSERT_TRUE(write_file(
        build() / "flasher_args.json",
        std::string_view(
            R"({"flash_files":{"0x1000":"bootloader.bin","0x8000":"table.bin","0x10000":"app.bin",)"
            R"("0x10000":"bootloader.bin"},"extra_esptool_args":{"chip":"esp32"}})")));
    const auto firmware = load_firmware(settings_, {});
    ASSERT_FALSE(firmware);
    EXPECT_EQ(code_of(firmware), "flasher_args_damaged");
    EXPECT_THAT(firmware.error().message, HasSubstr("\"0x10000\" twice"));
}

TEST_F(FirmwareTest, files_from_outside_of_the_build_are_refused) {
    ASSERT_TRUE(write_file(folder_.path() / "secret", "key"));
    fs::create_symlink(folder_.path() / "secret", build() / "link.bin");
    fs::create_symlink("app.bin", build() / "inside.bin");
    for (const std::string& name : {(folder_.path() / "secret").string(), std::string("../secret"),
                                    std::string("sub/../../secret"), std::string("link.bin")}) {
        args_["flash_files"]["0x9000"] = name;
        expect_error("build_file_outside", name.c_str());
    }
    args_["flash_files"].erase("0x9000");
    args_["flash_files"]["0x8000"] = "../build/../secret";
    expect_error("build_file_outside", "../build/../secret");
    args_["flash_files"]["0x8000"] = "./no-such-folder/../table.bin";
    args_["flash_files"]["0x10000"] = "inside.bin";
    const auto firmware = load();
    EXPECT_TRUE(firmware) << firmware.error().describe();
}

TEST_F(FirmwareTest, what_is_no_file_of_firmware_is_refused) {
    fs::create_directory(build() / "folder");
    ASSERT_EQ(::mkfifo((build() / "pipe").c_str(), 0600), 0);
    ASSERT_TRUE(write_file(build() / "sparse", "x"));
    fs::resize_file(build() / "sparse", std::uintmax_t{20} << 30);
    for (const char* offset : {"0x8000", "0x9000", "0x110000"}) {
        const json before = args_;
        for (const auto& [name, code] :
             {std::pair("folder", "file_not_regular"), std::pair("pipe", "file_not_regular"),
              std::pair("sparse", "file_too_large")}) {
            args_["flash_files"][offset] = name;
            expect_error(code, name);
        }
        args_ = before;
    }
}

TEST_F(FirmwareTest, files_that_are_listed_take_the_place_of_the_builds_folder) {
    settings_.artifacts = "nowhere";
    settings_.files = {{"0x1000", "build/bootloader.bin"},
                       {"32K", "build/table.bin"},
                       {"0x10000", "build/app.bin"}};
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    ASSERT_THAT(firmware->regions, SizeIs(3));
    EXPECT_EQ(firmware->chip, loader::chip_by_key("esp32"));
    EXPECT_EQ(firmware->credentials.name, "storage");
    settings_.files.erase("0x1000");
    expect_error("firmware_missing", "firmware.files: none of the files is a bootloader");
    settings_.files["0x1000"] = "build/none.bin";
    expect_error("file_missing", "build/none.bin");
    settings_.files = {{"0x1000", "build/bootloader.bin"}, {"0x10000", "build/app.bin"}};
    expect_error("firmware_missing", "no partition table at 0x8000");
}

TEST_F(FirmwareTest, a_merged_binary_is_firmware_with_its_own_image_kept_apart) {
    const auto table = image::PartitionTable::parse_csv(table_csv).value();
    const auto& storage = *table.find("storage");
    Bytes merged(storage.offset + 0x1000, 0xFF);
    const auto place = [&](const Bytes& bytes, std::size_t offset) {
        std::ranges::copy(bytes, merged.begin() + static_cast<std::ptrdiff_t>(offset));
    };
    place(app(0, 20'000), 0x1000);
    place(table.to_binary(), 0x8000);
    place(app(0, 100'000), 0x10000);
    place(Bytes(0x1000, 0x33), storage.offset);
    write("merged.bin", merged);
    settings_.artifacts = "build/merged.bin";
    const auto firmware = load();
    ASSERT_TRUE(firmware) << firmware.error().describe();
    ASSERT_THAT(firmware->regions, SizeIs(3));
    EXPECT_EQ(firmware->regions[2].label(), "merged.bin (factory)");
    ASSERT_THAT(firmware->own_images, SizeIs(1));
    EXPECT_EQ(firmware->own_images[0].offset, storage.offset);
    EXPECT_TRUE(firmware->own_images[0].content == Bytes(0x1000, 0x33));
}

TEST_F(FirmwareTest, where_a_build_seems_to_be_is_said) {
    settings_.artifacts = "output";
    const auto firmware = load();
    ASSERT_FALSE(firmware);
    EXPECT_EQ(code_of(firmware), "firmware_missing");
    EXPECT_THAT(firmware.error().hint, HasSubstr("set firmware.artifacts = \"build\""));
}

TEST_F(FirmwareTest, a_build_that_burns_fuses_on_the_first_start_is_told) {
    EXPECT_THAT(load()->notes, IsEmpty());
    args_["app"] = {{"offset", "0x10000"}, {"file", "app.bin"}, {"encrypted", "true"}};
    EXPECT_THAT(load()->notes, testing::ElementsAre(HasSubstr("turns on flash encryption")));
    args_.erase("app");
    fs::create_directory(build() / "config");
    ASSERT_TRUE(write_file(build() / "config/sdkconfig.json",
                           R"({"SECURE_BOOT": true, "SECURE_FLASH_ENC_ENABLED": true})"));
    EXPECT_THAT(load()->notes, testing::ElementsAre(HasSubstr("turns on flash encryption"),
                                                    HasSubstr("turns on secure boot")));
    ASSERT_TRUE(write_file(build() / "config/sdkconfig.json", R"({"SECURE_BOOT": false})"));
    EXPECT_THAT(load()->notes, IsEmpty());
}

TEST_F(FirmwareTest, the_credential_partition_must_be_one_spiffs_partition) {
    EXPECT_EQ(code_of(load("nvs")), "credential_partition");
    EXPECT_EQ(code_of(load("nowhere")), "credential_partition");
    put_table("nvs, data, nvs, 0x9000, 0x6000,\nfactory, app, factory, 0x10000, 1M,\n");
    expect_error("credential_partition", "no SPIFFS partition");
    put_table(
        "nvs, data, nvs, 0x9000, 0x6000,\nfactory, app, factory, 0x10000, 1M,\n"
        "one, data, spiffs, , 0x10000,\ntwo, data, spiffs, , 0x10000,\n");
    expect_error("credential_partition", "more than one");
    EXPECT_TRUE(load("two"));
    put_table(
        "nvs, data, nvs, 0x9000, 0x6000,\nfactory, app, factory, 0x10000, 1M,\n"
        "storage, data, spiffs, , 0xF0000, encrypted\n");
    expect_error("credential_partition", "marked encrypted");
}

}  // namespace
}  // namespace imprint::prepare
