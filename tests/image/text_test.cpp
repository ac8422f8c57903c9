#include "image/text.h"

#include <gtest/gtest.h>

namespace imprint::image {
namespace {

TEST(Quoted, shows_text_as_it_is_and_control_bytes_by_number) {
    EXPECT_EQ(in_quotes("nvs"), "\"nvs\"");
    EXPECT_EQ(in_quotes("gr\xC3\xBCn"), "\"gr\xC3\xBCn\"");
    EXPECT_EQ(in_quotes("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(in_quotes("\x1B[2J\n\x7F"), "\"\\x1b[2J\\x0a\\x7f\"");
    EXPECT_EQ(in_quotes("\xC2\x9B"), "\"\\xc2\\x9b\"");
    EXPECT_EQ(in_quotes("a\u202Eb"), "\"a\\xe2\\x80\\xaeb\"");
    EXPECT_EQ(in_quotes("\xFF\xC3"), "\"\\xff\\xc3\"");
}

TEST(IsUtf8, refuses_what_is_cut_off_overlong_or_a_surrogate) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
    for (const char* text :
         {"\xC3", "\xE2\x82", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xFF"})
        EXPECT_FALSE(is_utf8(text)) << in_quotes(text);
}

TEST(Blanks, around_a_text_go_as_python_strips_them) {
    EXPECT_EQ(without_blanks(" \t\xC2\xA0nvs\xE3\x80\x80\r\n"), "nvs");
    EXPECT_EQ(without_blanks("a\xC2\xA0"
                             "b"),
              "a\xC2\xA0"
              "b");
    EXPECT_EQ(without_blanks("\xC2\xA0\xE2\x80\x83"), "");
    EXPECT_EQ(without_blanks(""), "");
    // Neither half of a character nor what only looks like one.
    EXPECT_EQ(without_blanks("a\xA0"), "a\xA0");
    EXPECT_EQ(without_blanks("\xC3\xA0"), "\xC3\xA0");
    EXPECT_EQ(without_blanks("\x80\x80\x80\x80\xA0"), "\x80\x80\x80\x80\xA0");
}

TEST(UnseenCharacter, is_named) {
    EXPECT_EQ(unseen_character("plain name \xC3\xA4"), "");
    EXPECT_EQ(unseen_character("a\xC2\xA0"
                               "b"),
              "U+00A0");
    EXPECT_EQ(unseen_character("a\xEF\xBB\xBF"), "U+FEFF");
    EXPECT_EQ(unseen_character("\xE2\x80\x8B"), "U+200B");
    EXPECT_EQ(unseen_character("\xFF\xC2"), "");
}

TEST(Utf16, becomes_utf8) {
    EXPECT_EQ(utf8_from_utf16(Bytes{'a', 0, 0xE4, 0, 0xAC, 0x20}, false), "a\xC3\xA4\xE2\x82\xAC");
    EXPECT_EQ(utf8_from_utf16(Bytes{0, 'a', 0, 0xE4}, true), "a\xC3\xA4");
    EXPECT_EQ(utf8_from_utf16(Bytes{0x3D, 0xD8, 0x00, 0xDE}, false), "\xF0\x9F\x98\x80");
    EXPECT_EQ(utf8_from_utf16(Bytes{'a', 0, 'b'}, false), "a");
    EXPECT_FALSE(is_utf8(utf8_from_utf16(Bytes{0x3D, 0xD8, 'a', 0}, false)));
    EXPECT_FALSE(is_utf8(utf8_from_utf16(Bytes{0x3D, 0xD8}, false)));
}

}  // namespace
}  // namespace imprint::image
