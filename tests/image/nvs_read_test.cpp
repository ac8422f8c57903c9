// Images as devices leave them, and as flash and strangers damage them.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/nvs.h"
#include "image/nvs_support.h"
#include "image/support.h"

namespace imprint::image::nvs {
namespace {

using ::testing::HasSubstr;

class NvsRead : public ::testing::Test {
  protected:
    // ns at entry 0, a at 1, text at 2 and 3, b at 4.
    Bytes image_ =
        image_of({number("a", Type::u8, 1), text("text", "hello"), number("b", Type::i16, 0xFFFE)});

    static constexpr const char* whole = "ns.a u8 1\nns.text string 5\nns.b i16 -2\n";

    void expect(const std::string& values, const std::string& problems) const {
        const auto contents = read(image_);
        ASSERT_TRUE(contents) << contents.error().describe();
        EXPECT_EQ(told(*contents), values);
        EXPECT_EQ(faults(*contents), problems);
    }

    // Writes an entry where an empty one is, as a device does: a copy of another, with changes.
    void write(std::uint32_t page, std::uint32_t entry, std::uint32_t like,
               const std::function<void(std::span<std::uint8_t>)>& change) {
        std::copy_n(image_.begin() + static_cast<std::ptrdiff_t>(at(0, like)), 32,
                    image_.begin() + static_cast<std::ptrdiff_t>(at(page, entry)));
        change(std::span(image_).subspan(at(page, entry), 32));
        seal(image_, page, entry);
        set_state(image_, page, entry, 2);
    }

