#include "console/line_reader.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace imprint::console {
namespace {

std::vector<std::string> texts(LineReader& reader) {
    std::vector<std::string> all;
    while (const auto line = reader.next())
        all.push_back(line->text);
    return all;
}

TEST(LineReaderTest, lines_come_out_however_their_bytes_come_in) {
    const std::string text = "ets Jul 29 2019\r\n\r\n\x1B[0;32mI (31) boot: up\x1B[0m\r\n> ";
    const std::vector<std::string> lines = {"ets Jul 29 2019", "", "I (31) boot: up"};
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LineReader reader;
        std::vector<std::string> seen;
        for (const auto& part : {text.substr(0, cut), text.substr(cut)}) {
            reader.take(as_bytes(part));
            for (auto& line : texts(reader))
                seen.push_back(std::move(line));
        }
        EXPECT_EQ(seen, lines) << cut;
        EXPECT_EQ(reader.unfinished(), "> ") << cut;
        EXPECT_EQ(reader.take_unfinished()->text, "> ");
        EXPECT_FALSE(reader.take_unfinished());
    }
}

TEST(LineReaderTest, a_line_without_an_end_is_cut_and_not_kept_for_ever) {
    LineReader reader;
    const std::string text(LineReader::longest_line * 2 + 10, 'x');
    reader.take(as_bytes(text));
    const auto lines = texts(reader);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].size(), LineReader::longest_line);
    EXPECT_EQ(reader.unfinished(), std::string(10, 'x'));
    reader.take(as_bytes(std::string_view("\n")));
    EXPECT_EQ(texts(reader), std::vector<std::string>{std::string(10, 'x')});
}

TEST(CleanLine, colours_are_kept_apart_and_nothing_else_steers_a_terminal) {
    const Line line = clean_line("\x1B[0;32mI (1) a: b\x1B[0m\tc");
    EXPECT_EQ(line.text, "I (1) a: b c");
    EXPECT_EQ(line.coloured, "\x1B[0;32mI (1) a: b\x1B[0m c");
    for (const auto& [raw, text] : std::vector<std::pair<std::string, std::string>>{
             {"a\x1B[2Jb", "ab"},                 // clears the screen
             {"a\x1B[1;1Hb", "ab"},               // moves the cursor
             {"a\x1B[?1049hb", "ab"},             // another screen
             {"a\x1B[>4mb", "ab"},                // ends like a colour and is none
             {"a\x1B]0;title\ab", "ab"},          // names the window
             {"a\x1B]8;;http://x\x1B\\b", "ab"},  // a link
             {"a\x1B]52;c;aGk=", "a"},            // into the clipboard, without an end
             {"a\x1BPq#0\x1B\\b", "ab"},          // a picture
             {"a\x1B"
              "cb",
              "ab"},  // resets the terminal
             {"a\xC2\x9B"
              "2Jb",
              "a2Jb"},                                      // CSI as U+009B
             {"a\b\b\x7F\x01\a\rb", "ab"},                  //
             {"a\x1B[", "a"},                               // cut off
             {"a\x1B", "a"},                                //
             {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},  // UTF-8 stays
         }) {
        EXPECT_EQ(clean_line(raw).text, text) << testing::PrintToString(raw);
        EXPECT_EQ(clean_line(raw).coloured, text) << testing::PrintToString(raw);
    }
}

TEST(CleanLine, of_noise_no_control_character_is_left) {
    std::mt19937 random(12);  // NOLINT(cert-msc51-cpp): the same noise each time
    for (int i = 0; i < 2000; ++i) {
        std::string raw(1 + random() % 40, '\0');
        for (char& c : raw)
            c = static_cast<char>(
                random() % 4 == 0 ? std::string_view("\x1B[]m;0\xC2\x9B")[random() % 8] : random());
        const Line line = clean_line(raw);
        for (const char c : line.text)
            EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != '\x7F')
                << testing::PrintToString(raw);
        EXPECT_EQ(clean_line(line.coloured).text, line.text) << testing::PrintToString(raw);
    }
}

}  // namespace
}  // namespace imprint::console
