#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image_tool/commands.h"

namespace imprint::image_tool {
namespace {

TEST(ParseSize, takes_hex_decimal_and_units) {
    EXPECT_EQ(parse_size("0xF0000"), 0xF0000U);
    EXPECT_EQ(parse_size("983040"), 983040U);
    EXPECT_EQ(parse_size("960K"), 960U * 1024);
    EXPECT_EQ(parse_size("4M"), 4U << 20);
    EXPECT_EQ(parse_size("4MB"), 4U << 20);
    EXPECT_EQ(parse_size("4 MB"), 4U << 20);
    EXPECT_EQ(parse_size("64kb"), 65536U);
    EXPECT_EQ(parse_size("0xB"), 11U);
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("0xFFFFFFFF"), 0xFFFFFFFFU);
}

TEST(ParseSize, takes_nothing_else) {
    for (const char* text :
         {"", "-1", "4G", "4 M B", "1.5M", "0x100000000", "4096M", "MB", "big"}) {
        const auto refused = parse_size(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().kind, ErrorKind::usage);
        EXPECT_EQ(code_of(refused), "bad_size");
    }
}

TEST(Size, all_is_to_the_end) {
    for (const char* all : {"ALL", "all"}) {
        const auto size = parse_size_or_all(all);
        ASSERT_TRUE(size) << all;
        EXPECT_FALSE(*size) << all;
    }
    EXPECT_EQ(parse_size_or_all("4K").value(), 4096U);
    for (const char* none : {"", "ALLES", "All of it"})
        EXPECT_FALSE(parse_size_or_all(none)) << none;
}

}  // namespace
}  // namespace imprint::image_tool
