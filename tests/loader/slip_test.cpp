#include "loader/slip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace imprint::loader {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Bytes> frames_in(SlipDecoder& decoder, ByteView bytes) {
    std::vector<Bytes> frames;
    decoder.feed(bytes, [&](ByteView frame, bool well_formed) {
        if (well_formed) frames.emplace_back(frame.begin(), frame.end());
    });
    return frames;
}

std::vector<Bytes> frames_in(ByteView bytes) {
    SlipDecoder decoder;
    return frames_in(decoder, bytes);
}

TEST(Slip, delimiters_and_escapes_are_escaped_and_nothing_else) {
    const Bytes content{0x00, 0xC0, 0xDB, 0xDC, 0xDD, 0xFF};
    EXPECT_THAT(slip_frame(content),
                ElementsAre(0xC0, 0x00, 0xDB, 0xDC, 0xDB, 0xDD, 0xDC, 0xDD, 0xFF, 0xC0));
    EXPECT_THAT(frames_in(slip_frame(content)), ElementsAre(content));
}

TEST(Slip, empty_frames_are_passed_over) {
    const Bytes spare{0xC0, 0xC0, 0xC0, 0xC0, 0x01, 0xC0, 0xC0, 0xC0, 0x02, 0x03, 0xC0};
    EXPECT_THAT(frames_in(spare), ElementsAre(Bytes{0x01}, Bytes{0x02, 0x03}));
}

TEST(Slip, a_frame_is_found_behind_a_boot_log) {
    Bytes stream = [] {
        const ByteView log = as_bytes("rst:0x1 (POWERON_RESET),boot:0x3\r\nwaiting for download");
        return Bytes(log.begin(), log.end());
    }();
    append(stream, slip_frame(Bytes{1, 2, 3}));
    EXPECT_EQ(frames_in(stream).back(), (Bytes{1, 2, 3}));
}

TEST(Slip, a_delimiter_in_noise_costs_no_later_frame) {
    Bytes stream{0x55, 0xC0, 0x12};
    append(stream, slip_frame(Bytes{1}));
    append(stream, slip_frame(Bytes{2}));
    const auto frames = frames_in(stream);
    EXPECT_THAT(std::vector(frames.end() - 2, frames.end()), ElementsAre(Bytes{1}, Bytes{2}));
}

TEST(Slip, a_wrong_escape_spoils_its_own_frame_only) {
    const Bytes stream{0xC0, 0x01, 0xDB, 0x02, 0xC0, 0xC0, 0x03,
                       0xC0, 0x04, 0xDB, 0xC0, 0x05, 0xC0};
    EXPECT_THAT(frames_in(stream), ElementsAre(Bytes{0x03}, Bytes{0x05}));
}

TEST(Slip, what_is_not_complete_can_be_looked_at) {
    SlipDecoder decoder;
    EXPECT_THAT(frames_in(decoder, as_bytes("no answer at all")), IsEmpty());
    EXPECT_EQ(as_text(decoder.pending()), "no answer at all");
    decoder.clear();
    EXPECT_TRUE(decoder.pending().empty());
}

TEST(Slip, endless_noise_is_held_within_bounds_and_its_end_is_kept) {
    SlipDecoder decoder;
    for (int i = 0; i < 100; ++i)
        EXPECT_THAT(frames_in(decoder, Bytes(4000, static_cast<std::uint8_t>(i))), IsEmpty());
    EXPECT_LE(decoder.pending().size(), 16384U);
    EXPECT_EQ(decoder.pending().back(), 99);
}

TEST(Slip, any_content_cut_anywhere_comes_back) {
    std::mt19937 random(1);
    const auto below = [&](std::size_t limit) { return random() % limit; };
    for (int round = 0; round < 300; ++round) {
        std::vector<Bytes> sent;
        Bytes stream;
        for (std::size_t i = 0, count = 1 + below(5); i < count; ++i) {
            Bytes content(1 + below(200));
            for (std::uint8_t& byte : content) {
                constexpr std::uint8_t telling[] = {0xC0, 0xDB, 0xDC, 0xDD};
                byte = below(2) == 0 ? telling[below(4)] : static_cast<std::uint8_t>(random());
            }
            append(stream, slip_frame(content));
            sent.push_back(std::move(content));
        }
        SlipDecoder decoder;
        std::vector<Bytes> received;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t size = std::min(stream.size() - at, 1 + below(40));
            for (Bytes& frame : frames_in(decoder, ByteView(stream).subspan(at, size)))
                received.push_back(std::move(frame));
            at += size;
        }
        ASSERT_EQ(received, sent);
    }
}

}  // namespace
}  // namespace imprint::loader
