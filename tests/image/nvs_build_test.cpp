#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/nvs.h"
#include "image/nvs_support.h"
#include "image/support.h"

namespace imprint::image::nvs {
namespace {

using ::testing::HasSubstr;

class NvsBuild : public ::testing::Test {
  protected:
    void start(std::uint32_t size = 0x4000, Version version = Version::two) {
        builder_.emplace(Builder::create(size, version).value());
        ASSERT_TRUE(builder_->enter("ns"));
    }

    [[nodiscard]] Contents finish() {
        built_ = std::move(*builder_).finish();
        auto contents = read(built_.image).value();
        EXPECT_EQ(faults(contents), "");
        return contents;
    }

    void fill_to(std::uint32_t entries) {
        for (std::uint32_t i = 1; i < entries; ++i)
            ASSERT_TRUE(builder_->add(number("n" + std::to_string(i), Type::u32, i)));
    }

    [[nodiscard]] unsigned state(std::uint32_t page) const {
        return built_.image[std::size_t{page} * page_size];
    }

    static constexpr unsigned active = 0xFE;
    static constexpr unsigned full = 0xFC;
    static constexpr unsigned erased = 0xFF;

    std::optional<Builder> builder_;
    Built built_;
};

TEST_F(NvsBuild, sizes_are_whole_pages) {
    for (const std::uint32_t size : {0U, 1U, 4095U, 4097U, 0x6001U}) {
        const auto builder = Builder::create(size);
        ASSERT_EQ(code_of(builder), "nvs_size") << size;
    }
    EXPECT_THAT(Builder::create(5000).error().hint, HasSubstr("8192"));
    EXPECT_THAT(Builder::create(0).error().hint, HasSubstr("4096"));
    EXPECT_TRUE(Builder::create(4096));
}

TEST_F(NvsBuild, one_page_stays_free_for_the_device) {
    start(0x3000);
    fill_to(126);
    ASSERT_TRUE(builder_->add(number("x", Type::u8, 1)));
    static_cast<void>(finish());
    EXPECT_EQ(state(0), full);
    EXPECT_EQ(state(1), active);
    EXPECT_EQ(state(2), erased);
    EXPECT_FALSE(built_.read_only);
    EXPECT_EQ(built_.usage.pages_used, 2U);
    EXPECT_EQ(built_.usage.entries_used, 127U);
    start(0x3000);
    fill_to(252);
    EXPECT_EQ(code_of(builder_->add(number("x", Type::u8, 1))), "nvs_full");
}

TEST_F(NvsBuild, below_three_pages_all_may_be_filled_and_the_image_has_its_size) {
    start(0x2000);
    fill_to(252);
    EXPECT_EQ(code_of(builder_->add(number("x", Type::u8, 1))), "nvs_full");
    start(0x2000);
    static_cast<void>(finish());
    EXPECT_TRUE(built_.read_only);
    EXPECT_EQ(built_.image.size(), 0x2000U);
}

TEST_F(NvsBuild, names_have_at_most_fifteen_bytes) {
    start();
    EXPECT_TRUE(builder_->add(number("fifteen-bytes15", Type::u8, 1)));
    EXPECT_EQ(code_of(builder_->add(number("sixteen-bytes-16", Type::u8, 1))), "nvs_name");
    // Eight letters, and sixteen bytes.
    EXPECT_EQ(code_of(builder_->add(number("ääääääää", Type::u8, 1))), "nvs_name");
    EXPECT_EQ(code_of(builder_->add(number("", Type::u8, 1))), "nvs_name");
    EXPECT_EQ(code_of(builder_->add(number(std::string("a\0b", 3), Type::u8, 1))), "nvs_name");
    EXPECT_EQ(code_of(builder_->enter("sixteen-bytes-16")), "nvs_name");
    EXPECT_EQ(code_of(builder_->enter("")), "nvs_name");
}

TEST_F(NvsBuild, a_key_before_any_namespace_is_refused) {
    Builder builder = Builder::create(0x3000).value();
    const auto added = builder.add(number("k", Type::u8, 1));
    ASSERT_EQ(code_of(added), "nvs_name");
    EXPECT_THAT(added.error().message, HasSubstr("before any namespace"));
}

TEST_F(NvsBuild, a_key_is_once_in_a_namespace_whatever_its_type) {
    start();
    ASSERT_TRUE(builder_->add(number("k", Type::u8, 1)));
    EXPECT_EQ(code_of(builder_->add(number("k", Type::u8, 1))), "nvs_name");
    EXPECT_EQ(code_of(builder_->add(text("k", "x"))), "nvs_name");
    ASSERT_TRUE(builder_->enter("other"));
    EXPECT_TRUE(builder_->add(number("k", Type::u8, 2)));
    ASSERT_TRUE(builder_->enter("ns"));
    EXPECT_EQ(code_of(builder_->add(blob("k", {}))), "nvs_name");
}

// The reference puts these into the namespace that was made last.
TEST_F(NvsBuild, a_namespace_that_is_named_again_goes_on) {
    start();
    ASSERT_TRUE(builder_->add(number("a", Type::u8, 1)));
    ASSERT_TRUE(builder_->enter("other"));
    ASSERT_TRUE(builder_->add(number("b", Type::u8, 2)));
    ASSERT_TRUE(builder_->enter("ns"));
    ASSERT_TRUE(builder_->add(number("c", Type::u8, 3)));
    EXPECT_EQ(told(finish()), "ns.a u8 1\nns.c u8 3\nother.b u8 2\n");
    EXPECT_EQ(built_.usage.entries_used, 5U);
}

TEST_F(NvsBuild, there_are_at_most_254_namespaces) {
    start(0x6000);
    for (int i = 2; i <= 254; ++i)
        ASSERT_TRUE(builder_->enter("n" + std::to_string(i)));
    EXPECT_EQ(code_of(builder_->enter("one-more")), "nvs_name");
    EXPECT_EQ(finish().namespaces.size(), 254U);
}

TEST_F(NvsBuild, a_string_that_would_fill_the_last_entry_goes_to_the_next_page) {
    start();
    fill_to(124);
    ASSERT_TRUE(builder_->add(text("s", "x")));
    static_cast<void>(finish());
    EXPECT_EQ(state(0), full);
    EXPECT_EQ(built_.usage.pages_used, 2U);
    start();
    fill_to(123);
    ASSERT_TRUE(builder_->add(text("s", "x")));
    static_cast<void>(finish());
    EXPECT_EQ(built_.usage.pages_used, 1U);
}

TEST_F(NvsBuild, a_string_has_at_most_4000_bytes_with_its_nul) {
    start();
    EXPECT_TRUE(builder_->add(text("s", std::string(3999, 'x'))));
    EXPECT_TRUE(builder_->add(text("t", "")));
    const auto added = builder_->add(text("u", std::string(4000, 'x')));
    ASSERT_EQ(code_of(added), "nvs_value");
    EXPECT_THAT(added.error().message, HasSubstr("4001 bytes with its NUL"));
    EXPECT_EQ(told(finish()), "ns.s string 3999\nns.t string 0\n");
    // Alone in its page.
    EXPECT_EQ(built_.usage.pages_used, 3U);
}

TEST_F(NvsBuild, version_one_takes_1984_bytes) {
    start(0x4000, Version::one);
    EXPECT_TRUE(builder_->add(text("s", std::string(1983, 'x'))));
    EXPECT_TRUE(builder_->add(blob("b", Bytes(1984, 1))));
    EXPECT_EQ(code_of(builder_->add(text("t", std::string(1984, 'x')))), "nvs_value");
    EXPECT_EQ(code_of(builder_->add(blob("c", Bytes(1985, 1)))), "nvs_value");
    EXPECT_EQ(told(finish()), "ns.s string 1983\nns.b blob 1984\n");
    EXPECT_EQ(built_.image[8], 0xFF);
}

TEST_F(NvsBuild, a_blob_fills_each_page_to_its_end) {
    start(0x10000);
    const Bytes data = image::testing::pattern(9000);
    ASSERT_TRUE(builder_->add(blob("b", data)));
    const Contents contents = finish();
    EXPECT_EQ(built_.usage.pages_used, 3U);
    EXPECT_TRUE(contents.namespaces.front().entries.front().data == data);
}

TEST_F(NvsBuild, a_blob_begins_in_the_last_entry_with_a_chunk_of_nothing) {
    start();
    fill_to(125);
    const Bytes data = image::testing::pattern(100);
    ASSERT_TRUE(builder_->add(blob("b", data)));
    const Contents contents = finish();
    EXPECT_EQ(built_.image[at(0, 125) + 1], 0x42);
    EXPECT_EQ(get_u16(built_.image, at(0, 125) + 24), 0);
    EXPECT_TRUE(contents.namespaces.front().entries.back().data == data);
}

TEST_F(NvsBuild, a_blob_that_ends_with_its_page_has_its_index_on_the_next) {
    start();
    const Bytes data = image::testing::pattern(124 * 32);
    ASSERT_TRUE(builder_->add(blob("b", data)));
    const Contents contents = finish();
    EXPECT_EQ(state(0), full);
    EXPECT_EQ(built_.image[at(1, 0) + 1], 0x48);
    EXPECT_TRUE(contents.namespaces.front().entries.back().data == data);
}

TEST_F(NvsBuild, an_empty_blob_is_one) {
    start();
    ASSERT_TRUE(builder_->add(blob("b", {})));
    EXPECT_EQ(told(finish()), "ns.b blob 0\n");
}

TEST_F(NvsBuild, a_blob_has_at_most_127_chunks) {
    start(0x90000);
    EXPECT_EQ(code_of(builder_->add(blob("b", Bytes(508001, 1)))), "nvs_value");
    start(0x90000);
    // The first one does not get a whole page.
    EXPECT_EQ(code_of(builder_->add(blob("b", Bytes(508000, 1)))), "nvs_value");
    start(0x90000);
    ASSERT_TRUE(builder_->add(blob("b", Bytes(508000 - 32, 1))));
    EXPECT_EQ(told(finish()), "ns.b blob 507968\n");
}

TEST_F(NvsBuild, what_does_not_fit_is_told_with_the_room_that_there_is) {
    start(0x3000);
    const auto added = builder_->add(blob("b", Bytes(9000, 1)));
    ASSERT_EQ(code_of(added), "nvs_full");
    EXPECT_THAT(added.error().message, HasSubstr("2 pages of 4096 bytes, beside the one"));
}

}  // namespace
}  // namespace imprint::image::nvs
