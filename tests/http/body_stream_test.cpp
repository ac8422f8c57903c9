#include "http/body_stream.h"

#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace imprint::http {
namespace {

using State = BodyReader::State;

TEST(BodyStreamTest, what_is_written_is_taken_in_its_order) {
    auto [reader, writer] = make_body_stream();
    EXPECT_TRUE(writer.write("one "));
    EXPECT_TRUE(writer.write("two"));
    auto piece = reader->take(5);
    EXPECT_EQ(piece.text, "one t");
    EXPECT_EQ(piece.after, State::open);
    piece = reader->take(5);
    EXPECT_EQ(piece.text, "wo");
    EXPECT_EQ(piece.after, State::open);
    EXPECT_EQ(reader->take(5).text, "");
}

TEST(BodyStreamTest, the_end_comes_behind_what_was_written) {
    auto [reader, writer] = make_body_stream();
    EXPECT_TRUE(writer.write("last"));
    writer.end();
    EXPECT_FALSE(writer.write("more"));
    EXPECT_EQ(reader->take(2).after, State::open);
    const auto piece = reader->take(2);
    EXPECT_EQ(piece.text, "st");
    EXPECT_EQ(piece.after, State::whole);
}

TEST(BodyStreamTest, a_writer_that_goes_without_an_end_cuts_it_off) {
    auto stream = make_body_stream();
    {
        BodyWriter writer = std::move(stream.writer);
        EXPECT_TRUE(writer.write("half"));
    }
    const auto piece = stream.reader->take(100);
    EXPECT_EQ(piece.text, "half");
    EXPECT_EQ(piece.after, State::cut);

    auto first = make_body_stream();
    auto second = make_body_stream();
    first.writer = std::move(second.writer);
    EXPECT_EQ(first.reader->take(1).after, State::cut);
    EXPECT_EQ(second.reader->take(1).after, State::open);
}

TEST(BodyStreamTest, a_text_is_taken_whole_or_not_at_all_and_what_runs_over_ends_it) {
    auto [reader, writer] = make_body_stream(10);
    EXPECT_TRUE(writer.write("1234567890")) << "it holds so many";
    EXPECT_EQ(reader->take(4).text, "1234");
    EXPECT_TRUE(writer.write("abcd")) << "what was taken is no longer in it";
    EXPECT_FALSE(reader->overrun());
    EXPECT_FALSE(writer.write("x"));
    EXPECT_TRUE(reader->overrun());
    EXPECT_FALSE(writer.write("")) << "it has ended";
    EXPECT_EQ(reader->take(100).text, "") << "nothing of a body with a hole";
    EXPECT_EQ(reader->take(100).after, State::overrun);
}

TEST(BodyStreamTest, news_are_told_once_until_they_are_taken) {
    auto [reader, writer] = make_body_stream(10);
    int told = 0;
    reader->on_news([&] { ++told; });
    EXPECT_TRUE(writer.write(""));
    EXPECT_EQ(told, 0);
    EXPECT_TRUE(writer.write("a"));
    EXPECT_TRUE(writer.write("b"));
    EXPECT_EQ(told, 1);
    EXPECT_EQ(reader->take(10).text, "ab");
    EXPECT_TRUE(writer.write("c"));
    EXPECT_EQ(told, 2);
    EXPECT_FALSE(writer.write("too much for it"));
    EXPECT_EQ(told, 3) << "an overrun is told at once";
}

TEST(BodyStreamTest, who_writes_hears_that_nobody_reads_any_more) {
    auto [reader, writer] = make_body_stream();
    std::optional<bool> could_write;
    int told = 0;
    reader->on_news([&] { ++told; });
    const std::stop_callback heard(writer.gone(),
                                   [&, &to = writer] { could_write = to.write("anybody?"); });
    EXPECT_FALSE(could_write);
    reader->close();
    EXPECT_EQ(could_write, false);
    EXPECT_EQ(told, 0);
    reader->close();

    auto other = make_body_stream();
    EXPECT_FALSE(other.writer.gone().stop_requested());
    other.reader = nullptr;
    EXPECT_TRUE(other.writer.gone().stop_requested());
}

TEST(BodyStreamTest, many_threads_write_and_no_text_is_torn) {
    auto [reader, writer] = make_body_stream(64UL * 1024 * 1024);
    constexpr int each = 500;
    {
        std::vector<std::jthread> threads;
        for (const char letter : {'a', 'b', 'c', 'd'})
            threads.emplace_back([letter, &to = writer] {
                for (int i = 0; i < each; ++i)
                    EXPECT_TRUE(to.write(std::string(99, letter) + "\n"));
            });
    }
    const std::string all = reader->take(64UL * 1024 * 1024).text;
    ASSERT_EQ(all.size(), 4UL * each * 100);
    for (std::size_t at = 0; at < all.size(); at += 100)
        EXPECT_EQ(all.substr(at, 100), std::string(99, all[at]) + "\n");
}

}  // namespace
}  // namespace imprint::http
