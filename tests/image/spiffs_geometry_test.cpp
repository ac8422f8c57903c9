#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/spiffs.h"

namespace imprint::image::spiffs {
namespace {

using ::testing::HasSubstr;

Geometry with(auto change) {
    Geometry geometry;
    geometry.image_size = 0x10000;
    change(geometry);
    return geometry;
}

void expect_refused(const Geometry& geometry, const std::string& words) {
    const auto result = check(geometry);
    ASSERT_FALSE(result) << words;
    EXPECT_EQ(result.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(result), "spiffs_geometry");
    EXPECT_THAT(result.error().message, HasSubstr(words));
    // What cannot be mounted is neither built nor read.
    EXPECT_EQ(code_of(build(geometry, {}, Use::read_only)), "spiffs_geometry");
    EXPECT_EQ(code_of(read({}, geometry)), "spiffs_geometry");
}

TEST(SpiffsGeometry, the_default_of_esp_idf_is_fine) {
    EXPECT_TRUE(check(with([](Geometry&) {})));
}

TEST(SpiffsGeometry, the_image_is_a_whole_number_of_blocks) {
    expect_refused(with([](Geometry& g) { g.image_size = 0; }), "0 (0x0) bytes");
    expect_refused(with([](Geometry& g) { g.image_size = 65000; }), "65000");
    expect_refused(with([](Geometry& g) {
                       g.image_size = 0x11000;
                       g.block_size = 8192;
                   }),
                   "blocks of 8192");
}

TEST(SpiffsGeometry, a_page_is_a_multiple_of_flashs_own) {
    expect_refused(with([](Geometry& g) { g.page_size = 0; }), "a SPIFFS page of 0 bytes");
    expect_refused(with([](Geometry& g) { g.page_size = 128; }), "128");
    expect_refused(with([](Geometry& g) { g.page_size = 300; }), "300");
}

TEST(SpiffsGeometry, a_block_is_whole_sectors_and_whole_pages) {
    expect_refused(with([](Geometry& g) { g.block_size = 0; }), "a SPIFFS block of 0 bytes");
    expect_refused(with([](Geometry& g) { g.block_size = 2048; }), "sector");
    expect_refused(with([](Geometry& g) { g.page_size = 768; }), "whole number of pages of 768");
    expect_refused(with([](Geometry& g) { g.page_size = 4096; }), "no page beside its lookup");
    EXPECT_TRUE(check(with([](Geometry& g) {
        g.image_size = 12288 * 4;
        g.block_size = 12288;
        g.page_size = 768;
    })));
}

TEST(SpiffsGeometry, an_image_of_more_pages_than_16_bits_can_name_is_refused) {
    EXPECT_TRUE(check(with([](Geometry& g) { g.image_size = 0xFFF000; })));
    expect_refused(with([](Geometry& g) { g.image_size = 0x1000000; }), "65536 pages of 256");
    const auto refused = check(with([](Geometry& g) { g.image_size = 0x1000000; }));
    EXPECT_THAT(refused.error().hint, HasSubstr("0xFFF000"));
    EXPECT_TRUE(check(with([](Geometry& g) {
        g.image_size = 0x1000000;
        g.page_size = 512;
    })));
    expect_refused(with([](Geometry& g) { g.image_size = 0xFFFFF000; }), "pages");
}

TEST(SpiffsGeometry, a_block_whose_entries_leave_no_room_for_the_magic_is_refused) {
    const auto block = [](std::uint32_t size, bool magic) {
        return with([&](Geometry& g) {
            g.image_size = size * 8;
            g.block_size = size;
            g.use_magic = magic;
        });
    };
    EXPECT_TRUE(check(block(16384, true)));
    expect_refused(block(32768, true), "127 entries and leaves no room for the magic");
    EXPECT_TRUE(check(block(32768, false)));
    EXPECT_TRUE(check(block(65536, true)));
}

TEST(SpiffsGeometry, a_block_whose_lookup_is_no_whole_number_of_pages_is_refused) {
    expect_refused(with([](Geometry& g) {
                       g.block_size = 4096 * 12;
                       g.image_size = g.block_size * 4;
                   }),
                   "192 pages needs 192 words of lookup");
}

TEST(SpiffsGeometry, name_and_metadata_leave_room_in_a_page) {
    EXPECT_TRUE(check(with([](Geometry& g) { g.name_length = 188; })));
    expect_refused(with([](Geometry& g) { g.name_length = 189; }), "they come to 257");
    expect_refused(with([](Geometry& g) { g.metadata_length = 0xFFFFFFFF; }), "do not fit");
    expect_refused(with([](Geometry& g) { g.name_length = 1; }), "name length of 1");
}

}  // namespace
}  // namespace imprint::image::spiffs
