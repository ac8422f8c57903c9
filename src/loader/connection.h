// A conversation with a loader: frames out, frames back, each wait bounded and interruptible.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "loader/lateness.h"
#include "loader/protocol.h"
#include "loader/reset_sequence.h"
#include "loader/slip.h"
#include "transport/port.h"

namespace imprint::loader {

// Errors of every operation: those of the port; board_lost (kind board) when the time is up;
// interrupted.
class Connection {
  public:
    Connection(transport::Port& port, Clock& clock, std::stop_token stop)
        : port_(&port), clock_(&clock), stop_(std::move(stop)) {}

    // --- requests and replies

    // `patience` is for the work that is asked for; the wire's time is added. A refusal is a Reply
    // with its error set. Replies to other requests are passed over.
    [[nodiscard]] Result<Reply> ask(const Request& request, Milliseconds patience,
                                    ReplySize promised = {});
    // The two halves of it, for who sends more than one at a time. `bytes` is how much is under way
    // in both directions.
    [[nodiscard]] Result<void> post(const Request& request);
    [[nodiscard]] Result<Reply> await(Op op, Milliseconds patience, std::size_t bytes,
                                      ReplySize promised = {});
    // ask() where a refusal is an error: loader_refused (kind board).
    [[nodiscard]] Result<Reply> command(const Request& request, Milliseconds patience,
                                        ReplySize promised = {});
    [[nodiscard]] Result<std::uint32_t> read_register(std::uint32_t address);
    [[nodiscard]] Result<void> write_register(std::uint32_t address, std::uint32_t value);

    // --- frames

    // One write. The frame is wiped after it: what is written to flash may be a key.
    [[nodiscard]] Result<void> send(ByteView content);
    // The next frame, whatever it holds; `size` is what it is expected to hold.
    [[nodiscard]] Result<Bytes> receive(Milliseconds patience, std::size_t size);

    // --- coming and going

    // One SYNC. Which loader answered; empty: none did. `after_delimiter` sends one delimiter more
    // in front: see resync().
    [[nodiscard]] Result<std::optional<LoaderKind>> sync(bool after_delimiter = false);
    // Finds a common frame boundary again, with up to `attempts` SYNCs. Somebody who was cut off in
    // a frame leaves the stub inside it: the next delimiter ends that frame, so the SYNC that it
    // opens is lost and its last delimiter opens the next. One more in front of every second SYNC
    // turns that over (esp-flasher-stub src/slip.c, slip_recv_byte). A stub's answer to SYNC proves
    // no boundary: esptool's former stub takes an empty frame for the one that its buffer held
    // before, most likely a SYNC; so another request has to be understood too.
    [[nodiscard]] Result<std::optional<LoaderKind>> resync(unsigned attempts);
    [[nodiscard]] Result<void> reset(const ResetSequence& sequence);
    // For a chip that is its own USB device. Waits until its port has gone and come back after a
    // reset; where it does not go, not for long. Error: port_gone.
    [[nodiscard]] Result<void> follow_over_reset();
    // For such a chip, whose port is gone already.
    [[nodiscard]] Result<void> await_port();
    [[nodiscard]] bool comes_back(const Error& error) const;
    // Keeps what has come so far as console text, and forgets about frames.
    [[nodiscard]] Result<void> take_noise();
    // Returns soon after something has come, or when the time is up; forgets it.
    [[nodiscard]] Result<void> await_noise(Milliseconds patience);
    // Lets pass whatever comes, until nothing has come for a tenth of a second; not for ever.
    [[nodiscard]] Result<void> await_silence();
    // Lets pass whatever comes during that time.
    [[nodiscard]] Result<void> drain(Milliseconds time);
    // The port's own rate; does not speak to the chip.
    [[nodiscard]] Result<void> set_port_baud(std::uint32_t baud);
    [[nodiscard]] Result<void> sleep(Milliseconds time);

    [[nodiscard]] LoaderKind kind() const { return kind_; }

    void set_kind(LoaderKind kind) { kind_ = kind; }

    [[nodiscard]] std::uint32_t baud() const { return baud_; }

    [[nodiscard]] transport::Port& port() const { return *port_; }

    // What came that was no answer, the last 4 KB of it: a boot log, an application's output.
    [[nodiscard]] const std::string& console() const { return console_; }

    void forget_console() { console_.clear(); }

    [[nodiscard]] const Lateness& lateness() const { return lateness_; }

  private:
    // The time that something has. What is there when it is up has come in time, for all that this
    // thread may have been kept from looking: there is one look more, behind the deadline.
    struct Wait {
        Instant deadline;
        bool looked_behind = false;
    };

    [[nodiscard]] Result<bool> understands();
    // Empty: the time is up.
    [[nodiscard]] Result<std::optional<Bytes>> next_frame(Wait& wait);
    [[nodiscard]] Result<std::size_t> read_some(Milliseconds patience);
    // All that is there already.
    [[nodiscard]] Result<void> read_at_once();
    void note_console(ByteView text);
    [[nodiscard]] Error lost(std::string_view what, Milliseconds patience) const;

    transport::Port* port_;
    Clock* clock_;
    std::stop_token stop_;
    LoaderKind kind_ = LoaderKind::rom;
    std::uint32_t baud_ = 115200;
    SlipDecoder decoder_;
    std::deque<Bytes> frames_;
    std::string console_;
    Lateness lateness_;
};

[[nodiscard]] std::unexpected<Error> interrupted();

}  // namespace imprint::loader
