#include "cli/shell/answer.h"

#include <gtest/gtest.h>

#include "cli/program.h"
#include "cli/shell/bash_line.h"

namespace imprint::cli::shell {
namespace {

constexpr std::string_view breaks = " \t\n\"'@><=;|&(:";
using Words = std::vector<std::string>;

BashLine read(std::string_view line) {
    return read_bash_line(line, breaks);
}

TEST(BashLine, has_its_words_without_quotes) {
    EXPECT_EQ(read("imprint prepare").words, (Words{"imprint", "prepare"}));
    EXPECT_EQ(read("imprint prepare ").words, (Words{"imprint", "prepare", ""}));
    EXPECT_EQ(read("imprint  --lot 'a b' c\\ d\te\"f g\"").words,
              (Words{"imprint", "--lot", "a b", "c d", "ef g"}));
    EXPECT_EQ(read("x '' ").words, (Words{"x", "", ""}));
    EXPECT_EQ(read("x \"a\\\"b\\c\"").words, (Words{"x", "a\"b\\c"}));
    EXPECT_EQ(read("x a\\").words, (Words{"x", "a\\"}));
    EXPECT_EQ(read("").words, (Words{""}));
}

TEST(BashLine, readline_replaces_what_is_behind_a_break) {
    const auto line = read("imprint prepare --set=identity.key=r");
    EXPECT_EQ(line.words.back(), "--set=identity.key=r");
    EXPECT_EQ(bash_word(line, "--set=identity.key=rsa-2048"), "rsa-2048");
    EXPECT_EQ(bash_word(read("imprint prepare --lot o"), "order-17"), "order-17");
    // Where it is quoted, it ends no word.
    EXPECT_EQ(bash_word(read("imprint x 'a=b"), "a=bc"), "a=bc");
    EXPECT_EQ(bash_word(read_bash_line("imprint x a=b", " "), "a=bc"), "a=bc");
}

TEST(BashLine, what_a_shell_would_read_otherwise_is_escaped) {
    EXPECT_EQ(bash_word(read("x "), "lot 1; $(rm)&*"), "lot\\ 1\\;\\ \\$\\(rm\\)\\&\\*");
    EXPECT_EQ(bash_word(read("x 'lo"), "lot 1"), "lot 1");
    EXPECT_EQ(bash_word(read("x \"lo"), "lot $1"), "lot \\$1");
    EXPECT_EQ(bash_word(read("x "), "straße"), "straße");
    EXPECT_EQ(bash_word(read("x "), "j';rm #"), "j\\'\\;rm\\ \\#");
}

TEST(BashLine, no_word_leaves_the_quotes_that_it_stands_in) {
    EXPECT_EQ(bash_word(read("x 'j"), "j';rm #"), R"(j'\'';rm #)");
    EXPECT_EQ(bash_word(read("x \"j"), "j\";rm #"), R"(j\";rm #)");
    EXPECT_EQ(bash_word(read("x \"j"), "j !rm"), R"(j "\!"rm)");
    EXPECT_EQ(bash_word(read("x 'j"), "j !rm"), "j !rm");
    // What was put in is read again as the word that it is.
    for (const std::string begin : {"x ", "x '", "x \""}) {
        const std::string word = "j';\"$(rm)`!rm\\ #";
        EXPECT_EQ(read(begin + bash_word(read(begin), word)).words.back(), word) << begin;
    }
    // Readline replaces what is behind the quote that is still open.
    EXPECT_EQ(bash_word(read(R"(x 'j'\'';r)"), "j';rm #"), ";rm #");
    EXPECT_EQ(bash_word(read("x --lot='j"), "--lot=j;rm"), "j;rm");
}

std::string answered(const std::vector<std::string>& arguments, std::vector<Candidate> alive = {}) {
    static const CommandRow table = command_table();
    return answer(table, arguments,
                  [&](ValueKind, const std::string&, const config::Sources&) { return alive; });
}

TEST(ShellAnswer, is_a_line_for_the_paths_and_one_for_each_candidate) {
    EXPECT_EQ(answered({"bash", "imprint doc", std::string(breaks)}), "none 0\ndoctor\n");
    EXPECT_EQ(answered({"words", "prepare", "--config=x"}), "files 9\n");
    EXPECT_EQ(answered({"words", "doc"}),
              "none 0\ndoctor\tCheck everything a run needs, with the hint for each fault.\n");
}

TEST(ShellAnswer, holds_no_character_that_a_terminal_would_obey) {
    const std::vector<Candidate> alive{
        {"a\nb", "x"}, {"c\x1b[2Jd", "x"}, {"e", "two\nlines"}, {"f", "g"}};
    EXPECT_EQ(answered({"words", "lot", "show", ""}, alive), "none 0\ne\nf\tg\n");
    EXPECT_EQ(answered({"bash", "imprint lot show ", std::string(breaks)}, alive),
              "none 0\ne\nf\n");
}

TEST(ShellAnswer, holds_nothing_that_is_seen_otherwise_than_it_is_read) {
    // C1's CSI, a byte that is no UTF-8, marks of direction, a line separator.
    for (const std::string mark :
         {"\xC2\x80", "\xC2\x9B", "\xC2\x9F", "\x9B", "\xD8\x9C", "\xE2\x80\x8E", "\xE2\x80\x8F",
          "\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"}) {
        const std::vector<Candidate> alive{{"a" + mark + "b", "x"}, {"e", "y" + mark}};
        EXPECT_EQ(answered({"words", "lot", "show", ""}, alive), "none 0\ne\n");
        EXPECT_EQ(answered({"bash", "imprint lot show ", std::string(breaks)}, alive),
                  "none 0\ne\n");
    }
    const std::string fine = "\xC2\xA0 straße \xE2\x80\xA6 \xE2\x81\xAA \xF0\x9F\x98\x80";
    EXPECT_EQ(answered({"words", "lot", "show", ""}, {{fine, ""}}), "none 0\n" + fine + '\n');
}

TEST(ShellAnswer, to_anything_else_is_nothing) {
    EXPECT_EQ(answered({}), "");
    EXPECT_EQ(answered({"bash"}), "");
    EXPECT_EQ(answered({"words"}), "");
    EXPECT_EQ(answered({"tcsh", "imprint", "x"}), "");
    EXPECT_EQ(answered({"bash", "imprint", std::string(breaks)}), "");
}

}  // namespace
}  // namespace imprint::cli::shell
