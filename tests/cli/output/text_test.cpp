#include "cli/output/text.h"

#include <gtest/gtest.h>
#include <random>

namespace imprint::cli::output {
namespace {

TEST(TextTest, columns_are_characters_and_not_bytes) {
    EXPECT_EQ(columns(""), 0);
    EXPECT_EQ(columns("grün…"), 5);
    EXPECT_EQ(cut("grüner Wald", 6), "grüne…");
    EXPECT_EQ(cut("grün", 4), "grün");
    EXPECT_EQ(pad("ü", 3), "ü  ");
    EXPECT_EQ(pad("long", 2), "long");
}

TEST(TextTest, lines_are_broken_at_spaces_and_keep_their_own_breaks) {
    EXPECT_EQ(wrap("one two three", 8), "one two\nthree");
    EXPECT_EQ(wrap("one two three", 8, 2), "one two\n  three");
    EXPECT_EQ(wrap("a\nb", 8, 2), "a\nb");
    EXPECT_EQ(wrap("unbreakable", 4), "unbr\neaka\nble");
}

TEST(TextTest, no_wrapped_line_is_too_long_and_no_letter_is_lost) {
    std::mt19937 random(31);
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (auto n = random() % 60; n > 0; --n)
            text += std::array{"a", "b", "ü", "…", " ", " ", "\n"}[random() % 7];
        const std::size_t width = 4 + random() % 30;
        const std::size_t indent = random() % 4;
        const std::string wrapped = wrap(text, width, indent);
        const auto letters = [](std::string all) {
            std::erase_if(all, [](char c) { return c == ' ' || c == '\n'; });
            return all;
        };
        EXPECT_EQ(letters(wrapped), letters(text));
        for (std::size_t at = 0; at <= wrapped.size();) {
            const std::size_t end = std::min(wrapped.find('\n', at), wrapped.size());
            EXPECT_LE(columns(std::string_view(wrapped).substr(at, end - at)), width)
                << '"' << wrapped << '"';
            at = end + 1;
        }
    }
}

TEST(TextTest, control_characters_do_not_get_through) {
    EXPECT_EQ(printable("a\x1b[2J\tb\r\n\x7f"), "a?[2J?b?\n?");
    EXPECT_EQ(printable("grün"), "grün");
    EXPECT_EQ(printable("txt\u202Egnp\u2028b"), "txt?gnp?b");
    EXPECT_EQ(printable("gr\xFCn \xE2\x82 \xE2\x82\xAC\xFF"), "gr?n ?? \xE2\x82\xAC?");
}

TEST(TextTest, colours_go_or_stay_and_end_with_their_line) {
    EXPECT_EQ(printable("a\x1b[31mb\x1b[0m\n\x1b[1;5;31mc"), "ab\nc");
    EXPECT_EQ(printable("a\x1b[31mb\nc\nd\x1b[32me", Colours::kept),
              "a\x1b[31mb\x1b[0m\nc\nd\x1b[32me");
    EXPECT_EQ(printable("a\x1b[?31m\x1b[3\x1b[2J", Colours::kept), "a?[?31m?[3?[2J");
    EXPECT_EQ(printable("a\x1b[", Colours::kept), "a?[");
}

TEST(TextTest, sizes_are_told_in_the_largest_unit_that_fits) {
    EXPECT_EQ(bytes_text(512), "512 B");
    EXPECT_EQ(bytes_text(960 << 10), "960 KB");
    EXPECT_EQ(bytes_text(4 << 20), "4 MB");
    EXPECT_EQ(bytes_text(3 << 19), "1.5 MB");
}

TEST(TextTest, a_table_has_its_columns_in_line) {
    EXPECT_EQ(table({{"bay", "thing"}, {"bay0", "ü"}, {"b", "longer"}}),
              "bay   thing\nbay0  ü\nb     longer\n");
}

}  // namespace
}  // namespace imprint::cli::output
