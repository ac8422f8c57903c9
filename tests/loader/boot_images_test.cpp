#include "loader/boot_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"

namespace imprint::loader {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint16_t esp32 = 0;
constexpr std::uint16_t esp32c3 = 5;
constexpr std::uint16_t esp32s3 = 9;

constexpr const char* ota_table =
    "otadata, data, ota, 0xe000, 0x2000,\n"
    "factory, app, factory, 0x10000, 0x20000,\n"
    "ota_0, app, ota_0, 0x30000, 0x20000,\n"
    "ota_1, app, ota_1, 0x50000, 0x20000,\n";

image::PartitionTable table(const char* csv) {
    return image::PartitionTable::parse_csv(csv).value();
}

struct Asked {
    std::uint16_t least = 0;
    std::uint16_t most = 0xFFFF;
    std::uint8_t byte = 0;
};

Bytes an_image(std::uint16_t chip, const Asked& revisions = {}) {
    image::AppImageParts parts;
    parts.chip_id = chip;
    parts.min_revision = revisions.least;
    parts.max_revision = revisions.most;
    parts.min_revision_byte = revisions.byte;
    parts.segments = {{0x3F400020, Bytes(2000, 0x5A)}};
    return image::build_app_image(parts);
}

std::vector<std::uint32_t> places(const std::vector<BootImage>& images) {
    std::vector<std::uint32_t> all;
    for (const BootImage& one : images)
        all.push_back(one.offset);
    return all;
}

// Bootloader, table and app in one file, as esptool's merge_bin makes it; it begins at `from`.
Bytes merged(std::uint32_t from, std::uint32_t bootloader, std::uint16_t chip) {
    Bytes flash(0x10000, 0xFF);
    const auto put = [&](std::uint32_t at, const Bytes& bytes) {
        std::ranges::copy(bytes, flash.begin() + at);
    };
    put(bootloader, an_image(chip));
    put(0x8000, table(ota_table).to_binary());
    append(flash, an_image(chip));
    return {flash.begin() + from, flash.end()};
}

std::string outcome(const Result<void>& result) {
    return result ? "" : result.error().code;
}

TEST(BootImages, are_found_wherever_they_lie) {
    EXPECT_THAT(places(find_images("app.bin", 0x20000, an_image(esp32))), ElementsAre(0x20000U));
    EXPECT_THAT(places(find_images("m", 0, merged(0, 0x1000, esp32))),
                ElementsAre(0x1000U, 0x10000U));
    EXPECT_THAT(places(find_images("m", 0x1000, merged(0x1000, 0x1000, esp32))),
                ElementsAre(0x1000U, 0x10000U));
    EXPECT_THAT(places(find_images("m", 0, merged(0, 0, esp32s3))), ElementsAre(0U, 0x10000U));
    EXPECT_THAT(find_images("data", 0x200000, Bytes(9000, 0xE9)), IsEmpty());
}

TEST(BootImages, of_another_chip_are_told_with_their_file_and_place) {
    const auto images = find_images("merged.bin", 0, merged(0, 0x1000, esp32c3));
    EXPECT_EQ(chip_fault(images, *chip_by_key("esp32c3")), std::nullopt);
    EXPECT_THAT(chip_fault(images, *chip_by_key("esp32")).value(),
                HasSubstr("merged.bin (0x1000) is for the ESP32-C3, not for the ESP32"));
}

// esptool's rule for which fields of a header count.
TEST(BootImages, ask_for_revisions_by_the_newer_fields_or_the_older_byte) {
    const auto asks = [](std::uint16_t chip, const Asked& asked) {
        return to_string(revisions_of(image::parse_app_image(an_image(chip, asked)).value()));
    };
    EXPECT_EQ(asks(esp32, {}), "any");
    EXPECT_EQ(asks(esp32, {.least = 301}), "v3.1 and later");
    EXPECT_EQ(asks(esp32, {.least = 100, .most = 399}), "v1.0 to v3.99");
    EXPECT_EQ(asks(esp32, {.most = 0, .byte = 3}), "v3.0 and later") << "up to ESP-IDF 4.4";
    EXPECT_EQ(asks(esp32c3, {.most = 0, .byte = 3}), "v0.3 and later") << "its minor";
    EXPECT_EQ(asks(esp32, {.byte = 1}), "v1.0 and later") << "the newer fields say nothing";
    EXPECT_EQ(asks(esp32, {.least = 301, .byte = 1}), "v3.1 and later");
    EXPECT_EQ(asks(esp32, {.most = 199, .byte = 3}), "v0.0 to v1.99");
}

TEST(BootImages, of_another_revision_are_told) {
    const auto images =
        find_images("app.bin", 0x10000, an_image(esp32, {.least = 301, .most = 399}));
    EXPECT_EQ(revision_fault(images, 301), std::nullopt);
    EXPECT_EQ(revision_fault(images, 399), std::nullopt);
    EXPECT_THAT(revision_fault(images, 300).value(), HasSubstr("v3.1 to v3.99"));
    EXPECT_THAT(revision_fault(images, 400).value(), HasSubstr("the board's is v4.0"));
    EXPECT_EQ(revisions_apart(images), std::nullopt);
    auto both = images;
    both.push_back(find_images("boot.bin", 0x1000, an_image(esp32, {.most = 199})).front());
    EXPECT_THAT(revisions_apart(both).value(), HasSubstr("no chip suits both"));
}

TEST(BootImages, want_a_bootloader_where_their_chip_looks_for_one) {
    const Chip& chip = *chip_by_key("esp32");
    EXPECT_EQ(outcome(check_bootloader(find_images("b", 0x1000, an_image(esp32)), chip)), "");
    EXPECT_EQ(outcome(check_bootloader(find_images("b", 0x0, an_image(esp32)), chip)),
              "firmware_misplaced");
    EXPECT_EQ(outcome(check_bootloader(find_images("a", 0x10000, an_image(esp32)), chip)),
              "firmware_no_bootloader");
}

TEST(BootImages, begin_with_their_partition_and_end_in_it) {
    const auto check = [](std::uint32_t offset, std::uint32_t table_offset, const char* csv) {
        return outcome(check_places(find_images("x.bin", offset, an_image(esp32)),
                                    {table_offset, table(csv)}));
    };
    EXPECT_EQ(check(0x10000, 0x8000, ota_table), "");
    EXPECT_EQ(check(0x18000, 0x8000, ota_table), "firmware_misplaced");
    EXPECT_EQ(check(0x10000, 0x8000, "a, app, factory, 0x10000, 0x10000\n"), "");
    EXPECT_EQ(check(0x7F00, 0x8000, ota_table), "firmware_does_not_fit");
    EXPECT_EQ(check(0x7F00, 0xC000, ota_table), "");
}

TEST(BootImages, want_an_app_at_the_beginning_of_what_is_started_first) {
    const auto at = [](std::uint32_t offset) {
        return find_images("app.bin", offset, an_image(esp32));
    };
    const auto check = [](const std::vector<BootImage>& images, const char* csv,
                          std::vector<FlashData> regions = {}) {
        return outcome(check_apps(images, table(csv), regions));
    };
    EXPECT_EQ(check(at(0x10000), ota_table), "");
    EXPECT_EQ(check(at(0x30000), ota_table), "") << "the bootloader falls back to the first slot";
    EXPECT_EQ(check(at(0x50000), ota_table), "firmware_no_app");
    EXPECT_EQ(check({}, ota_table), "firmware_no_app");
    EXPECT_EQ(check(at(0x10000), "nvs, data, nvs, 0x9000, 0x6000,\n"), "firmware_no_app");

    // OTA data that chooses the second slot.
    Bytes chosen(0x2000, 0xFF);
    put_u32(chosen, 0, 2);
    put_u32(chosen, 28, crc32(ByteView(chosen).first(4), 0xFFFFFFFF));
    const FlashData otadata("ota_data.bin", 0xE000, chosen);
    EXPECT_EQ(check(at(0x50000), ota_table, {otadata}), "");
    EXPECT_EQ(check(at(0x30000), ota_table, {otadata}), "firmware_no_app");
    EXPECT_EQ(check(at(0x50000), ota_table, {{"ota_data.bin", 0xE000, Bytes(0x2000, 0xFF)}}),
              "firmware_no_app");
}

}  // namespace
}  // namespace imprint::loader
