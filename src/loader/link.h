// One request and its reply, over a port that may lose, damage or delay bytes.
#pragma once

#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "loader/protocol.h"
#include "loader/slip.h"
#include "transport/port.h"

namespace imprint::loader {

struct Answer {
    Reply reply;
    Status status;
};

class Link {
  public:
    Link(transport::Port& port, Clock& clock, Log log, std::stop_token stop);

    // Sends, and waits for the reply to this very command; replies to others are passed over.
    // Errors: board_lost (no reply in time), port_gone, port_io, interrupted.
    [[nodiscard]] Result<Answer> exchange(Op op, ByteView data, Milliseconds patience,
                                          std::size_t expected_data = 0, std::uint32_t check = 0);
    // The same, where a refusal is the error command_refused.
    [[nodiscard]] Result<Reply> ask(Op op, ByteView data, Milliseconds patience,
                                    std::size_t expected_data = 0, std::uint32_t check = 0);

    [[nodiscard]] Result<void> send_frame(ByteView payload);
    // The next frame of any kind. Error: board_lost.
    [[nodiscard]] Result<Bytes> receive_frame(Milliseconds patience);

    // Passes over what still comes, until it is quiet for so long.
    [[nodiscard]] Result<void> drain(Milliseconds quiet);
    // Forgets what was half received.
    [[nodiscard]] Result<void> clear();

    // What came that was no frame: a board's console.
    [[nodiscard]] const Bytes& stray() const { return decoder_.stray(); }

    // False when a stop was asked for.
    [[nodiscard]] Result<void> sleep(Milliseconds time);

    [[nodiscard]] transport::Port& port() { return port_; }

    [[nodiscard]] Clock& clock() { return clock_; }

    [[nodiscard]] const Log& log() const { return log_; }

  private:
    [[nodiscard]] Result<void> read_some(Milliseconds patience);
    [[nodiscard]] std::unexpected<Error> lost(std::string_view what, Milliseconds patience) const;

    transport::Port& port_;
    Clock& clock_;
    Log log_;
    std::stop_token stop_;
    SlipDecoder decoder_;
};

}  // namespace imprint::loader
