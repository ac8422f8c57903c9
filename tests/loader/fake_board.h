// An ESP32 in memory, in a time of its own: for what must hold when a line or a chip fails. What
// its ROM and its stub do was taken from an ESP32's ROM in an emulator and from esp-flasher-stub
// src/command_handler.c; where the loader under test does not look, it is simpler.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mac.h"
#include "loader/chip.h"
#include "loader/protocol.h"
#include "transport/port.h"

namespace imprint::loader::fake_testing {

// Moves only when somebody waits.
class FakeClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return now_; }

    [[nodiscard]] WallTime wall() const override { return WallTime(now_.time_since_epoch()); }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override {
        advance(time + oversleeps);
        return !stop.stop_requested();
    }

    void advance(Milliseconds time) { now_ += time; }

    Milliseconds oversleeps{0};  // a busy computer

  private:
    Instant now_;
};

// A request as the chip got it.
struct Seen {
    Op op = Op::sync;
    Bytes data;
    bool by_stub = false;

    [[nodiscard]] std::uint32_t word(std::size_t i) const { return get_u32(data, 4 * i); }
};

enum class Fault {
    none,
    lose_request,   // it never arrives
    lose_reply,     // it is carried out, and nobody hears of it
    damage_block,   // its checksum does not fit
    damage_reply,   // a bit of the reply's value is flipped on the way
    shorten_reply,  // a byte of the reply is lost
    fail_write,     // the flash does not take this block
    hang,           // the chip stops, until it is reset
    unplug,         // the port is gone
};

class FakeBoard final : public transport::Port {
  public:
    explicit FakeBoard(FakeClock& clock);

    // --- what it is, to be set before it is used
    const Chip* chip = chip_by_key("esp32");
    std::optional<Bytes> security_info;  // what GET_SECURITY_INFO gives
    bool reads_registers = true;         // not so in secure download mode
    MacAddress mac{{0x24, 0x0A, 0xC4, 0x01, 0x23, 0x45}};
    std::map<std::uint32_t, std::uint32_t> registers;
    std::uint32_t flash_id = 0x1640EF;
    transport::PortTraits port_traits{true, true, false};
    bool lines_wired = true;  // DTR and RTS reach IO0 and EN
    bool io0_wired = true;
    bool loader_entered = false;  // it is in its loader from the start
    bool stub_runs_at_start = false;
    bool stub_starts = true;
    bool empty_frame_repeats = false;  // the last one's content: esptool's former stub
    // Not 0: MEM_END does not jump, but READ_FLASH_SLOW goes where this register points.
    std::uint32_t secure_boot_hook = 0;
    std::string boot_log = "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),";
    std::string application_log = "I (325) cpu_start: Pro cpu up.\r\n";
    std::uint32_t deaf_above = 3'000'000;    // baud: the cable carries no more
    Milliseconds under_way{0};               // until what it says is at this end
    Milliseconds reader_stalls{0};           // before it is told that nothing came: a busy computer
    std::uint32_t rom_crystal = 40'000'000;  // what the ROM takes its 40 MHz for
    // Asked for each request that arrives; the number counts requests of the same op.
    std::function<Fault(const Seen&, unsigned number)> fault;
    std::function<void()> on_reset;

    Bytes flash = Bytes(4U << 20, 0xFF);

    // --- what happened
    std::vector<Seen> seen;
    std::vector<transport::Lines> line_changes;
    unsigned resets = 0;

    [[nodiscard]] unsigned count(Op op) const;

    [[nodiscard]] bool application_runs() const { return mode_ == Mode::application; }

    void set_mac(const MacAddress& address);

    // --- Port
    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override;
    Result<void> write(ByteView bytes) override;
    Result<void> set_lines(transport::Lines lines) override;
    Result<void> set_baud(std::uint32_t baud) override;
    Result<void> discard_input() override;

    [[nodiscard]] const transport::PortTraits& traits() const override { return port_traits; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    enum class Mode { unpowered, in_reset, application, rom, stub, hung };

    struct Inflow;  // a write that was begun

    void power_up();
    void settle();
    void start(bool download);
    void say(ByteView bytes);
    void arrive();
    void receive(std::uint8_t byte);
    void handle(const Bytes& frame);
    void carry_out(const Seen& request, Fault fault_now);
    void start_stub(bool may_jump);
    void reply(Op op, std::uint8_t error, ByteView data = {}, std::uint32_t value = 0);
    [[nodiscard]] std::uint32_t read_register(std::uint32_t address) const;
    void write_register(std::uint32_t address, std::uint32_t value);
    void begin(const Seen& request, bool deflated);
    void block(const Seen& request, Fault fault_now);
    [[nodiscard]] bool inflate_block(ByteView data);
    void erase(std::uint32_t from, std::uint32_t size);
    void program(std::uint32_t at, ByteView data);
    void read_flash(const Seen& request);
    void send_packet();
    [[nodiscard]] bool deaf() const;

    FakeClock* clock_;
    std::string name_ = "/dev/ttyFAKE0";
    Mode mode_ = Mode::unpowered;
    transport::Lines lines_;
    bool rising_ = false;
    Instant rises_since_;
    std::uint32_t port_baud_ = 115200;
    std::uint32_t chip_baud_ = 115200;
    std::uint32_t next_baud_ = 0;
    std::deque<std::uint8_t> output_;
    std::deque<std::pair<Instant, Bytes>> under_way_;  // when it is here
    bool unplugged_ = false;

    bool in_frame_ = false;
    Bytes frame_;
    Bytes former_frame_;
    std::map<Op, unsigned> numbers_;
    std::optional<Fault> reply_fault_;
    Bytes last_reply_;
    unsigned last_copies_ = 0;

    bool attached_ = false;
    std::uint32_t flash_limit_ = 2U << 20;
    std::uint8_t deferred_error_ = 0;
    std::shared_ptr<Inflow> inflow_;

    struct Reading {
        std::uint32_t at = 0;
        std::uint32_t end = 0;
        std::uint32_t start = 0;
    };

    std::optional<Reading> reading_;
};

}  // namespace imprint::loader::fake_testing
