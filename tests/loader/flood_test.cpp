// Devices that talk without end: no board is there, and that is said soon.
#include <algorithm>

#include "loader/connect_fixture.h"
#include "loader/slip.h"

namespace imprint::loader {
namespace {

using testing::Connect;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// Says one thing for ever, as fast as 115,200 baud carry it, whatever it is told.
class Flood final : public transport::Port {
  public:
    Flood(testing::FaultyPort& wire, Bytes said) : wire_(wire), said_(std::move(said)) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        if (patience.count() == 0) return 0;
        constexpr std::size_t bytes_in_10_ms = 115;
        wire_.sleep(10ms);
        const std::size_t count = std::min(into.size(), bytes_in_10_ms);
        for (std::uint8_t& byte : into.first(count))
            byte = said_[place_++ % said_.size()];
        return count;
    }

    Result<void> write(ByteView) override { return {}; }

    Result<void> set_lines(transport::Lines) override { return {}; }

    Result<void> set_baud(std::uint32_t) override { return {}; }

    Result<void> discard_input() override { return {}; }

    [[nodiscard]] const transport::PortTraits& traits() const override { return wire_.traits(); }

    [[nodiscard]] const std::string& name() const override { return wire_.name(); }

  private:
    testing::FaultyPort& wire_;
    Bytes said_;
    std::size_t place_ = 0;
};

class Flooded : public Connect {
  protected:
    void SetUp() override { plug(); }  // its clock is the wire's

    void expect_given_up_soon(Bytes said) {
        Flood port(wire, std::move(said));
        const Instant before = wire.now();
        const auto board = Board::connect(port, options, wire, log, {});
        expect_error(board, "no_board");
        EXPECT_LT(wire.now() - before, 15s);
        EXPECT_THAT(board.error().message, Not(HasSubstr("late")));
    }
};

// A reply to SYNC: with 0 as its value it is a stub's, with another a ROM's.
Bytes sync_answer(std::uint32_t value) {
    Bytes reply{1, static_cast<std::uint8_t>(Op::sync), 2, 0};
    for (unsigned shift = 0; shift < 32; shift += 8)
        reply.push_back(static_cast<std::uint8_t>(value >> shift));
    reply.insert(reply.end(), {0, 0});
    return slip_frame(reply);
}

TEST_F(Flooded, by_what_a_stub_says_to_sync) {
    expect_given_up_soon(sync_answer(0));
}

TEST_F(Flooded, by_what_a_ROM_says_to_sync) {
    expect_given_up_soon(sync_answer(0x20120707));
}

TEST_F(Flooded, by_zeros) {
    expect_given_up_soon({0});
}

TEST_F(Flooded, by_delimiters) {
    Flood port(wire, {0xC0});
    const Instant before = wire.now();
    expect_error(Board::connect(port, options, wire, log, {}), "board_silent");
    EXPECT_LT(wire.now() - before, 15s);
}

}  // namespace
}  // namespace imprint::loader
