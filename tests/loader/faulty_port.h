// The wire between a loader and a virtual board, and what may go wrong on it: requests and replies
// are lost, damaged and late, lines are not connected, the cable is pulled. What the chip says to
// it all is the simulator's word.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "loader/protocol.h"
#include "simulator/virtual_board.h"
#include "simulator/wire.h"
#include "transport/port.h"

namespace imprint::loader::testing {

enum class Fault {
    none,
    lose_request,   // it never arrives
    lose_reply,     // it is carried out, and nobody hears of it
    damage_block,   // its checksum does not fit
    damage_reply,   // a bit of the reply's value is flipped on the way
    shorten_reply,  // a byte of the reply is lost
    unplug,         // the port is gone
    // And what befalls the chip just then:
    fail_write,  // the flash does not take what it is given next
    hang,        // it stops before it has looked at the request
};

// Also the clock of what happens: the board's own, which moves only when somebody waits.
class FaultyPort final : public transport::Port, public Clock {
  public:
    // A request that the wire carried.
    struct Seen {
        Op op = Op::sync;
        Bytes data;

        [[nodiscard]] std::uint32_t word(std::size_t i) const { return get_u32(data, 4 * i); }
    };

    // What acknowledges a packet of READ_FLASH: four bytes, and no request by its form. The reply
    // to it is the next packet.
    static constexpr Op acknowledgement{0xFE};

    // This board is at the other end now, with all that it has said before forgotten.
    void put(simulator::VirtualBoard& board);

    // --- how it is
    transport::PortTraits port_traits{.has_lines = true, .has_baud = true};
    bool lines_wired = true;  // DTR and RTS reach IO0 and EN
    bool io0_wired = true;
    std::vector<std::uint32_t> refused_bauds;  // that the bridge does not have
    Milliseconds under_way{0};                 // until what the board says is at this end
    Milliseconds reader_stalls{0};  // before it is told that nothing came: a busy computer
    Milliseconds oversleeps{0};     // the same one
    // Asked for each request; the number counts requests of the same op.
    std::function<Fault(const Seen&, unsigned number)> fault;
    std::function<void()> on_reset;  // EN falls, and has not reached the board yet

    // --- what happened
    std::vector<Seen> seen;
    std::vector<transport::Lines> line_changes;
    unsigned resets = 0;

    [[nodiscard]] unsigned count(Op op) const;

    [[nodiscard]] std::uint32_t baud() const { return baud_; }

    // --- Port
    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override;
    Result<void> write(ByteView bytes) override;
    Result<void> set_lines(transport::Lines lines) override;
    Result<void> set_baud(std::uint32_t baud) override;
    Result<void> discard_input() override;

    [[nodiscard]] const transport::PortTraits& traits() const override { return port_traits; }

    [[nodiscard]] const std::string& name() const override { return board_->name(); }

    // --- Clock
    [[nodiscard]] Instant now() const override { return board_->now(); }

    [[nodiscard]] WallTime wall() const override { return board_->wall(); }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override;

  private:
    // raw: the frame as it came, delimiters and all; content: what is in it.
    [[nodiscard]] Result<void> carry(ByteView raw, const Bytes& content);
    [[nodiscard]] Result<void> carry_and_hurt_reply(ByteView raw, Op op, Fault how);
    [[nodiscard]] Bytes spoken();
    void hear();
    void say(Bytes bytes);
    void arrive();
    [[nodiscard]] transport::Lines as_wired(transport::Lines lines) const;

    simulator::VirtualBoard* board_ = nullptr;
    simulator::SlipReceiver requests_{largest_request};
    std::map<Op, unsigned> numbers_;
    std::deque<std::pair<Instant, Bytes>> under_way_;  // when it is here
    Bytes inbox_;
    transport::Lines lines_;
    std::uint32_t baud_ = 115200;
    bool unplugged_ = false;

    static constexpr std::size_t largest_request = 0x5000;
};

}  // namespace imprint::loader::testing
