#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/spiffs.h"
#include "image/support.h"

namespace imprint::image::spiffs {
namespace {

using image::testing::pattern;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Geometry geometry_of(std::uint32_t size) {
    Geometry geometry;
    geometry.image_size = size;
    return geometry;
}

constexpr std::size_t first_page = 256;  // behind the lookup page of the first block

TEST(SpiffsBuild, an_empty_file_keeps_its_size_unwritten_so_that_it_can_grow) {
    const auto built = build(geometry_of(0x10000), {{"/log", {}}});
    ASSERT_TRUE(built) << built.error().describe();
    EXPECT_EQ(get_u32(built->image, first_page + 8), 0xFFFFFFFFU);
    EXPECT_EQ(built->usage.pages_used, 1U);
    const auto contents = read(built->image, geometry_of(0x10000));
    ASSERT_TRUE(contents);
    EXPECT_TRUE(contents->files.at(0).content.empty());
    EXPECT_THAT(contents->warnings, IsEmpty());
}

TEST(SpiffsBuild, a_name_is_measured_in_bytes) {
    const std::string thirty_one_bytes =
        "/\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
        "1234567890123456";
    ASSERT_EQ(thirty_one_bytes.size(), 31U);
    const Geometry geometry = geometry_of(0x10000);
    const auto built = build(geometry, {{thirty_one_bytes, pattern(600)}});
    ASSERT_TRUE(built) << built.error().describe();
    // The table stands where a device looks for it, behind 32 bytes of name and 4 of metadata.
    EXPECT_EQ(get_u16(built->image, first_page + 49), 2U);
    const auto contents = read(built->image, geometry);
    ASSERT_TRUE(contents);
    EXPECT_EQ(contents->files.at(0).path, thirty_one_bytes);
    EXPECT_TRUE(contents->files.at(0).content == pattern(600));

    const auto too_long = build(geometry, {{thirty_one_bytes + "\xC3\xA4", {}}});
    ASSERT_FALSE(too_long);
    EXPECT_EQ(code_of(too_long), "spiffs_name");
    EXPECT_THAT(too_long.error().message, HasSubstr("33 bytes"));
}

TEST(SpiffsBuild, a_name_that_fills_the_whole_field_could_not_be_opened) {
    std::string name(31, 'n');
    name[0] = '/';
    EXPECT_TRUE(build(geometry_of(0x10000), {{name, {}}}));
    const auto refused = build(geometry_of(0x10000), {{name + "n", {}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "spiffs_name");
    EXPECT_THAT(refused.error().message, HasSubstr("32 bytes"));
    EXPECT_THAT(refused.error().message, HasSubstr("at most 31"));
}

TEST(SpiffsBuild, names_that_no_device_can_open_are_refused) {
    for (const std::string name : {"", "/", "relative", "/folder/"}) {
        const auto refused = build(geometry_of(0x10000), {{name, {}}});
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(code_of(refused), "spiffs_name");
    }
    const auto with_nul = build(geometry_of(0x10000), {{std::string("/a\0b", 4), {}}});
    ASSERT_FALSE(with_nul);
    EXPECT_THAT(with_nul.error().message, HasSubstr("NUL"));
}

TEST(SpiffsBuild, a_name_given_twice_is_refused) {
    const auto refused = build(geometry_of(0x10000), {{"/a", {}}, {"/b", {}}, {"/a", {}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "spiffs_name");
    EXPECT_THAT(refused.error().message, HasSubstr("\"/a\" is given twice"));
}

TEST(SpiffsBuild, files_go_in_byte_order_whatever_order_they_come_in) {
    // 0x7A, then 0xC3: a comparison of signed characters would turn these around.
    const std::vector<File> files{{"/\xC3\xA4", pattern(10)}, {"/z", pattern(11)}, {"/B", {}}};
    const auto built = build(geometry_of(0x10000), files);
    ASSERT_TRUE(built);
    EXPECT_EQ(built->image[first_page + 14], 'B');
    EXPECT_EQ(built->image[first_page + 256 + 14], 'z');
    EXPECT_EQ(built->image[first_page + std::size_t{256} * 3 + 14], 0xC3);
}

// 16 blocks of 15 pages; a page holds 251 bytes, the first index page lists 103 of them, a further
// one 124.
TEST(SpiffsBuild, the_last_byte_that_fits_is_taken_and_the_next_refused) {
    const Geometry geometry = geometry_of(0x10000);
    const std::size_t most = std::size_t{240 - 3} * 251;
    const auto built = build(geometry, {{"/f", pattern(most)}}, Use::read_only);
    ASSERT_TRUE(built) << built.error().describe();
    EXPECT_EQ(built->usage.pages_used, 240U);
    EXPECT_EQ(built->usage.pages_total, 240U);
    EXPECT_EQ(built->usage.blocks_free, 0U);
    EXPECT_THAT(built->warnings, IsEmpty());
    const auto contents = read(built->image, geometry);
    ASSERT_TRUE(contents);
    EXPECT_TRUE(contents->files.at(0).content == pattern(most));

    const auto refused = build(geometry, {{"/f", pattern(most + 1)}}, Use::read_only);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "spiffs_full");
    EXPECT_THAT(refused.error().message, HasSubstr("need 241 pages"));
    EXPECT_THAT(refused.error().message, HasSubstr("65536 bytes has 240"));
    EXPECT_THAT(refused.error().hint, HasSubstr("69632 (0x11000) bytes"));
}

// What SPIFFS' own code said of such images: with 0 to 2 pages beside its two blocks it makes no
// file of one byte (-10001), with 3 it does.
TEST(SpiffsBuild, a_partition_that_is_written_keeps_two_blocks_and_three_pages_free) {
    for (const std::uint32_t page : {256U, 512U, 1024U}) {
        Geometry geometry = geometry_of(0x10000);
        geometry.page_size = page;
        const std::size_t usable = 4096 / page - 1;
        const auto leaving = [&](std::size_t left) {
            // Files of one page beside their index page, and one that is empty if need be.
            const std::size_t pages = 14 * usable - left;
            std::vector<File> files;
            for (std::size_t i = 0; i < pages / 2; ++i)
                files.push_back({fmt::format("/{}", i), pattern(100)});
            if (pages % 2 == 1) files.push_back({"/empty", {}});
            return files;
        };
        const auto just = build(geometry, leaving(3));
        ASSERT_TRUE(just) << just.error().describe();
        EXPECT_EQ(just->usage.pages_used, 14 * usable - 3);
        for (const std::size_t left : {0U, 1U, 2U}) {
            const auto refused = build(geometry, leaving(left));
            ASSERT_FALSE(refused) << page << " " << left;
            EXPECT_EQ(code_of(refused), "spiffs_full");
            EXPECT_THAT(refused.error().message,
                        HasSubstr(fmt::format("leave {} of {} pages", left, 16 * usable)));
            EXPECT_THAT(refused.error().hint, HasSubstr("69632 (0x11000) bytes"));
            geometry.image_size = 0x11000;
            EXPECT_TRUE(build(geometry, leaving(left)));
            geometry.image_size = 0x10000;
            EXPECT_TRUE(build(geometry, leaving(left), Use::read_only));
        }
    }
}

TEST(SpiffsBuild, little_head_room_is_told_with_what_the_device_can_still_write) {
    const Geometry geometry = geometry_of(0x10000);
    const auto pages = [](std::size_t count) {
        // Without its index pages: one, or two above 103, three above 227.
        const std::size_t index = count > 229 ? 3 : count > 104 ? 2 : 1;
        return std::vector<File>{{"/f", pattern((count - index) * 251)}};
    };
    const auto tight = build(geometry, pages(std::size_t{13} * 15));
    ASSERT_TRUE(tight) << tight.error().describe();
    ASSERT_EQ(tight->warnings.size(), 2U);
    EXPECT_THAT(tight->warnings[0], HasSubstr("15 pages are left for writing: the device may fail "
                                              "(-10001) to write \"/f\" anew, which takes up to "
                                              "391"));
    EXPECT_THAT(tight->warnings[1], HasSubstr("195 of 240 pages"));

    std::vector<File> small;
    for (int i = 0; i < 90; ++i)
        small.push_back({fmt::format("/{}", i), pattern(100)});
    const auto some = build(geometry, small);
    ASSERT_TRUE(some);
    ASSERT_EQ(some->warnings.size(), 1U);
    EXPECT_THAT(some->warnings[0],
                HasSubstr("only 4 of 16 blocks stay free, and SPIFFS keeps 2 of them back: once "
                          "the device has written 30 pages, writing may fail"));

    const auto comfortable = build(geometry, pages(std::size_t{11} * 15));
    ASSERT_TRUE(comfortable);
    EXPECT_EQ(comfortable->usage.blocks_free, 5U);
    EXPECT_THAT(comfortable->warnings, IsEmpty());
}

TEST(SpiffsBuild, above_three_quarters_there_is_a_warning_even_with_many_free_blocks) {
    const Geometry geometry = geometry_of(0x40000);  // 64 blocks, 960 pages
    const auto built = build(geometry, {{"/f", pattern(std::size_t{800} * 251)}});
    ASSERT_TRUE(built);
    EXPECT_GE(built->usage.blocks_free, 5U);
    ASSERT_EQ(built->warnings.size(), 1U);
    EXPECT_THAT(built->warnings[0], HasSubstr("75 %"));
}

TEST(SpiffsBuild, a_file_ends_with_a_full_table_without_a_further_index_page) {
    const Geometry geometry = geometry_of(0x20000);
    const auto built = build(geometry, {{"/f", pattern(std::size_t{103} * 251)}});
    ASSERT_TRUE(built);
    EXPECT_EQ(built->usage.pages_used, 104U);
    const auto more = build(geometry, {{"/f", pattern(std::size_t{103} * 251 + 1)}});
    ASSERT_TRUE(more);
    EXPECT_EQ(more->usage.pages_used, 106U);
}

TEST(SpiffsBuild, more_files_than_there_are_object_ids_are_refused) {
    const Geometry geometry = geometry_of(0xFFF000);
    std::vector<File> files;
    for (int i = 0; i < 0x7FFE; ++i)
        files.push_back({fmt::format("/{}", i), {}});
    EXPECT_TRUE(build(geometry, files));
    files.push_back({"/one-more", {}});
    const auto refused = build(geometry, files);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "spiffs_full");
    EXPECT_THAT(refused.error().message, HasSubstr("at most 32766 files"));
}

TEST(SpiffsBuild, the_largest_image_a_device_mounts_can_be_built_and_read) {
    const Geometry geometry = geometry_of(0xFFF000);
    const std::vector<File> files{{"/big", pattern(14'000'000)}};
    const auto built = build(geometry, files);
    ASSERT_TRUE(built) << built.error().describe();
    const auto contents = read(built->image, geometry);
    ASSERT_TRUE(contents) << contents.error().describe();
    EXPECT_TRUE(contents->files.at(0).content == files[0].content);
}

TEST(SpiffsBuild, a_page_size_that_is_no_power_of_two_numbers_its_pages_right) {
    Geometry geometry;
    geometry.page_size = 768;
    geometry.block_size = 12288;
    geometry.image_size = 12288 * 6;
    const std::vector<File> files{{"/a", pattern(20000)}, {"/b", pattern(700, 2)}};
    const auto built = build(geometry, files);
    ASSERT_TRUE(built) << built.error().describe();
    const auto contents = read(built->image, geometry);
    ASSERT_TRUE(contents) << contents.error().describe();
    EXPECT_TRUE(contents->files.at(0).content == files[0].content);
    EXPECT_TRUE(contents->files.at(1).content == files[1].content);
}

}  // namespace
}  // namespace imprint::image::spiffs
