// The master's side of a pseudo-terminal that stands for a serial port: bytes both ways, and what
// the host has set on its side (rate and modem lines, see transport/pty_lines.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "transport/pty_lines.h"

namespace imprint::simulator {

class Pty {
  public:
    // Raw, 115200 baud, no lines. Error: pty_failed (board).
    [[nodiscard]] static Result<Pty> open();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    [[nodiscard]] int fd() const { return master_.get(); }

    // Does any process have the other side open? While none has, what the board says is lost, as it
    // is with a closed serial port.
    [[nodiscard]] bool host_present() const;

    struct Settings {
        transport::Lines lines;
        std::uint32_t baud = 0;
        bool operator==(const Settings&) const = default;
    };

    [[nodiscard]] Settings settings() const;
    // Asks the kernel to wake the master when the settings change, if a host has switched that off.
    // Best done while no host is in the midst of setting something.
    void watch_settings();

    // What has come, without waiting; empty when there is nothing.
    [[nodiscard]] Bytes read();
    // How many bytes were taken, without waiting.
    [[nodiscard]] std::size_t write(ByteView bytes);
    // What the host did not fetch before it closed.
    void discard_unread();

  private:
    Pty(Fd master, std::filesystem::path path)
        : master_(std::move(master)), path_(std::move(path)) {}

    Fd master_;
    std::filesystem::path path_;
};

}  // namespace imprint::simulator
