#include "loader/bootloader_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/app_image.h"

namespace imprint::loader {
namespace {

using ::testing::HasSubstr;

const Chip& chip(std::string_view key) {
    return *chip_by_key(key);
}

Bytes bootloader(const Chip& chip, bool hash = true) {
    image::AppImageParts parts;
    parts.chip_id = chip.id;
    parts.append_hash = hash;
    Bytes code(300);
    for (std::size_t i = 0; i < code.size(); ++i)
        code[i] = static_cast<std::uint8_t>(i * 7);
    parts.segments.emplace_back(0x3FFF0030, code);
    parts.segments.emplace_back(0x40080400, Bytes(64, 0x5A));
    return image::build_app_image(parts);
}

FlashParameters all(std::string mode, std::string frequency, std::uint32_t size) {
    return {std::move(mode), std::move(frequency), size};
}

void expect_error(const Result<Bytes>& result, std::string_view code, std::string_view says) {
    ASSERT_FALSE(result) << code;
    EXPECT_EQ(code_of(result), code);
    EXPECT_EQ(result.error().kind, ErrorKind::config);
    EXPECT_THAT(result.error().describe(), HasSubstr(std::string(says)));
}

TEST(BootloaderHeader, takes_every_chips_frequencies_and_stays_valid) {
    for (const Chip& one : chips()) {
        ASSERT_FALSE(one.flash_frequencies.empty()) << one.name;
        for (const bool hash : {true, false}) {
            const Bytes image = bootloader(one, hash);
            for (const FlashFrequency& frequency : one.flash_frequencies) {
                const auto changed =
                    with_flash_parameters(one, one.bootloader_offset, image,
                                          all("qout", std::string(frequency.name), 16U << 20));
                ASSERT_TRUE(changed) << one.name << changed.error().describe();
                const auto parsed = image::parse_app_image(*changed);
                ASSERT_TRUE(parsed) << one.name << parsed.error().describe();
                EXPECT_EQ(parsed->flash_mode, 1);
                EXPECT_EQ(parsed->flash_size_code, 4);
                EXPECT_EQ(parsed->flash_frequency_code, frequency.code);
                EXPECT_EQ(parsed->hash_appended, hash);
                EXPECT_EQ(changed->size(), image.size());
            }
        }
    }
}

TEST(BootloaderHeader, changes_nothing_but_the_two_bytes_and_the_hash) {
    const Chip& esp32 = chip("esp32");
    Bytes image = bootloader(esp32);
    const std::size_t end = image.size();
    append(image, Bytes{0xFF, 1, 2, 3});  // a padded file, or the rest of a merged one
    const auto changed =
        with_flash_parameters(esp32, 0x1000, image, all("dout", "26m", 2U << 20)).value();
    EXPECT_EQ(changed[2], 3);
    EXPECT_EQ(changed[3], 0x11);
    for (std::size_t i = 0; i < image.size(); ++i) {
        const bool in_hash = i >= end - 32 && i < end;
        if (i == 2 || i == 3 || in_hash) continue;
        EXPECT_EQ(changed[i], image[i]) << i;
    }
    EXPECT_FALSE(std::equal(image.begin() + static_cast<std::ptrdiff_t>(end - 32),
                            image.begin() + static_cast<std::ptrdiff_t>(end),
                            changed.begin() + static_cast<std::ptrdiff_t>(end - 32)));
}

TEST(BootloaderHeader, keeps_what_is_not_asked_for) {
    const Chip& c3 = chip("esp32c3");
    const Bytes image = bootloader(c3);
    EXPECT_EQ(with_flash_parameters(c3, 0, image, {}).value(), image);
    const Bytes sized = with_flash_parameters(c3, 0, image, {{}, {}, 8U << 20}).value();
    EXPECT_EQ(sized[2], image[2]);
    EXPECT_EQ(sized[3], 0x30 | (image[3] & 0x0F));
    const Bytes fast = with_flash_parameters(c3, 0, sized, {{}, "80m", {}}).value();
    EXPECT_EQ(fast[3], 0x3F);
}

TEST(BootloaderHeader, a_frequency_that_the_chip_has_not_is_refused_with_those_that_it_has) {
    const Chip& h2 = chip("esp32h2");
    expect_error(with_flash_parameters(h2, 0, bootloader(h2), {{}, "80m", {}}), "flash_parameters",
                 "48m, 24m, 16m, 12m");
    const Chip& c6 = chip("esp32c6");
    expect_error(with_flash_parameters(c6, 0, bootloader(c6), {{}, "26m", {}}), "flash_parameters",
                 "80m, 40m, 20m");
}

TEST(BootloaderHeader, modes_and_sizes_that_there_are_not_are_refused) {
    const Chip& s3 = chip("esp32s3");
    const Bytes image = bootloader(s3);
    expect_error(with_flash_parameters(s3, 0, image, {"opi", {}, {}}), "flash_parameters", "dout");
    for (const std::uint32_t size : {0U, 1U << 19, 3U << 20, 1U << 28})
        expect_error(with_flash_parameters(s3, 0, image, {{}, {}, size}), "flash_parameters",
                     "128 MB");
}

TEST(BootloaderHeader, only_a_valid_image_at_the_bootloaders_offset_is_touched) {
    const Chip& p4 = chip("esp32p4");
    const Bytes image = bootloader(p4);
    const FlashParameters wanted = all("dio", "40m", 4U << 20);
    ASSERT_TRUE(with_flash_parameters(p4, 0x2000, image, wanted));
    expect_error(with_flash_parameters(p4, 0x10000, image, wanted), "not_a_bootloader", "0x2000");
    expect_error(with_flash_parameters(p4, 0x2000, bootloader(chip("esp32c5")), wanted),
                 "not_a_bootloader", "ESP32-C5");
    Bytes damaged = image;
    damaged[100] ^= 1;
    expect_error(with_flash_parameters(p4, 0x2000, damaged, wanted), "app_image_damaged", "");
    expect_error(with_flash_parameters(p4, 0x2000, Bytes(5000, 0xE9), wanted), "app_image_damaged",
                 "");
    expect_error(with_flash_parameters(p4, 0x2000, {}, wanted), "app_image_damaged", "");
}

TEST(BootloaderHeader, a_signed_one_is_left_alone) {
    const Chip& s3 = chip("esp32s3");
    Bytes image = bootloader(s3);
    image.resize(0x1000, 0xFF);
    image.resize(0x2000, 0xE7);
    expect_error(with_flash_parameters(s3, 0, image, {"dio", {}, {}}), "bootloader_signed",
                 "signature");
}

}  // namespace
}  // namespace imprint::loader
