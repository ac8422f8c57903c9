#include "image/app_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/error_code.h"

namespace imprint::image {
namespace {

using ::testing::HasSubstr;

AppDescription sample_description() {
    AppDescription description;
    description.project = "thermometer";
    description.version = "v1.2.3-4-gabcdef0";
    description.idf_version = "v5.5.1";
    description.build_date = "Jul 14 2026";
    description.build_time = "09:30:00";
    description.elf_sha256 = Bytes(32, 0x5A);
    description.secure_version = 7;
    return description;
}

AppImageParts sample_parts() {
    AppImageParts parts;
    parts.chip_id = 9;
    parts.flash_size_code = 3;
    parts.flash_frequency_code = 0xF;
    parts.entry = 0x40375B88;
    Bytes first = build_app_description(sample_description());
    append(first, as_bytes("read-only data"));  // 270 bytes: padded by 2
    parts.segments = {{0x3C020020, first}, {0x3FC92000, Bytes(16, 0x11)}, {0x40374000, {}}};
    return parts;
}

void expect_damaged(const Bytes& bytes, const std::string& words) {
    const auto image = parse_app_image(bytes);
    ASSERT_FALSE(image) << words;
    EXPECT_EQ(image.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(image), "app_image_damaged");
    EXPECT_THAT(image.error().message, HasSubstr(words));
}

TEST(AppImage, reads_what_was_built) {
    const Bytes bytes = build_app_image(sample_parts());
    const auto image = parse_app_image(bytes);
    ASSERT_TRUE(image) << image.error().describe();
    EXPECT_EQ(image->chip_id, 9);
    EXPECT_EQ(image->flash_mode, 2);
    EXPECT_EQ(image->flash_size_code, 3);
    EXPECT_EQ(image->flash_frequency_code, 0xF);
    EXPECT_EQ(image->entry, 0x40375B88U);
    EXPECT_EQ(image->min_revision, 0);
    EXPECT_EQ(image->max_revision, 0xFFFF);
    EXPECT_TRUE(image->hash_appended);
    EXPECT_EQ(image->image_size, bytes.size());
    ASSERT_EQ(image->segments.size(), 3U);
    EXPECT_EQ(image->segments[0].load_address, 0x3C020020U);
    EXPECT_EQ(image->segments[0].file_offset, 32U);
    EXPECT_EQ(image->segments[0].size, 272U);
    EXPECT_EQ(image->segments[1].file_offset, 32U + 272 + 8);
    EXPECT_EQ(image->segments[2].size, 0U);
    EXPECT_EQ(to_hex(image->sha256), to_hex(sha256(ByteView(bytes).first(bytes.size() - 32))));
    ASSERT_TRUE(image->description);
    EXPECT_EQ(image->description->project, "thermometer");
    EXPECT_EQ(image->description->version, "v1.2.3-4-gabcdef0");
    EXPECT_EQ(image->description->idf_version, "v5.5.1");
    EXPECT_EQ(image->description->build_date, "Jul 14 2026");
    EXPECT_EQ(image->description->build_time, "09:30:00");
    EXPECT_EQ(image->description->secure_version, 7U);
    EXPECT_EQ(to_hex(image->description->elf_sha256), to_hex(Bytes(32, 0x5A)));
    EXPECT_FALSE(image->bootloader);
}

TEST(AppImage, what_follows_it_is_no_part_of_it) {
    Bytes bytes = build_app_image(sample_parts());
    const std::size_t size = bytes.size();
    bytes.resize(size + 4096, 0xFF);
    const auto image = parse_app_image(bytes);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->image_size, size);
}

TEST(AppImage, every_flipped_bit_is_noticed) {
    const Bytes good = build_app_image(sample_parts());
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes bytes = good;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const auto image = parse_app_image(bytes);
        // Without its hash-appended byte an image claims no hash; the bootloader then checks none.
        if (bit / 8 == 23) continue;
        EXPECT_FALSE(image) << "bit " << bit;
    }
}

TEST(AppImage, every_cut_is_noticed) {
    const Bytes good = build_app_image(sample_parts());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_app_image(ByteView(good).first(size))) << size;
}

TEST(AppImage, without_a_hash_the_checksum_stands_alone) {
    AppImageParts parts = sample_parts();
    parts.append_hash = false;
    const Bytes bytes = build_app_image(parts);
    const auto image = parse_app_image(bytes);
    ASSERT_TRUE(image);
    EXPECT_FALSE(image->hash_appended);
    EXPECT_TRUE(image->sha256.empty());
    EXPECT_EQ(bytes.size() % 16, 0U);
    EXPECT_EQ(image->image_size, bytes.size());
}