    void copy_page(std::uint32_t from, std::uint32_t to) {
        std::copy_n(image_.begin() + from * std::ptrdiff_t{page_size}, page_size,
                    image_.begin() + to * std::ptrdiff_t{page_size});
    }
};

TEST_F(NvsRead, a_sound_image_has_no_faults) {
    expect(whole, "");
    EXPECT_TRUE(is_nvs(image_));
}

TEST_F(NvsRead, erased_entries_are_gone) {
    set_state(image_, 0, 1, 0);
    expect("ns.text string 5\nns.b i16 -2\n", "");
    EXPECT_EQ(read(image_)->entries_erased, 1U);
    EXPECT_EQ(read(image_)->usage.entries_used, 4U);
}

// Power failed between writing the new value and erasing the former.
TEST_F(NvsRead, of_two_values_the_newer_counts) {
    write(0, 5, 1, [](auto entry) { entry[24] = 9; });
    expect("ns.text string 5\nns.b i16 -2\nns.a u8 9\n",
           "page 0, entry 1: \"a\" was written anew on page 0, entry 5, which counts\n");
}

TEST_F(NvsRead, the_newer_one_may_lie_on_a_page_before_the_former) {
    copy_page(0, 1);
    put_u32(image_, 0, 0xFFFFFFFC);
    put_u32(image_, 0x1000, 0xFFFFFFFE);
    put_u32(image_, 4, 7);  // the first page was written last
    seal_page(image_, 0);
    write(0, 1, 1, [](auto entry) { entry[24] = 5; });
    const auto contents = read(image_);
    EXPECT_EQ(contents->namespaces.front().entries.front().bits, 5U);
}

// Its entries are copied to the newest page, and it is erased after the last.
TEST_F(NvsRead, a_page_that_is_being_freed_counts_with_its_copy) {
    copy_page(0, 1);
    put_u32(image_, 0, 0xFFFFFFF8);
    put_u32(image_, 0x1004, 1);
    seal_page(image_, 1);
    set_state(image_, 1, 4, 3);
    std::fill_n(image_.begin() + static_cast<std::ptrdiff_t>(at(1, 4)), 32, std::uint8_t{0xFF});
    const auto contents = read(image_);
    EXPECT_EQ(faults(*contents), "");
    EXPECT_EQ(contents->namespaces.front().entries.size(), 3U);
}

TEST_F(NvsRead, a_blob_of_either_version_of_chunks_is_read) {
    Bytes data = image::testing::pattern(5000);
    image_ = image_of({blob("b", data)});
    // The chunks are at 0/1 and 1/0, the index behind the second.
    const std::uint32_t index = 1 + (5000 - 124 * 32 + 31) / 32;
    image_[at(0, 1) + 3] = 0x80;
    seal(image_, 0, 1);
    image_[at(1, 0) + 3] = 0x81;
    seal(image_, 1, 0);
    ASSERT_EQ(image_[at(1, index) + 1], 0x48);
    image_[at(1, index) + 29] = 0x80;
    seal(image_, 1, index);
    const auto contents = read(image_);
    EXPECT_EQ(faults(*contents), "");
    EXPECT_TRUE(contents->namespaces.front().entries.front().data == data);
}

// The new chunks were written, and their index not yet.
TEST_F(NvsRead, chunks_without_an_index_are_told_and_the_former_blob_stays) {
    image_ = image_of({blob("b", Bytes(20, 1))});
    write(0, 4, 1, [](auto entry) { entry[3] = 0x80; });
    std::copy_n(image_.begin() + static_cast<std::ptrdiff_t>(at(0, 2)), 32,
                image_.begin() + static_cast<std::ptrdiff_t>(at(0, 5)));
    set_state(image_, 0, 5, 2);
    expect("ns.b blob 20\n", "page 0, entry 4: no index names this chunk 0 of the blob \"b\"\n");
}

TEST_F(NvsRead, a_blob_with_a_missing_chunk_is_told) {
    image_ = image_of({number("a", Type::u8, 1), blob("b", Bytes(5000, 1))});
    set_state(image_, 1, 0, 0);
    for (std::uint32_t entry = 1; entry < 35; ++entry)
        set_state(image_, 1, entry, 0);
    expect("ns.a u8 1\n", "page 1, entry 35: chunk 1 of the 2 of the blob \"b\" is missing\n");
}

TEST_F(NvsRead, a_blob_whose_index_lies_about_its_size_is_told) {
    image_ = image_of({blob("b", Bytes(20, 1))});
    put_u32(image_, at(0, 3) + 24, 0x7FFFFFFF);
    seal(image_, 0, 3);
    expect("",
           "page 0, entry 3: the blob \"b\" should have 2147483647 bytes, and its chunks have "
           "20\n");
}

TEST_F(NvsRead, an_index_that_counts_beyond_all_chunks_is_told) {
    image_ = image_of({blob("b", Bytes(20, 1))});
    image_[at(0, 3) + 28] = 0xFF;
    image_[at(0, 3) + 29] = 0xFF;
    seal(image_, 0, 3);
    EXPECT_THAT(faults(*read(image_)),
                HasSubstr("chunk 0 of the 255 of the blob \"b\" is missing"));
}

TEST_F(NvsRead, an_entry_with_a_wrong_crc_is_left_out_and_told) {
    image_[at(0, 1) + 24] ^= 1;
    expect("ns.text string 5\nns.b i16 -2\n", "page 0, entry 1: its CRC is wrong\n");
}

TEST_F(NvsRead, data_with_a_wrong_crc_are_left_out_and_told) {
    image_[at(0, 3)] ^= 1;
    expect("ns.a u8 1\nns.b i16 -2\n",
           "page 0, entry 2: the CRC of the data of \"text\" is wrong\n");
}

TEST_F(NvsRead, several_entries_in_a_row_are_one_fault) {
    image_[at(0, 2) + 8] ^= 1;  // the head of text, so that its data is taken for an entry
    expect("ns.a u8 1\nns.b i16 -2\n",
           "page 0, entry 2: its CRC is wrong, and so it is up to entry 3\n");
}

TEST_F(NvsRead, a_page_with_a_wrong_header_is_left_out_and_told) {
    image_[4] ^= 1;
    expect("", "page 0: the CRC of its header is wrong\n");
    EXPECT_FALSE(is_nvs(image_));
}

TEST_F(NvsRead, a_page_of_an_unknown_state_or_version_is_told) {
    put_u32(image_, 0, 0xFFFFFFF0);
    expect("", "page 0: its state 0xFFFFFFF0 is unknown\n");
    put_u32(image_, 0, 0xFFFFFFFE);
    image_[8] = 0xFD;
    seal_page(image_, 0);
    expect("", "page 0: it is of a newer version (0xFD) than is known\n");
}

TEST_F(NvsRead, a_page_without_header_that_is_not_erased_is_told) {
    image_[0x2100] = 0;
    expect(whole, "page 2: it has no header, and is not erased\n");
}

TEST_F(NvsRead, two_pages_of_one_number_are_told) {
    copy_page(0, 2);
    expect(whole, "page 2: it has the sequence number 0 of page 0\n");
}

TEST_F(NvsRead, an_entry_that_was_never_finished_is_told) {
    image_[at(0, 5)] = 1;
    expect(whole, "page 0, entry 5: it was never finished\n");
}

TEST_F(NvsRead, a_string_whose_data_was_never_finished_is_told) {
    set_state(image_, 0, 3, 3);
    expect("ns.a u8 1\nns.b i16 -2\n",
           "page 0, entry 2: the data of \"text\" was never finished\n");
}

TEST_F(NvsRead, a_state_that_is_none_is_told) {
    set_state(image_, 0, 1, 1);
    expect("ns.text string 5\nns.b i16 -2\n",
           "page 0, entry 1: it is marked as neither written nor erased\n");
}

TEST_F(NvsRead, an_unknown_type_is_told) {
    image_[at(0, 1) + 1] = 0x33;
    seal(image_, 0, 1);
    expect("ns.text string 5\nns.b i16 -2\n", "page 0, entry 1: its type 0x33 is unknown\n");
}

TEST_F(NvsRead, a_length_that_leads_beyond_the_page_is_told) {
    put_u16(image_, at(0, 2) + 24, 4000);
    image_[at(0, 2) + 2] = 126;
    seal(image_, 0, 2);
    // Then its data is taken for an entry, as a device does.
    expect("ns.a u8 1\nns.b i16 -2\n",
           "page 0, entry 2: its 4000 bytes end beyond the page\n"
           "page 0, entry 3: its CRC is wrong\n");
}

TEST_F(NvsRead, a_span_that_is_not_the_lengths_is_told) {
    image_[at(0, 2) + 2] = 1;
    seal(image_, 0, 2);
    expect("ns.a u8 1\nns.b i16 -2\n",
           "page 0, entry 2: it takes 1 entries, and its 6 bytes 2\n"
           "page 0, entry 3: its CRC is wrong\n");
    image_[at(0, 1) + 2] = 0;
    seal(image_, 0, 1);
    EXPECT_THAT(faults(*read(image_)),
                HasSubstr("page 0, entry 1: it takes 0 entries, and its type one\n"));
}

TEST_F(NvsRead, an_entry_of_a_namespace_without_name_is_told) {
    set_state(image_, 0, 0, 0);
    expect("",
           "page 0, entry 1: \"a\" is of namespace 1, which has no name\n"
           "page 0, entry 2: \"text\" is of namespace 1, which has no name\n"
           "page 0, entry 4: \"b\" is of namespace 1, which has no name\n");
}

// The reference does this with rows that stand before any namespace.
TEST_F(NvsRead, what_is_in_no_namespace_is_told) {
    image_[at(0, 2)] = 0;
    seal(image_, 0, 2);
    expect("ns.a u8 1\nns.b i16 -2\n", "page 0, entry 2: \"text\" is in no namespace\n");
}

TEST_F(NvsRead, a_string_without_its_nul_is_told_and_given) {
    image_ = image_of({blob("text", Bytes(5, 'x'))}, 0x4000, Version::one);
    image_[at(0, 1) + 1] = 0x21;
    seal(image_, 0, 1);
    expect("ns.text string 5\n", "page 0, entry 1: the string \"text\" has no NUL at its end\n");
}

// Firmware before ESP-IDF 5.5 keeps both.
TEST_F(NvsRead, one_key_with_two_types_is_two_values) {
    write(0, 5, 1, [](auto entry) { entry[1] = 0x11; });
    expect("ns.a u8 1\nns.text string 5\nns.b i16 -2\nns.a i8 1\n", "");
}

TEST_F(NvsRead, an_index_takes_the_place_of_a_blob_of_version_one) {
    image_ = image_of({blob("b", Bytes(20, 1))});
    const Bytes former = image_of({blob("b", Bytes(20, 7))}, 0x4000, Version::one);
    // Before the others, as if it had been there first.
    copy_page(0, 1);
    put_u32(image_, 0x1004, 1);
    seal_page(image_, 1);
    std::copy_n(former.begin(), page_size, image_.begin());
    put_u32(image_, 0, 0xFFFFFFFC);
    const auto contents = read(image_);
    ASSERT_EQ(told(*contents), "ns.b blob 20\n");
    EXPECT_EQ(contents->namespaces.front().entries.front().data, Bytes(20, 1));
}

TEST_F(NvsRead, floats_are_read) {
    write(0, 5, 4, [](auto entry) {
        entry[1] = 0x24;
        entry[8] = 'f';
        put_u32(entry, 24, 0x3FC00000);
    });
    expect(std::string(whole) + "ns.f float 1.5\n", "");
}

TEST_F(NvsRead, what_has_no_whole_pages_is_refused) {
    EXPECT_EQ(code_of(read(ByteView(image_).first(4095))), "nvs_damaged");
    EXPECT_EQ(code_of(read({})), "nvs_damaged");
    EXPECT_FALSE(is_nvs(ByteView(image_).first(4095)));
    EXPECT_FALSE(is_nvs(Bytes(0x3000, 0xFF)));
}

TEST_F(NvsRead, something_else_with_a_page_of_nvs_in_it_is_none) {
    std::fill_n(image_.begin() + 0x1000, 0x2000, std::uint8_t{7});
    EXPECT_FALSE(is_nvs(image_));
    EXPECT_TRUE(has_nvs_page(image_));
    std::fill_n(image_.begin() + 0x2000, 0x1000, std::uint8_t{0xFF});
    EXPECT_TRUE(is_nvs(image_));
    EXPECT_FALSE(has_nvs_page(Bytes(0x3000, 0xFF)));
    EXPECT_FALSE(has_nvs_page(ByteView(image_).first(100)));
}

TEST_F(NvsRead, one_damaged_entry_alone_is_not_taken_for_encrypted) {
    image_ = image_of({});
    image_[at(0, 0) + 24] ^= 1;
    const auto contents = read(image_);
    EXPECT_FALSE(contents->encrypted);
    EXPECT_EQ(faults(*contents), "page 0, entry 0: its CRC is wrong\n");
}

TEST_F(NvsRead, the_list_of_faults_stays_short) {
    image_ = image_of({}, 0x40000);
    for (std::uint32_t page = 1; page < 64; ++page) {
        copy_page(0, page);
        for (std::uint32_t entry = 0; entry < 126; entry += 2)
            set_state(image_, page, entry, 1);
    }
    const auto contents = read(image_);
    EXPECT_EQ(contents->faults.size(), 100U);
    EXPECT_GT(contents->more_faults, 3000U);
}

}  // namespace
}  // namespace imprint::image::nvs
