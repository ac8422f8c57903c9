#include "base/text.h"

#include <gtest/gtest.h>

namespace imprint {
namespace {

TEST(ReplaceAll, replaces_every_one_and_looks_at_nothing_twice) {
    EXPECT_EQ(replace_all("a-b-a", "a", "aa"), "aa-b-aa");
    EXPECT_EQ(replace_all("xxx", "x", ""), "");
    EXPECT_EQ(replace_all("none", "{mac}", "m"), "none");
    EXPECT_EQ(replace_all("", "a", "b"), "");
    EXPECT_EQ(replace_all("aaa", "aa", "a"), "aa");
}

TEST(LowerCase, is_of_ascii_letters_alone) {
    EXPECT_EQ(lower_case("AZaz@[`{09\xC3\x84"), "azaz@[`{09\xC3\x84");
    EXPECT_TRUE(same_but_for_case("Content-TYPE", "content-type"));
    EXPECT_FALSE(same_but_for_case("a", "ab"));
    EXPECT_FALSE(same_but_for_case("@", "`"));
}

TEST(Trimmed, loses_the_blanks_around_it) {
    EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
    EXPECT_EQ(trimmed("   "), "");
    EXPECT_EQ(trimmed(""), "");
}

TEST(ControlCharacters, are_found) {
    EXPECT_FALSE(has_control_character("a \xC3\xA4~"));
    for (const char* text : {"a\n", "\x1B[m", "\x7F", "\t"})
        EXPECT_TRUE(has_control_character(text));
}

}  // namespace
}  // namespace imprint
