// A port that plays what a board printed, and the time that passes meanwhile.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "base/clock.h"
#include "transport/port.h"

namespace imprint::transport::testing {

// Time that passes only while somebody waits for it.
class PlayedClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return now_; }

    [[nodiscard]] WallTime wall() const override { return {}; }

    bool sleep(Milliseconds time, const std::stop_token&) override {
        now_ += time;
        return true;
    }

  private:
    Instant now_;
};

// Gives what it is told to, piece by piece; then waits in vain. An empty piece: the computer is
// busy with something else for a minute, and then nothing has come.
class PlayedPort final : public Port {
  public:
    PlayedPort(Clock& clock, std::deque<std::string> pieces)
        : clock_(clock), pieces_(std::move(pieces)) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        if (pieces_.empty()) {
            if (gone_) return fail(ErrorKind::board, "port_gone", "the cable was pulled");
            clock_.sleep(patience);
            return std::size_t{0};
        }
        const std::string piece = pieces_.front().substr(0, into.size());
        pieces_.pop_front();
        if (piece.empty()) clock_.sleep(std::chrono::minutes(1));
        std::ranges::copy(as_bytes(piece), into.begin());
        return piece.size();
    }

    Result<void> write(ByteView) override { return {}; }

    Result<void> set_lines(Lines) override { return {}; }

    Result<void> set_baud(std::uint32_t) override { return {}; }

    Result<void> discard_input() override { return {}; }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

    void pull_cable() { gone_ = true; }

  private:
    Clock& clock_;
    std::deque<std::string> pieces_;
    PortTraits traits_;
    std::string name_ = "played";
    bool gone_ = false;
};

}  // namespace imprint::transport::testing
