#include "transport/telnet.h"

#include <array>
#include <gmock/gmock.h>
#include <random>

namespace imprint::transport::telnet {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

struct Seen {
    Bytes data;
    std::vector<std::pair<Verb, int>> negotiations;
    std::vector<std::pair<int, Bytes>> contents;

    Decoder::Sink sink() {
        return {[this](std::uint8_t byte) { data.push_back(byte); },
                [this](Verb verb, std::uint8_t option) { negotiations.emplace_back(verb, option); },
                [this](std::uint8_t option, ByteView content) {
                    contents.emplace_back(option, Bytes(content.begin(), content.end()));
                }};
    }
};

TEST(Telnet, a_stream_is_taken_apart) {
    Bytes stream{'a', 255, 255, 'b'};
    append(stream, negotiation(Verb::do_, option_com_port));
    append(stream, subnegotiation(option_com_port, Bytes{101, 0, 255, 4}));
    append(stream, Bytes{255, 241, 'c'});  // NOP
    Seen seen;
    Decoder decoder;
    decoder.feed(stream, seen.sink());
    EXPECT_EQ(seen.data, (Bytes{'a', 255, 'b', 'c'}));
    EXPECT_THAT(seen.negotiations, ElementsAre(Pair(Verb::do_, 44)));
    EXPECT_THAT(seen.contents, ElementsAre(Pair(44, Bytes{101, 0, 255, 4})));
}

TEST(Telnet, any_data_comes_through_in_any_pieces) {
    std::mt19937 random(17);
    for (int round = 0; round < 500; ++round) {
        Bytes data(random() % 300);
        for (auto& byte : data)
            byte = static_cast<std::uint8_t>(random() % 3 == 0 ? 255 : random());
        Bytes stream = escape(data);
        append(stream, subnegotiation(44, data));
        Seen seen;
        Decoder decoder;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t size = std::min<std::size_t>(1 + random() % 9, stream.size() - at);
            decoder.feed(ByteView(stream).subspan(at, size), seen.sink());
            at += size;
        }
        EXPECT_EQ(seen.data, data);
        EXPECT_THAT(seen.contents, ElementsAre(Pair(44, data)));
    }
}

TEST(Telnet, noise_is_borne) {
    std::mt19937 random(23);
    for (int round = 0; round < 2000; ++round) {
        Bytes noise(random() % 64);
        for (auto& byte : noise)
            byte = static_cast<std::uint8_t>(random() % 2 == 0 ? 240 + random() % 16 : random());
        Seen seen;
        Decoder decoder;
        decoder.feed(noise, seen.sink());
        EXPECT_LE(seen.data.size(), noise.size());
    }
}

TEST(Telnet, a_subnegotiation_without_end_takes_no_memory_without_end) {
    Seen seen;
    Decoder decoder;
    Bytes stream{255, 250, 44};
    stream.resize(1'000'000, 'x');
    append(stream, Bytes{255, 240});
    decoder.feed(stream, seen.sink());
    ASSERT_EQ(seen.contents.size(), 1);
    EXPECT_LE(seen.contents[0].second.size(), 4096);
}

class TelnetOptions : public testing::Test {
  protected:
    Options options_{{option_binary, option_com_port}};
};

TEST_F(TelnetOptions, what_was_asked_for_needs_no_answer_when_it_comes) {
    EXPECT_EQ(options_.offer(option_com_port), (Bytes{255, 251, 44}));
    EXPECT_EQ(options_.request(option_binary), (Bytes{255, 253, 0}));
    EXPECT_EQ(options_.ours(option_com_port), Options::State::asked);
    EXPECT_TRUE(options_.answer(Verb::do_, option_com_port).empty());
    EXPECT_TRUE(options_.answer(Verb::wont, option_binary).empty());
    EXPECT_EQ(options_.ours(option_com_port), Options::State::on);
    EXPECT_EQ(options_.theirs(option_binary), Options::State::refused);
}

TEST_F(TelnetOptions, what_the_peer_wants_is_agreed_to_once_or_refused) {
    constexpr std::uint8_t echo = 1;
    EXPECT_EQ(options_.answer(Verb::will, echo), (Bytes{255, 254, 1}));
    EXPECT_EQ(options_.answer(Verb::do_, echo), (Bytes{255, 252, 1}));
    EXPECT_EQ(options_.answer(Verb::will, option_binary), (Bytes{255, 253, 0}));
    EXPECT_TRUE(options_.answer(Verb::will, option_binary).empty());
    EXPECT_EQ(options_.answer(Verb::wont, option_binary), (Bytes{255, 254, 0}));
    EXPECT_TRUE(options_.answer(Verb::wont, option_binary).empty());
    EXPECT_EQ(options_.theirs(echo), Options::State::off);
}

// Two sides that answer each other's answers would never be done.
TEST_F(TelnetOptions, any_two_sides_come_to_an_end) {
    std::mt19937 random(41);
    for (int round = 0; round < 300; ++round) {
        Options other({option_binary, option_suppress_go_ahead});
        Options mine({option_binary, option_com_port});
        std::vector<std::pair<Verb, std::uint8_t>> to_other;
        std::vector<std::pair<Verb, std::uint8_t>> to_mine;
        const auto say = [](const Bytes& words, auto& to) {
            Decoder decoder;
            decoder.feed(
                words, {.data = [](std::uint8_t) {},
                        .negotiation = [&](Verb verb,
                                           std::uint8_t option) { to.emplace_back(verb, option); },
                        .subnegotiation = [](std::uint8_t, ByteView) {}});
        };
        for (int word = 0; word < 6; ++word) {
            const auto option = static_cast<std::uint8_t>(std::array{0, 3, 44}[random() % 3]);
            say(random() % 2 == 0 ? mine.offer(option) : mine.request(option), to_other);
            say(random() % 2 == 0 ? other.offer(option) : other.request(option), to_mine);
        }
        int said = 0;
        while (!to_other.empty() || !to_mine.empty()) {
            ASSERT_LT(++said, 100);
            if (!to_other.empty() && (to_mine.empty() || random() % 2 == 0)) {
                const auto [verb, option] = to_other.front();
                to_other.erase(to_other.begin());
                say(other.answer(verb, option), to_mine);
            } else {
                const auto [verb, option] = to_mine.front();
                to_mine.erase(to_mine.begin());
                say(mine.answer(verb, option), to_other);
            }
        }
    }
}

}  // namespace
}  // namespace imprint::transport::telnet
