// What `board flash` writes to which board, and what it does not.
#include "flash_files/flash_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/files.h"
#include "flash_files/checks.h"
#include "image/app_image.h"

namespace imprint::flash_files {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* table_csv =
    "nvs, data, nvs, 0x9000, 0x6000,\n"
    "factory, app, factory, 0x10000, 1M,\n"
    "storage, data, spiffs, , 0xF0000,\n";

struct Image {
    std::uint16_t chip = 0;
    std::uint8_t flash_size_code = 2;  // 4 MB
    std::uint16_t least = 0;
};

class FlashSetTest : public ::testing::Test {
  protected:
    FlashSetTest() : folder_(*TemporaryDirectory::create()) {
        put("boot.bin", {});
        put("app.bin", {});
        put_bytes("table.bin", image::PartitionTable::parse_csv(table_csv).value().to_binary());
        args_ = {{"flash_settings", {{"flash_size", "keep"}}},
                 {"flash_files",
                  {{"0x1000", "boot.bin"}, {"0x8000", "table.bin"}, {"0x10000", "app.bin"}}},
                 {"extra_esptool_args", {{"chip", "esp32"}}}};
        board_.chip = loader::chip_by_key("esp32");
        board_.revision = 300;
        board_.flash_size = board_.flash_size_told = 4U << 20;
        board_.flash_id = 0x1640EF;
    }

    void put_bytes(const char* name, const Bytes& bytes) const {
        ASSERT_TRUE(write_file(folder_.path() / name, ByteView(bytes)));
    }

    void put(const char* name, const Image& wanted) const {
        image::AppImageParts parts;
        parts.chip_id = wanted.chip;
        parts.flash_size_code = wanted.flash_size_code;
        parts.min_revision = wanted.least;
        parts.segments = {{0x3F400020, Bytes(9000, 0x5A)}};
        put_bytes(name, image::build_app_image(parts));
    }

    // The regions, or an error on the way to them.
    Result<std::vector<loader::FlashData>> whole_set(const FlashWishes& wishes = {}) const {
        const auto file = folder_.path() / "flasher_args.json";
        EXPECT_TRUE(write_file(file, args_.dump()));
        IMPRINT_TRY(auto list, read_build(file));
        return fitted(std::move(list), wishes);
    }

    Result<std::vector<loader::FlashData>> pieces(std::vector<std::string> words,
                                                  const FlashWishes& wishes = {}) const {
        for (std::size_t i = 1; i < words.size(); i += 2)
            words[i] = (folder_.path() / words[i]).string();
        IMPRINT_TRY(auto list, parse_pairs(words));
        return fitted(std::move(list), wishes);
    }

    Result<std::vector<loader::FlashData>> fitted(FileList list, FlashWishes wishes) const {
        wishes.by_hand = true;
        IMPRINT_TRY(const auto set, load_flash_set(std::move(list), wishes));
        IMPRINT_CHECK(check_board(set, board_));
        return set.regions_for(board_);
    }

    static std::string outcome(const auto& result) { return result ? "" : result.error().code; }

    // What the first region's header says, and whether its hash is right.
    static image::AppImage header(const std::vector<loader::FlashData>& regions) {
        return image::parse_app_image(regions.front().content()).value();
    }

