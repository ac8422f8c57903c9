#include "base/toml_text.h"

#include <gtest/gtest.h>
#include <string>

namespace imprint {
namespace {

TEST(BareNonAscii, strings_and_comments_may_hold_anything) {
    for (const char* good :
         {"", "a = 1\n", "a = \"\xC3\xBC\" # \xC3\xA4\nb = 2\n", "a = '\xC3\xBC\\'\n",
          "a = \"\\\"\xC3\xBC\"", "\"\xC3\xBC\" = 1",
          "a = \"\"\"\n\xC3\xBC\n\\\"\"\" \xC3\xBC\"\"\"\n", "a = '''\n\xC3\xBC\n''\xC3\xBC'''\n",
          "a = \"\"\"x\\\n \xC3\xBC\"\"\"", "a = \"\" # \xC3\xBC",
          "a = \"\"\"\"q\"\"\"\" # \xC3\xBC\nb = 1\n",
          "\xEF\xBB\xBF"
          "a = 1\n",
          "a = [\n  \"\xC3\xBC\",\n '\xC3\xBC']\n[\"\xC3\xBC\"]\nb = {\"\xC3\xBC\" = 1}"})
        EXPECT_FALSE(line_of_bare_non_ascii(good)) << good;
}

TEST(BareNonAscii, elsewhere_it_is_told_with_its_line) {
    EXPECT_EQ(line_of_bare_non_ascii("\xC3\xBC = 1"), 1U);
    EXPECT_EQ(line_of_bare_non_ascii("a = 1\nb = \xC2\xA0 2\n"), 2U);
    EXPECT_EQ(line_of_bare_non_ascii("a = \"x\"\xC3\xBC\n"), 1U);
    EXPECT_EQ(line_of_bare_non_ascii("# c\n'''\n\n'''\n[\xC4\xBD]"), 5U);
    // A string that was never closed ends with its line.
    EXPECT_EQ(line_of_bare_non_ascii("a = \"x\\\n\xC3\xBC"), 2U);
    EXPECT_EQ(line_of_bare_non_ascii("a = \"x\\"), std::nullopt);
}

TEST(BareNonAscii, a_quote_before_the_closing_ones_opens_nothing) {
    EXPECT_EQ(line_of_bare_non_ascii("a = {b = \"\"\"q\"\"\"\", \xC3\xBC = 1}"), 1U);
    EXPECT_EQ(line_of_bare_non_ascii("a = {b = '''q''''', \xC3\xBC = 1}"), 1U);
}

TEST(AsciiImage, has_the_same_lines_and_columns) {
    EXPECT_EQ(ascii_image("a = \"\xC3\xBC\"\n"), "a = \"xx\"\n");
    EXPECT_EQ(ascii_image(""), "");
    EXPECT_EQ(ascii_image("\xEF\xBB\xBF[a]\n\xEF\xBB\xBF = 1"), "\xEF\xBB\xBF[a]\nxxx = 1");
}

TEST(TomlText, a_key_of_too_many_parts_is_found) {
    std::string deep = "a";
    for (int i = 0; i < 16; ++i)
        deep += ".a";
    EXPECT_EQ(line_of_deep_key("x = 1\n" + deep + " = 1"), 2U);
    EXPECT_EQ(line_of_deep_key("[" + deep + "]"), 1U);
    EXPECT_EQ(line_of_deep_key("y = { " + deep + " = 1 }"), 1U);
    EXPECT_EQ(line_of_deep_key(deep.substr(2) + " = 1"), std::nullopt);
    EXPECT_EQ(line_of_deep_key("x = '" + deep + "' # " + deep + "\n"), std::nullopt);
    EXPECT_EQ(line_of_deep_key("x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0, 1.0, 1.0, "
                               "1.0, 1.0, 1.0, 1.0, 1.0, 1.0]"),
              std::nullopt);
}

}  // namespace
}  // namespace imprint
