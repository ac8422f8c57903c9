// Communication with a loader in frames; every wait is bounded and interruptible.
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

// Errors of every operation: those of the port; board_lost (kind board) on a timeout; interrupted.
class Connection {
  public:
    Connection(transport::Port& port, Clock& clock, std::stop_token stop)
        : port_(&port), clock_(&clock), stop_(std::move(stop)) {}

    // --- requests and replies

    // `patience` is for the requested work; the transmission time is added. A refusal is a Reply
    // with its error set. Replies to other requests are skipped.
    [[nodiscard]] Result<Reply> ask(const Request& request, Milliseconds patience,
                                    ReplySize promised = {});
    // The two halves of ask(), for callers that send more than one request at a time. `bytes` is
    // the amount in transit in both directions.
    [[nodiscard]] Result<void> post(const Request& request);
    [[nodiscard]] Result<Reply> await(Op op, Milliseconds patience, std::size_t bytes,
                                      ReplySize promised = {});
    // Like ask(), but a refusal is an error: loader_refused (kind board).
    [[nodiscard]] Result<Reply> command(const Request& request, Milliseconds patience,
                                        ReplySize promised = {});
    [[nodiscard]] Result<std::uint32_t> read_register(std::uint32_t address);
    [[nodiscard]] Result<void> write_register(std::uint32_t address, std::uint32_t value);

    // --- frames

    // A single write. The frame is wiped afterwards: what is written to flash may be a key.
    [[nodiscard]] Result<void> send(ByteView content);
    // The next frame, whatever it contains; `size` is the expected size of its content.
    [[nodiscard]] Result<Bytes> receive(Milliseconds patience, std::size_t size);

    // --- connecting and reconnecting

    // Sends one SYNC. Returns which loader answered; empty: none did. `after_delimiter` sends an
    // extra delimiter first: see resync().
    [[nodiscard]] Result<std::optional<LoaderKind>> sync(bool after_delimiter = false);
    // Finds a common frame boundary again, with up to `attempts` SYNCs. If a sender was cut off
    // inside a frame, the stub is still inside it: the next delimiter ends that frame, so the SYNC
    // that it was meant to open is lost, and the SYNC's last delimiter opens the next frame. An
    // extra delimiter before every second SYNC corrects that (esp-flasher-stub src/slip.c,
    // slip_recv_byte). A stub's answer to SYNC does not prove a boundary: esptool's former stub
    // takes an empty frame for the one that its buffer held before, most likely a SYNC. So another
    // request has to be understood too.
    [[nodiscard]] Result<std::optional<LoaderKind>> resync(unsigned attempts);
    // False: on the way it turned out that the port's peer plays its own
    // (PortTraits::plays_resets): another sequence is needed.
    [[nodiscard]] Result<bool> reset(const ResetSequence& sequence);
    // For a chip that is its own USB device. Waits until its port has disappeared and come back
    // after a reset; only briefly if it does not disappear. Error: port_gone.
    [[nodiscard]] Result<void> follow_over_reset();
    // For such a chip if its port has disappeared already.
    [[nodiscard]] Result<void> await_port();
    [[nodiscard]] bool comes_back(const Error& error) const;
    // Keeps what has been received so far as console text, and discards partial frames.
    [[nodiscard]] Result<void> take_noise();
    // Returns soon after something has been received, or on a timeout; discards it.
    [[nodiscard]] Result<void> await_noise(Milliseconds patience);
    // Discards input until nothing has been received for a tenth of a second; not forever.
    [[nodiscard]] Result<void> await_silence();
    // Discards all input during that time.
    [[nodiscard]] Result<void> drain(Milliseconds time);
    // Sets the port's own rate; sends nothing to the chip.
    [[nodiscard]] Result<void> set_port_baud(std::uint32_t baud);
    [[nodiscard]] Result<void> sleep(Milliseconds time);

    [[nodiscard]] LoaderKind kind() const { return kind_; }

    void set_kind(LoaderKind kind) { kind_ = kind; }

    // Whether a request may follow another one that is not answered yet. Not so with Espressif's
    // former stub: its interrupt empties the UART's buffer and notes one command, so a short
    // request that follows at once replaces the one before it, which is never answered
    // (esptool-legacy-flasher-stub flasher_stub/stub_flasher.c, stub_handle_rx_byte).
    [[nodiscard]] bool takes_ahead() const { return takes_ahead_; }

    void set_takes_ahead(bool takes) { takes_ahead_ = takes; }

    [[nodiscard]] std::uint32_t baud() const { return baud_; }

    [[nodiscard]] transport::Port& port() const { return *port_; }

    // Input that was no answer, the last 4 KB of it: a boot log, an application's output.
    [[nodiscard]] const std::string& console() const { return console_; }

    void forget_console() { console_.clear(); }

    [[nodiscard]] const Lateness& lateness() const { return lateness_; }

  private:
    // A timeout. Data that is there when it ends has arrived in time, even if this thread was
    // delayed: so the port is read once more after the deadline.
    struct Wait {
        Instant deadline;
        bool looked_behind = false;
    };

    [[nodiscard]] Result<bool> understands();
    // Empty: timeout.
    [[nodiscard]] Result<std::optional<Bytes>> next_frame(Wait& wait);
    [[nodiscard]] Result<std::size_t> read_some(Milliseconds patience);
    // Reads all data that is there already.
    [[nodiscard]] Result<void> read_at_once();
    void note_console(ByteView text);
    // An answer to SYNC that nobody waits for any more, or that nobody has asked for.
    void note_sync_answer();
    // Answers come, far more than were asked for: that is no loader. Error: no_board.
    [[nodiscard]] Result<void> check_flood() const;
    [[nodiscard]] Error lost(std::string_view what, Milliseconds patience) const;

    transport::Port* port_;
    Clock* clock_;
    std::stop_token stop_;
    LoaderKind kind_ = LoaderKind::rom;
    bool takes_ahead_ = true;
    std::uint32_t baud_ = 115200;
    SlipDecoder decoder_;
    std::deque<Bytes> frames_;
    std::string console_;
    unsigned answers_due_ = 0;  // to SYNCs that were sent, at most
    unsigned unasked_ = 0;      // answers beyond these
    Lateness lateness_;
};

[[nodiscard]] std::unexpected<Error> interrupted();

}  // namespace imprint::loader
