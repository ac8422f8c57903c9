// What `board flash` writes to which board, and what it does not.
#include "flash_files/flash_set.h"

#include <algorithm>
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

    // boot.bin, table.bin and app.bin in one file, as esptool's merge-bin makes it for 0x0.
    void put_merged(const Image& wanted) {
        put("boot.bin", wanted);
        put("app.bin", {.chip = wanted.chip, .least = wanted.least});
        merged_.assign(0x10000, 0xFF);
        const auto place = [this](const char* name, std::size_t at) {
            const Bytes bytes = read_file(folder_.path() / name).value();
            merged_.resize(std::max(merged_.size(), at + bytes.size()), 0xFF);
            std::ranges::copy(bytes, merged_.begin() + static_cast<std::ptrdiff_t>(at));
        };
        place("boot.bin", wanted.chip == 0 ? 0x1000 : 0);
        place("table.bin", 0x8000);
        place("app.bin", 0x10000);
        put_bytes("merged.bin", merged_);
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
    Bytes merged_;
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

// What a build's list gets is checked of a merged binary that is named by its address, too.
TEST_F(FlashSetTest, a_merged_binary_by_address_is_looked_into_like_a_build) {
    put_merged({});
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"})), "");
    board_.flash_size = 2U << 20;
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"})), "flash_too_small");
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"}, {.force = true})), "");
    board_.flash_size = 4U << 20;
    put_merged({.flash_size_code = 0});
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"})), "firmware_flash_size");
    put_merged({.flash_size_code = 4});
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"})), "flash_too_small");
    put_merged({.least = 301});
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"})), "wrong_revision");
    put_merged({.chip = 5});
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"})), "wrong_chip");
}

TEST_F(FlashSetTest, an_app_in_a_merged_binary_has_to_be_whole_and_in_its_place) {
    const auto written = [this](std::size_t at, const Bytes& bytes) {
        Bytes flash = merged_;
        flash.resize(std::max(flash.size(), at + bytes.size()), 0xFF);
        std::ranges::copy(bytes, flash.begin() + static_cast<std::ptrdiff_t>(at));
        put_bytes("merged.bin", flash);
        return pieces({"0x0", "merged.bin"});
    };
    put_merged({});
    const auto damaged = written(0x10100, Bytes(8, 0));
    ASSERT_EQ(outcome(damaged), "app_image_damaged");
    EXPECT_THAT(damaged.error().describe(), HasSubstr("merged.bin for 0x10000"));
    EXPECT_EQ(outcome(written(0x10000, Bytes(12000, 0xFF))), "")
        << "no app is in it: it may be there";
    image::AppImageParts large;
    large.segments = {{0x3F400020, Bytes(1U << 20, 0x5A)}};
    EXPECT_EQ(outcome(written(0x10000, image::build_app_image(large))), "firmware_does_not_fit");
    large.segments = {{0x3FFF0018, Bytes(0x7000, 0x5A)}};
    put_bytes("boot.bin", image::build_app_image(large));
    EXPECT_EQ(outcome(pieces({"0x1000", "boot.bin", "0x9000", "table.bin"})), "")
        << "its table was moved";
}

TEST_F(FlashSetTest, the_header_of_a_bootloader_in_a_merged_binary_is_fitted) {
    put_merged({});
    FlashWishes wishes;
    wishes.size = parse_header_flash_size("detect");
    board_.flash_size = 16U << 20;
    const auto regions = pieces({"0x0", "merged.bin"}, wishes);
    ASSERT_TRUE(regions) << regions.error().describe();
    ASSERT_EQ(regions->size(), 1U);
    const ByteView written = regions->front().content();
    EXPECT_EQ(image::parse_app_image(written.subspan(0x1000)).value().flash_size_code, 4);
    EXPECT_EQ(written.size(), round_up(merged_.size(), 0x1000));
    Bytes same(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(merged_.size()));
    same[0x1003] = merged_[0x1003];
    const auto hash = static_cast<std::ptrdiff_t>(
        0x1000 + image::parse_app_image(written.subspan(0x1000)).value().image_size - 32);
    std::copy_n(merged_.begin() + hash, 32, same.begin() + hash);
    EXPECT_EQ(same, merged_) << "nothing else of it";
    board_.security.secure_boot = true;
    EXPECT_EQ(outcome(pieces({"0x0", "merged.bin"}, wishes)), "chip_secured");
}

TEST_F(FlashSetTest, a_table_that_asks_for_more_flash_than_there_is_is_refused) {
    board_.flash_size = 2U << 20;
    put_bytes(
        "table.bin",
        image::PartitionTable::parse_csv("app, app, factory, 0x10000, 3M,\n").value().to_binary());
    EXPECT_EQ(outcome(pieces({"0x8000", "table.bin"})), "flash_too_small");
    EXPECT_EQ(outcome(pieces({"0x8000", "table.bin"}, {.force = true})), "");
    board_.flash_size = 4U << 20;
    EXPECT_EQ(outcome(pieces({"0x8000", "table.bin"})), "");
    EXPECT_EQ(outcome(pieces({"0x8000", "table.bin", "0x20000", "app.bin"})), "firmware_misplaced");
}

TEST_F(FlashSetTest, an_image_for_the_esp8266_is_refused) {
    Bytes image{0xE9, 1, 0, 0};
    append_u32(image, 0x40100004);
    append_u32(image, 0x40100000);
    append_u32(image, 32);
    append(image, Bytes(32, 0x5B));
    image.resize(round_up(image.size() + 1, 16), 0);
    image.back() = 0xEF;
    put_bytes("8266.bin", image);
    for (const char* place : {"0x0", "0x1000", "0x10000"}) {
        const auto refused = pieces({place, "8266.bin"});
        ASSERT_FALSE(refused) << place;
        EXPECT_EQ(refused.error().code, "firmware_wrong_chip");
        EXPECT_EQ(refused.error().kind, ErrorKind::config) << "before the first board";
        EXPECT_THAT(refused.error().describe(), HasSubstr("8266.bin"));
    }
    EXPECT_EQ(outcome(pieces({"0x0", "8266.bin"}, {.force = true})), "");
    args_["flash_files"]["0x110000"] = "8266.bin";
    EXPECT_EQ(outcome(whole_set()), "firmware_wrong_chip");
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