    TemporaryDirectory folder_;
    json args_;
    loader::BoardInfo board_;
};

TEST_F(FlashSetTest, a_sound_set_is_taken_as_it_is) {
    const auto regions = whole_set();
    ASSERT_TRUE(regions) << regions.error().describe();
    EXPECT_EQ(regions->size(), 3U);
    EXPECT_EQ(header(*regions).flash_size_code, 2);
}

TEST_F(FlashSetTest, another_chips_image_is_refused_wherever_it_lies) {
    put("c3.bin", {.chip = 5});
    for (const char* place : {"0x0", "0x1000", "0x10000", "0x123000"})
        EXPECT_EQ(outcome(pieces({place, "c3.bin"})), "wrong_chip") << place;
    EXPECT_EQ(outcome(pieces({"0x10000", "c3.bin"}, {.force = true})), "");
    board_.chip = loader::chip_by_key("esp32c3");
    EXPECT_EQ(outcome(pieces({"0x10000", "c3.bin"})), "");
}

TEST_F(FlashSetTest, the_chip_in_flasher_args_counts_without_a_bootloader_too) {
    put_bytes("data.bin", Bytes(5000, 1));
    args_["flash_files"] = {{"0x200000", "data.bin"}};
    args_["extra_esptool_args"]["chip"] = "esp32s3";
    EXPECT_EQ(outcome(whole_set()), "wrong_chip");
    EXPECT_EQ(outcome(whole_set({.force = true})), "");
    args_["extra_esptool_args"]["chip"] = "esp99";
    EXPECT_EQ(outcome(whole_set()), "firmware_wrong_chip");
}

TEST_F(FlashSetTest, a_revision_that_the_image_does_not_run_on_is_refused) {
    put("new.bin", {.least = 301});
    const auto refused = pieces({"0x10000", "new.bin"});
    EXPECT_EQ(outcome(refused), "wrong_revision");
    EXPECT_THAT(refused.error().describe(), HasSubstr("v3.1 and later"));
    EXPECT_EQ(outcome(pieces({"0x10000", "new.bin"}, {.force = true})), "");
    board_.revision = 301;
    EXPECT_EQ(outcome(pieces({"0x10000", "new.bin"})), "");
}

TEST_F(FlashSetTest, a_bootloader_at_another_chips_place_is_refused) {
    EXPECT_EQ(outcome(pieces({"0x0", "boot.bin"})), "firmware_misplaced");
    EXPECT_EQ(outcome(pieces({"0x2000", "boot.bin"})), "firmware_misplaced");
    EXPECT_EQ(outcome(pieces({"0x0", "boot.bin"}, {.force = true})), "");
}

TEST_F(FlashSetTest, a_set_without_an_app_is_refused_before_any_board) {
    args_["flash_files"].erase("0x10000");
    EXPECT_EQ(outcome(whole_set()), "firmware_no_app");
    args_["flash_files"]["0x20000"] = "app.bin";
    EXPECT_EQ(outcome(whole_set()), "firmware_misplaced");
    EXPECT_EQ(outcome(whole_set({.force = true})), "");
}

TEST_F(FlashSetTest, files_that_share_a_sector_are_refused) {
    put_bytes("data.bin", Bytes(5000, 1));
    EXPECT_EQ(outcome(pieces({"0x200000", "data.bin", "0x201000", "data.bin"})), "flash_overlap");
    EXPECT_EQ(outcome(pieces({"0x200800", "data.bin"})), "flash_unaligned");
    EXPECT_EQ(outcome(pieces({"0x200000", "data.bin", "0x202000", "data.bin"})), "");
    args_["flash_files"]["0x110000"] = "data.bin";
    args_["flash_files"]["0x111000"] = "data.bin";
    EXPECT_EQ(outcome(whole_set()), "firmware_overlap");
    EXPECT_EQ(outcome(whole_set({.force = true})), "firmware_overlap") << "one would be erased";
    put_bytes("data.bin", {});
    EXPECT_EQ(outcome(pieces({"0x200000", "data.bin"})), "file_empty");
    EXPECT_EQ(outcome(whole_set()), "firmware_missing");
}

TEST_F(FlashSetTest, a_file_outside_every_partition_is_refused_in_a_whole_set) {
    put_bytes("data.bin", Bytes(5000, 1));
    EXPECT_EQ(outcome(pieces({"0x300000", "data.bin"})), "");
    args_["flash_files"]["0x300000"] = "data.bin";
    EXPECT_EQ(outcome(whole_set()), "firmware_does_not_fit");
    EXPECT_EQ(outcome(whole_set({.force = true})), "");
}

TEST_F(FlashSetTest, images_that_no_revision_suits_are_refused_before_any_board) {
    put("app.bin", {.least = 301});
    image::AppImageParts parts;
    parts.flash_size_code = 2;
    parts.max_revision = 300;
    parts.segments = {{0x3F400020, Bytes(9000, 0x5A)}};
    put_bytes("boot.bin", image::build_app_image(parts));
    EXPECT_EQ(outcome(whole_set()), "firmware_revisions");
}

TEST_F(FlashSetTest, a_header_that_tells_more_flash_than_there_is_is_refused) {
    board_.flash_size = 2U << 20;
    const auto refused = whole_set();
    EXPECT_EQ(outcome(refused), "flash_too_small");
    EXPECT_THAT(refused.error().describe(), HasSubstr("--flash-size detect"));
    EXPECT_EQ(outcome(pieces({"0x1000", "boot.bin"})), "flash_too_small");
    board_.flash_size = 1U << 20;
    args_["flash_settings"]["flash_size"] = "detect";
    const auto hopeless = whole_set();
    EXPECT_EQ(outcome(hopeless), "flash_too_small");
    EXPECT_THAT(hopeless.error().describe(), HasSubstr("smaller partition table"));
    args_["flash_settings"]["flash_size"] = "keep";
    put("boot.bin", {.flash_size_code = 0});
    board_.flash_size = 4U << 20;
    EXPECT_EQ(outcome(whole_set()), "firmware_flash_size") << "less than the table needs";
}

TEST_F(FlashSetTest, detect_writes_each_boards_own_size_and_the_hash_anew) {
    for (const bool by_option : {true, false}) {
        args_["flash_settings"]["flash_size"] = by_option ? "16MB" : "detect";
        FlashWishes wishes;
        if (by_option) wishes.size = parse_header_flash_size("detect");
        for (const auto& [size, code] : {std::pair(4U, 2), std::pair(8U, 3), std::pair(2U, 1)}) {
            board_.flash_size = size << 20;
            const auto regions = whole_set(wishes);
            ASSERT_TRUE(regions) << regions.error().describe();
            EXPECT_EQ(header(*regions).flash_size_code, code);
        }
        board_.flash_size = 0;
        EXPECT_EQ(header(whole_set(wishes).value()).flash_size_code, 2) << "esptool's 4 MB";
    }
}

TEST_F(FlashSetTest, a_size_that_is_given_is_written_and_keep_keeps) {
    board_.flash_size = 16U << 20;
    args_["flash_settings"]["flash_size"] = "16MB";
    EXPECT_EQ(header(whole_set().value()).flash_size_code, 4);
    FlashWishes keep;
    keep.size = parse_header_flash_size("keep");
    EXPECT_EQ(header(whole_set(keep).value()).flash_size_code, 2);
}

TEST_F(FlashSetTest, secure_boot_takes_no_header_that_was_changed) {
    board_.security.secure_boot = true;
    EXPECT_EQ(outcome(whole_set()), "");
    args_["flash_settings"]["flash_size"] = "detect";
    EXPECT_EQ(outcome(whole_set()), "") << "it says so already";
    board_.flash_size = 8U << 20;
    EXPECT_EQ(outcome(whole_set()), "chip_secured");
    EXPECT_EQ(outcome(whole_set({.force = true})), "chip_secured") << "never past its security";
}

}  // namespace
}  // namespace imprint::flash_files
