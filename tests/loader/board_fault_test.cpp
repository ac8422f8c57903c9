// What a connected board promises, when lines, chips and people fail.
#include <set>

#include "loader/board.h"
#include "loader/board_fixture.h"

namespace imprint::loader {
namespace {

using testing::BoardTest;
using testing::Fault;
using ::testing::HasSubstr;

using Seen = testing::FaultyPort::Seen;

bool is_blank(ByteView flash) {
    return std::ranges::all_of(flash, [](std::uint8_t byte) { return byte == 0xFF; });
}

class BoardFault : public BoardTest {
  protected:
    // The fault strikes the n-th request of that kind, once.
    void strike(Op op, unsigned number, Fault what) {
        wire.fault = [=](const Seen& request, unsigned count) {
            return request.op == op && count == number ? what : Fault::none;
        };
    }

    void always(Op op, Fault what) {
        wire.fault = [=](const Seen& request, unsigned) {
            return request.op == op ? what : Fault::none;
        };
    }

    [[nodiscard]] std::vector<std::uint32_t> sequences(Op op) const {
        std::vector<std::uint32_t> numbers;
        for (const Seen& request : wire.seen)
            if (request.op == op) numbers.push_back(request.word(1));
        return numbers;
    }

    const FlashData region{"app", 0x10000, firmware_like(200'000)};
};

TEST_F(BoardFault, a_damaged_block_is_sent_again_and_no_more) {
    Board board = connected();
    strike(Op::flash_defl_data, 2, Fault::damage_block);
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_EQ(wire.count(Op::flash_defl_begin), 1U);
    const auto numbers = sequences(Op::flash_defl_data);
    EXPECT_EQ(std::ranges::count(numbers, 2U), 2);
}

TEST_F(BoardFault, a_rom_counts_a_damaged_block_and_takes_it_under_the_next_number) {
    options.stub_directory.clear();
    Board board = connected();
    wire.fault = [](const Seen& request, unsigned count) {
        const bool block = request.op == Op::flash_defl_data || request.op == Op::flash_data;
        return block && (count == 0 || count == 5) ? Fault::damage_block : Fault::none;
    };
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_EQ(wire.count(Op::flash_defl_begin), 1U);
    EXPECT_EQ(wire.count(Op::flash_begin), 1U);
    for (const Op op : {Op::flash_defl_data, Op::flash_data}) {
        const auto numbers = sequences(op);
        for (std::uint32_t i = 0; i < numbers.size(); ++i)
            EXPECT_EQ(numbers[i], i) << "the ROM refuses any other";
    }
}

TEST_F(BoardFault, a_line_that_damages_every_block_is_given_up) {
    for (const bool stub : {true, false}) {
        if (!stub) options.stub_directory.clear();
        Board board = connected();
        wire.seen.clear();
        always(Op::flash_defl_data, Fault::damage_block);
        expect_error(board.write(region), "line_damaged");
        EXPECT_EQ(wire.count(Op::flash_defl_data), 36U) << "twelve times three";
        wire.fault = nullptr;
    }
}

TEST_F(BoardFault, a_block_is_never_sent_again_for_a_lost_acknowledgement) {
    for (const Fault lost : {Fault::lose_reply, Fault::lose_request, Fault::shorten_reply}) {
        fill_flash(0xFF);
        Board board = connected();
        wire.seen.clear();
        unsigned blocks = 0;
        wire.fault = [&](const Seen& request, unsigned) {
            return request.op == Op::flash_defl_data && ++blocks == 3 ? lost : Fault::none;
        };
        const auto written = board.write(region);
        ASSERT_TRUE(written) << written.error().describe();
        EXPECT_TRUE(in_flash(region));
        EXPECT_EQ(wire.count(Op::flash_defl_begin), 2U);
        std::set<std::uint32_t> since_begin;
        for (const Seen& request : wire.seen) {
            if (request.op == Op::flash_defl_begin) since_begin.clear();
            if (request.op != Op::flash_defl_data) continue;
            EXPECT_TRUE(since_begin.insert(request.word(1)).second)
                << "block " << request.word(1) << " went into the same stream twice";
        }
    }
}

TEST_F(BoardFault, a_write_that_fails_behind_its_acknowledgement_is_noticed) {
    Board board = connected();
    strike(Op::flash_defl_data, 3, Fault::fail_write);
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_TRUE(logged("the flash chip did not do it"));
}

TEST_F(BoardFault, a_failure_of_the_last_block_shows_on_the_md5) {
    Board board = connected();
    const auto blocks = static_cast<unsigned>((region.compressed().size() + 0x3FFF) / 0x4000);
    strike(Op::flash_defl_data, blocks - 1, Fault::fail_write);
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_EQ(wire.count(Op::flash_defl_begin), 2U);
}

TEST_F(BoardFault, flash_that_never_takes_it_is_given_up_after_three_tries) {
    Board board = connected();
    always(Op::flash_defl_data, Fault::fail_write);
    const auto written = board.write(region);
    expect_error(written, "flash_write_failed");
    EXPECT_EQ(wire.count(Op::flash_defl_begin), 3U);
}

TEST_F(BoardFault, flash_that_holds_something_else_is_never_called_written) {
    Board board = connected();
    wire.fault = [this](const Seen& request, unsigned) {
        if (request.op == Op::spi_flash_md5) chip().spoil(0x12345);  // a worn cell
        return Fault::none;
    };
    Bytes content = firmware_like(200'000);
    content[0x2345] = 0xFF;
    const auto written = board.write(FlashData("app", 0x10000, content));
    expect_error(written, "verify_failed");
    EXPECT_THAT(written.error().message, HasSubstr("app"));
    EXPECT_EQ(wire.count(Op::flash_defl_begin), 3U);
}

TEST_F(BoardFault, a_chip_that_stops_is_reset_and_the_write_done) {
    Board board = connected();
    strike(Op::flash_defl_data, 4, Fault::hang);
    const unsigned before = wire.resets;
    ASSERT_TRUE(board.write(region));
    EXPECT_TRUE(in_flash(region));
    EXPECT_GT(wire.resets, before);
    EXPECT_TRUE(board.stub_runs());
    EXPECT_EQ(board.baud(), 460800U) << "one step slower than before";
}

TEST_F(BoardFault, another_board_in_the_bay_is_noticed_and_left_alone) {
    Board board = connected();
    strike(Op::flash_defl_data, 4, Fault::hang);
    wire.on_reset = [this, there = false]() mutable {
        if (!std::exchange(there, true)) put(stranger());
    };
    const auto written = board.write(region);
    expect_error(written, "board_swapped");
    EXPECT_THAT(written.error().message, HasSubstr("240ac4012345"));
    EXPECT_THAT(written.error().message, HasSubstr("240ac4999999"));
    EXPECT_TRUE(is_blank(flash())) << "not a byte for the stranger";
}

TEST_F(BoardFault, a_stranger_that_answers_like_the_board_before_gets_nothing_either) {
    Board board = connected();
    wire.fault = [this](const Seen& request, unsigned count) {
        if (request.op != Op::flash_defl_data || count != 4) return Fault::none;
        put(stranger_in_loader());
        return Fault::lose_request;
    };
    expect_error(board.write(region), "board_swapped");
    EXPECT_TRUE(is_blank(flash()));
}

TEST_F(BoardFault, a_board_that_is_gone_for_good_is_no_board) {
    Board board = connected();
    strike(Op::flash_defl_data, 4, Fault::hang);
    wire.lines_wired = false;
    expect_error(board.write(region), "board_silent");
}

TEST_F(BoardFault, a_pulled_cable_is_told_at_once) {
    Board board = connected();
    strike(Op::flash_defl_data, 4, Fault::unplug);
    const Instant before = wire.now();
    expect_error(board.write(region), "port_gone");
    EXPECT_LT(wire.now() - before, Milliseconds(100));
}

TEST_F(BoardFault, a_stop_ends_the_write_between_two_blocks) {
    std::stop_source stop;
    Board board = connected(stop.get_token());
    const auto written = board.write(region, [&](std::uint64_t done, std::uint64_t) {
        if (done > 50'000) stop.request_stop();
    });
    expect_error(written, "interrupted", ErrorKind::interrupted);
    EXPECT_EQ(wire.count(Op::flash_defl_begin), 1U);
}

TEST_F(BoardFault, every_wait_ends) {
    for (const Op op : {Op::flash_defl_begin, Op::flash_defl_data, Op::spi_flash_md5}) {
        Board board = connected();
        const Instant before = wire.now();
        always(op, Fault::lose_request);
        const auto written = board.write(region);
        wire.fault = nullptr;
        ASSERT_FALSE(written);
        EXPECT_LT(wire.now() - before, std::chrono::minutes(2)) << to_string(op);
    }
}

TEST_F(BoardFault, a_lost_or_damaged_piece_of_a_reading_is_read_again) {
    Board board = connected();
    chip().preload_flash(0, firmware_like(4U << 20, 4));
    for (const Fault what : {Fault::lose_reply, Fault::damage_reply, Fault::shorten_reply}) {
        unsigned packets = 0;
        wire.fault = [&](const Seen& request, unsigned) {
            return request.op == testing::FaultyPort::acknowledgement && ++packets == 5
                       ? what
                       : Fault::none;
        };
        const auto read = board.read(0x20000, 100'000);
        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_TRUE(std::ranges::equal(*read, flash().subspan(0x20000, 100'000)));
    }
}

TEST_F(BoardFault, a_changed_region_that_does_not_add_up_is_searched_again) {
    Board board = connected();
    Bytes content = firmware_like(400'000);
    ASSERT_TRUE(board.write(FlashData("app", 0x10000, content)));
    content[200'000] ^= 1;
    const FlashData changed("app", 0x10000, content);
    // Something else than the sector that was found changes between the search and the proof.
    bool done = false;
    wire.fault = [&](const Seen& request, unsigned) {
        if (request.op == Op::flash_defl_data && !std::exchange(done, true)) chip().spoil(0x15000);
        return Fault::none;
    };
    ASSERT_TRUE(board.write_difference(changed));
    const auto rewritten = board.prove();
    ASSERT_TRUE(rewritten) << rewritten.error().describe();
    EXPECT_EQ(*rewritten, 2 * flash_sector);
    EXPECT_TRUE(in_flash(changed));
}

// Whatever strikes, success means that flash holds it, and the end is reached.
TEST_F(BoardFault, success_is_never_told_of_a_flash_that_holds_something_else) {
    constexpr Fault faults[] = {Fault::lose_request, Fault::lose_reply, Fault::damage_block,
                                Fault::damage_reply, Fault::fail_write, Fault::shorten_reply,
                                Fault::hang};
    unsigned succeeded = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        wire.fault = nullptr;
        options.stub_directory = seed % 2 == 0 ? std::filesystem::path() : folder();
        fill_flash(seed % 3 == 0 ? 0xFF : 0x5A);
        auto board = connect();
        ASSERT_TRUE(board) << board.error().describe();
        const auto per_mille = 1 + random() % 30;
        wire.fault = [&](const Seen&, unsigned) {
            return random() % 1000 < per_mille ? faults[random() % std::size(faults)] : Fault::none;
        };
        const auto written = board->write(region);
        if (written) {
            ++succeeded;
            EXPECT_TRUE(in_flash(region)) << "seed " << seed;
        } else {
            EXPECT_EQ(written.error().kind, ErrorKind::board) << written.error().describe();
        }
    }
    EXPECT_GT(succeeded, 20U);
}

// The chip acknowledges what its flash does not take.
TEST_F(BoardFault, a_flash_that_stays_write_protected_is_named_and_never_called_written) {
    for (const bool stub : {true, false}) {
        if (!stub) options.stub_directory.clear();
        simulated.flash_locked = true;
        plug();
        Board board = connected();
        const FlashData region("app", 0x10000, firmware_like(9000));
        const auto written = board.write_difference(region);
        const auto proven = written ? board.prove() : std::unexpected(written.error());
        expect_error(proven, "flash_protected");
        EXPECT_THAT(proven.error().message, HasSubstr("write-protected (status 0x9c)"));
        EXPECT_FALSE(in_flash(region));
        EXPECT_TRUE(board.erase(0, 0x4000)) << "it is blank";
        fill_flash(0x5A);
        expect_error(board.erase(0, 0x4000), "flash_protected");
    }
}

}  // namespace
}  // namespace imprint::loader
