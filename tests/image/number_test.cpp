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

}  // namespace
}  // namespace imprint::image
