#include "base/terminal_text.h"

#include <gtest/gtest.h>

namespace imprint {
namespace {

TEST(TerminalText, what_steers_a_terminal_becomes_a_question_mark) {
    EXPECT_EQ(without_steering("a\x1b[2J\tb\n\x7F"), "a?[2J?b??");
    EXPECT_EQ(without_steering("a\nb\r", LineBreaks::kept), "a\nb?");
    EXPECT_EQ(without_steering("\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0"), "???\xC2\xA0");
    EXPECT_EQ(without_steering("gr\xFCn \xE2\x82 \xE2\x82\xAC\xFF"), "gr?n ?? \xE2\x82\xAC?");
    EXPECT_EQ(without_steering(""), "");
}

// "U+202E gnp.exe" reads "exe.png".
TEST(TerminalText, what_has_a_line_read_otherwise_becomes_a_question_mark) {
    for (const char* character :
         {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D",
          "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
        EXPECT_EQ(without_steering(std::string("a") + character + "b", LineBreaks::kept), "a?b");
        EXPECT_EQ(steering_length(character), std::string_view(character).size());
        EXPECT_TRUE(has_steering(std::string("\xFF") + character));
    }
    for (const char* character : {"\u061B", "\u061D", "\u200D", "\u2010", "\u2027", "\u202F",
                                  "\u2065", "\u206A", "\u00A0", "\u05D0", "\u0627", "\U0001F512"})
        EXPECT_TRUE(without_steering(character) == character && !has_steering(character));
}

}  // namespace
}  // namespace imprint
