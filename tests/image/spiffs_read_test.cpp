#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/spiffs.h"
#include "image/support.h"

namespace imprint::image::spiffs {
namespace {

using image::testing::pattern;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Sixteen blocks. Page 1 is the index of "/a", pages 2 to 4 its data, page 5 the index of "/b",
// page 6 its data.
class SpiffsRead : public ::testing::Test {
  protected:
    SpiffsRead() {
        geometry_.image_size = 0x10000;
        image_ = build(geometry_, {{"/a", pattern(600)}, {"/b", pattern(100, 2)}}).value().image;
    }

    [[nodiscard]] static std::size_t page(std::size_t number) { return number * 256; }

    [[nodiscard]] static std::size_t block(std::size_t number) { return number * 4096; }

    [[nodiscard]] static std::size_t entry(std::size_t number) { return (number - 1) * 2; }

    void expect_damaged(const std::string& words) const {
        const auto contents = read(image_, geometry_);
        ASSERT_FALSE(contents) << words;
        EXPECT_EQ(code_of(contents), "spiffs_damaged");
        EXPECT_THAT(contents.error().message, HasSubstr(words));
    }

    // The file of this name is read up to its n-th byte, and the other whole.
    void expect_partial(const std::string& path, std::size_t bytes,
                        const std::string& words) const {
        const auto contents = read(image_, geometry_);
        ASSERT_TRUE(contents) << contents.error().describe();
        ASSERT_EQ(contents->partial.size(), 1U) << words;
        const PartialFile& partial = contents->partial[0];
        EXPECT_EQ(partial.file.path, path);
        EXPECT_THAT(partial.problem, HasSubstr(words));
        EXPECT_EQ(partial.file.content.size(), bytes);
        const Bytes whole = pattern(partial.size);
        EXPECT_TRUE(std::ranges::equal(partial.file.content, ByteView(whole).first(bytes)));
        EXPECT_THAT(
            contents->warnings,
            Contains(AllOf(HasSubstr("a device cannot read a file to its end"), HasSubstr(words))));
        if (path != "/a") return;
        ASSERT_EQ(contents->files.size(), 1U);
        EXPECT_TRUE(contents->files[0].content == pattern(100, 2));
    }

    void expect_warning(const std::string& words) const {
        const auto contents = read(image_, geometry_);
        ASSERT_TRUE(contents) << contents.error().describe();
        ASSERT_THAT(contents->warnings, ElementsAre(HasSubstr(words)));
    }

