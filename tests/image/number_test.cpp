#include "image/number.h"

#include <gtest/gtest.h>

namespace imprint::image {
namespace {

TEST(ParseInteger, takes_what_pythons_int_takes) {
    EXPECT_EQ(parse_integer("0"), 0);
    EXPECT_EQ(parse_integer("00"), 0);
    EXPECT_EQ(parse_integer("4096"), 4096);
    EXPECT_EQ(parse_integer("0x1F"), 31);
    EXPECT_EQ(parse_integer("0X1f"), 31);
    EXPECT_EQ(parse_integer("0b101"), 5);
    EXPECT_EQ(parse_integer("0o17"), 15);
    EXPECT_EQ(parse_integer("1_000"), 1000);
    EXPECT_EQ(parse_integer("0x_ff"), 255);
    EXPECT_EQ(parse_integer("-0x10"), -16);
    EXPECT_EQ(parse_integer("+7"), 7);
}

TEST(ParseInteger, knows_k_and_m) {
    EXPECT_EQ(parse_integer("64K"), 65536);
    EXPECT_EQ(parse_integer("1m"), 1048576);
    EXPECT_EQ(parse_integer("-2M"), -2097152);
    EXPECT_EQ(parse_integer("0x10k"), 16384);
}

TEST(ParseInteger, takes_nothing_else) {
    for (const char* text : {"",   "-",  "x",  "010",  "0x", "0b2", "0o8", "1.5", "1 2", " 1",
                             "1 ", "_1", "1_", "1__0", "K",  "1KK", "1G",  "--1", "0xg", "N/A"})
        EXPECT_EQ(parse_integer(text), std::nullopt) << text;
}

TEST(ParseInteger, stays_far_from_overflow) {
    EXPECT_EQ(parse_integer("281474976710656"), std::int64_t{1} << 48);
    EXPECT_EQ(parse_integer("281474976710657"), std::nullopt);
    EXPECT_EQ(parse_integer("99999999999999999999999999999"), std::nullopt);
    EXPECT_EQ(parse_integer("0xFFFFFFFFFFFFFFFFF"), std::nullopt);
    EXPECT_EQ(parse_integer("281474976710656M"), std::nullopt);
}

TEST(Quoted, shows_text_as_it_is_and_control_bytes_by_number) {
    EXPECT_EQ(quoted("nvs"), "\"nvs\"");
    EXPECT_EQ(quoted("gr\xC3\xBCn"), "\"gr\xC3\xBCn\"");
    EXPECT_EQ(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(quoted("\x1B[2J\n\x7F"), "\"\\x1b[2J\\x0a\\x7f\"");
    EXPECT_EQ(quoted("\xC2\x9B"), "\"\\xc2\\x9b\"");
    EXPECT_EQ(quoted("\xFF\xC3"), "\"\\xff\\xc3\"");
}

TEST(IsUtf8, refuses_what_is_cut_off_overlong_or_a_surrogate) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
    for (const char* text :
         {"\xC3", "\xE2\x82", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xFF"})
        EXPECT_FALSE(is_utf8(text)) << quoted(text);
}

}  // namespace
}  // namespace imprint::image