TEST(AppImage, the_checksum_has_a_block_of_its_own_where_segments_end_on_16_bytes) {
    AppImageParts parts;
    parts.append_hash = false;
    parts.segments = {{0x40080000, Bytes(16, 0x22)}};  // 24 + 8 + 16 = 48
    EXPECT_EQ(build_app_image(parts).size(), 64U);
    EXPECT_TRUE(parse_app_image(build_app_image(parts)));
}

TEST(AppImage, damage_is_told_with_its_numbers) {
    const Bytes good = build_app_image(sample_parts());
    expect_damaged({}, "0 bytes are too few");
    Bytes bytes = good;
    bytes[0] = 0xFF;
    expect_damaged(bytes, "starts with 0xE9, this with 0xFF");
    bytes = good;
    bytes[1] = 0;
    expect_damaged(bytes, "0 segments; 1 to 16");
    bytes[1] = 17;
    expect_damaged(bytes, "17 segments");
    bytes = good;
    put_u32(bytes, 28, 0x01000000);
    expect_damaged(bytes, "segment 0 says that it has 0x1000000 bytes");
    put_u32(bytes, 28, 0x111);
    expect_damaged(bytes, "no multiple of 4");
    put_u32(bytes, 28, 0x10000);
    expect_damaged(bytes, "segment 0 needs 0x10000 bytes from 0x20");
    bytes = good;
    bytes[100] ^= 1;
    expect_damaged(bytes, "checksum");
    bytes = good;
    bytes[4] ^= 1;
    expect_damaged(bytes, "SHA-256");
}

TEST(AppImage, a_bootloader_says_what_it_was_built_with) {
    Bytes first(80, 0);
    first[0] = 80;
    put_u32(first, 4, 3);
    std::ranges::copy(as_bytes("v5.5.1"), first.begin() + 8);
    std::ranges::copy(as_bytes("Jul 14 2026 09:30:00"), first.begin() + 40);
    AppImageParts parts;
    parts.segments = {{0x3FFF0030, first}};
    const auto image = parse_app_image(build_app_image(parts));
    ASSERT_TRUE(image);
    EXPECT_FALSE(image->description);
    ASSERT_TRUE(image->bootloader);
    EXPECT_EQ(image->bootloader->version, 3U);
    EXPECT_EQ(image->bootloader->idf_version, "v5.5.1");
    EXPECT_EQ(image->bootloader->build_time, "Jul 14 2026 09:30:00");
}

// CONFIG_APP_REPRODUCIBLE_BUILD leaves the time empty.
TEST(AppImage, a_bootloader_of_a_reproducible_build_is_one) {
    Bytes first(80, 0);
    first[0] = 80;
    std::ranges::copy(as_bytes("v6.1-beta1-497-g14f663f003e"), first.begin() + 8);
    AppImageParts parts;
    parts.segments = {{0x3FFF0030, first}};
    const auto image = parse_app_image(build_app_image(parts));
    ASSERT_TRUE(image);
    ASSERT_TRUE(image->bootloader);
    EXPECT_EQ(image->bootloader->idf_version, "v6.1-beta1-497-g14f663f003e");
    EXPECT_EQ(image->bootloader->build_time, "");
    first[8] = 0;
    parts.segments = {{0x3FFF0030, first}};
    EXPECT_FALSE(parse_app_image(build_app_image(parts)).value().bootloader);
}

TEST(AppImage, a_segment_that_happens_to_start_with_80_is_no_bootloader) {
    AppImageParts parts;
    parts.segments = {{0x3FFF0030, Bytes(80, 80)}, {0x40080000, Bytes(4, 0)}};
    EXPECT_TRUE(parse_app_image(build_app_image(parts)).value().bootloader);
    parts.segments[0].second.assign(80, 0x01);
    parts.segments[0].second[0] = 80;
    EXPECT_FALSE(parse_app_image(build_app_image(parts)).value().bootloader);
}

TEST(AppImage, a_text_too_long_for_its_field_is_cut_with_its_nul) {
    AppDescription description = sample_description();
    description.project = std::string(40, 'p');
    AppImageParts parts;
    parts.segments = {{0x3C020020, build_app_description(description)}};
    const auto image = parse_app_image(build_app_image(parts));
    ASSERT_TRUE(image);
    EXPECT_EQ(image->description.value().project, std::string(31, 'p'));
    EXPECT_EQ(image->description->version, description.version);
}

}  // namespace
}  // namespace imprint::image