    Geometry geometry_;
    Bytes image_;
};

TEST_F(SpiffsRead, an_image_of_another_size_is_refused) {
    image_.resize(0xF000);
    expect_damaged("61440 bytes and its geometry says 65536");
}

TEST_F(SpiffsRead, tells_what_is_used) {
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    EXPECT_EQ(contents->geometry, geometry_);
    EXPECT_EQ(contents->usage.pages_used, 6U);
    EXPECT_EQ(contents->usage.pages_total, 240U);
    EXPECT_EQ(contents->usage.blocks_free, 15U);
    EXPECT_EQ(contents->usage.blocks_total, 16U);
}

TEST_F(SpiffsRead, one_block_without_magic_is_what_a_device_erases) {
    image_[block(5) + 252] ^= 1;
    expect_warning("block 5");
}

TEST_F(SpiffsRead, a_file_in_the_block_that_a_device_erases_is_lost) {
    image_[252] ^= 1;
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    EXPECT_THAT(contents->files, IsEmpty());

    // A file whose later pages are in the block.
    image_ = build(geometry_, {{"/long", pattern(6000)}}).value().image;
    image_[page(16) + 252] ^= 1;
    expect_partial("/long", 14 * 251, "in a block that a device erases");
}

TEST_F(SpiffsRead, two_blocks_without_magic_cannot_be_mounted) {
    image_[block(5) + 252] ^= 1;
    image_[block(9) + 252] ^= 1;
    expect_damaged("blocks 5 and 9 of 16");
}

// What `image unpack` and the board's own reader get out of a partition before SPIFFS mounts it.
TEST_F(SpiffsRead, what_lies_in_blocks_without_magic_is_read_as_it_lies) {
    const auto whole = read(image_, geometry_);
    ASSERT_TRUE(whole);
    image_[252] ^= 1;
    const auto one = read(image_, geometry_, Reading::as_it_lies);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->files.size(), whole->files.size());
    EXPECT_THAT(one->warnings, ElementsAre("a device erases a block without magic when it mounts: "
                                           "block 0"));
    image_[block(9) + 252] ^= 1;
    const auto two = read(image_, geometry_, Reading::as_it_lies);
    ASSERT_TRUE(two);
    EXPECT_EQ(two->files.size(), whole->files.size());
    EXPECT_THAT(two->warnings, ElementsAre(HasSubstr("blocks 0 and 9 of 16")));
}

TEST_F(SpiffsRead, a_partition_of_another_size_is_told_by_its_magic) {
    Geometry smaller = geometry_;
    smaller.image_size = 0x8000;
    image_.resize(0x8000);
    const auto contents = read(image_, smaller);
    ASSERT_FALSE(contents);
    EXPECT_THAT(contents.error().message, HasSubstr("-10025"));
}

TEST_F(SpiffsRead, a_data_page_for_another_part_ends_the_file_and_no_other) {
    put_u16(image_, page(1) + 49 + 2, 6);
    expect_partial("/a", 251, "its part 1 is listed on page 6, which is part 0 of object 2");
}

// SPIFFS looks at the part that a page is, and not at its file.
TEST_F(SpiffsRead, a_page_of_another_file_is_read_as_a_device_reads_it) {
    put_u16(image_, page(1) + 49, 6);
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    ASSERT_EQ(contents->files.size(), 2U);
    const Bytes other = pattern(100, 2);
    EXPECT_TRUE(std::ranges::equal(ByteView(contents->files[0].content).first(100), other));
    EXPECT_THAT(contents->warnings,
                Contains(HasSubstr("a device reads a page of another file: block 0, page 6")));
}

TEST_F(SpiffsRead, a_table_that_points_at_a_lookup_page_or_outside_ends_the_file) {
    put_u16(image_, page(1) + 49 + 4, 16);
    expect_partial("/a", 502, "its part 2 is listed on page 16, which is a lookup page");
    put_u16(image_, page(1) + 49 + 4, 256);
    expect_partial("/a", 502, "page 256, which is beyond the image's end");
    put_u16(image_, page(1) + 49 + 4, 0xFFFF);
    expect_partial("/a", 502, "page 65535, which was not filled in");
}

TEST_F(SpiffsRead, a_page_that_is_not_written_deleted_or_unfinished_ends_the_file) {
    put_u16(image_, page(1) + 49, 9);
    expect_partial("/a", 0, "its part 0 is listed on page 9, which is not written");
    put_u16(image_, page(1) + 49, 2);
    image_[page(3) + 4] &= 0x7F;
    expect_partial("/a", 251, "page 3, which is deleted");
    image_[page(3) + 4] = 0xFE;
    expect_partial("/a", 251, "page 3, which was never finished");
    image_[page(3) + 4] = 0xF8;
    expect_partial("/a", 251, "page 3, which is an index page");
}

TEST_F(SpiffsRead, a_first_page_that_a_device_lists_and_does_not_open_is_told) {
    image_[page(1) + 4] |= 1;
    expect_partial("/a", 0, "its first page, 1, is not written");
    image_[page(1) + 4] = 0xFC;
    expect_partial("/a", 0, "its first page, 1, is marked as one of content");
}

TEST_F(SpiffsRead, a_page_whose_lookup_entry_is_free_is_read_and_may_be_overwritten) {
    put_u16(image_, entry(3), 0xFFFF);
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    ASSERT_EQ(contents->files.size(), 2U);
    EXPECT_TRUE(contents->files[0].content == pattern(600));
    EXPECT_THAT(contents->warnings, Contains(HasSubstr("may be overwritten")));
}

// A renaming writes the file's first page anew and then deletes the former.
TEST_F(SpiffsRead, a_renaming_that_was_cut_off_leaves_both_names) {
    const std::size_t fresh = 9;
    std::copy_n(image_.begin() + static_cast<std::ptrdiff_t>(page(1)), 256,
                image_.begin() + static_cast<std::ptrdiff_t>(page(fresh)));
    image_[page(fresh) + 14] = 'z';
    put_u16(image_, entry(fresh), 0x8001);
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    ASSERT_EQ(contents->files.size(), 3U);
    EXPECT_EQ(contents->files[2].path, "/z");
    EXPECT_TRUE(contents->files[0].content == pattern(600));
    EXPECT_TRUE(contents->files[2].content == pattern(600));
    EXPECT_THAT(contents->warnings, ElementsAre(HasSubstr("one file has two names")));

    // A file is known by its first page's lookup entry, whatever number the page itself bears.
    put_u16(image_, page(fresh), 0x8005);
    const auto again = read(image_, geometry_);
    ASSERT_TRUE(again);
    ASSERT_EQ(again->files.size(), 3U);
    EXPECT_TRUE(again->files[2].content == pattern(600));
}

TEST_F(SpiffsRead, a_size_beyond_the_image_allocates_nothing) {
    put_u32(image_, page(1) + 8, 0xFFFFFFF0);
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    ASSERT_EQ(contents->partial.size(), 1U);
    EXPECT_EQ(contents->partial[0].size, 0xFFFFFFF0U);
    EXPECT_EQ(contents->partial[0].file.content.size(), 3U * 251);
    EXPECT_EQ(contents->files.size(), 1U);
}

TEST_F(SpiffsRead, a_missing_index_page_is_named_with_what_it_lists) {
    image_ = build(geometry_, {{"/long", pattern(30000)}}).value().image;
    for (std::size_t at = 0; at < image_.size(); at += 256)
        if (get_u16(image_, at) == 0x8001 && get_u16(image_, at + 2) == 1) image_[at + 4] &= 0x7F;
    expect_partial("/long", 25853, "no index page 1, where its bytes from 25853 on");
}

TEST_F(SpiffsRead, a_deleted_file_is_gone) {
    for (const std::size_t number : {1U, 2U, 3U, 4U}) {
        put_u16(image_, entry(number), 0);
        image_[page(number) + 4] &= 0x7E;
    }
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    EXPECT_THAT(contents->warnings, IsEmpty());
    ASSERT_EQ(contents->files.size(), 1U);
    EXPECT_EQ(contents->files[0].path, "/b");
    EXPECT_EQ(contents->usage.pages_used, 2U);
    EXPECT_EQ(contents->usage.blocks_free, 15U);
}

TEST_F(SpiffsRead, a_file_whose_deletion_was_cut_off_is_gone_and_its_pages_told) {
    image_[page(5) + 4] &= static_cast<std::uint8_t>(~0x40);
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    ASSERT_EQ(contents->files.size(), 1U);
    EXPECT_EQ(contents->files[0].path, "/a");
    EXPECT_THAT(contents->warnings, ElementsAre(HasSubstr("was being deleted"),
                                                HasSubstr("a data page belongs to no file")));
}

TEST_F(SpiffsRead, a_page_that_was_never_finished_is_told) {
    image_[page(9) + 4] = 0xFE;
    put_u16(image_, entry(9), 7);
    expect_warning("never finished: block 0, page 9");
}

TEST_F(SpiffsRead, an_empty_file_as_the_reference_writes_it_is_told) {
    image_ = build(geometry_, {{"/log", {}}}).value().image;
    put_u32(image_, page(1) + 8, 0);
    expect_warning("loses what a device writes to it later: object 1 \"/log\"");
}

TEST_F(SpiffsRead, a_name_without_its_nul_is_told) {
    const std::string name(32, 'n');
    std::ranges::copy(name, image_.begin() + static_cast<std::ptrdiff_t>(page(5)) + 13);
    expect_warning("cannot open a name without its ending NUL");
    const auto contents = read(image_, geometry_);
    ASSERT_EQ(contents->partial.size(), 1U);
    EXPECT_EQ(contents->partial[0].file.path, name);
    EXPECT_TRUE(contents->partial[0].file.content == pattern(100, 2));
}

TEST_F(SpiffsRead, of_two_files_of_one_name_the_first_counts) {
    image_[page(5) + 14] = 'a';
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    ASSERT_EQ(contents->files.size(), 1U);
    EXPECT_TRUE(contents->files[0].content == pattern(600));
    EXPECT_THAT(contents->warnings, ElementsAre(HasSubstr("two files of one name"),
                                                HasSubstr("a data page belongs to no file")));
}

TEST_F(SpiffsRead, many_oddities_of_a_kind_make_one_warning) {
    for (std::size_t number = 17; number < 32; ++number)
        put_u16(image_, page(16) + (number - 17) * 2, static_cast<std::uint16_t>(number));
    expect_warning("block 1, page 17 and 14 more");
}

TEST_F(SpiffsRead, a_name_cannot_write_to_the_terminal) {
    image_[page(1) + 14] = 0x1B;
    put_u16(image_, page(1) + 49, 9);
    const auto contents = read(image_, geometry_);
    ASSERT_TRUE(contents);
    EXPECT_THAT(contents->warnings, Contains(HasSubstr("\"/\\x1b\"")));
}

}  // namespace
}  // namespace imprint::image::spiffs
