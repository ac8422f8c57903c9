// The master's side of a pseudo-terminal that stands for a serial port: bytes both ways, and what
// the host has set on its side (rate and modem lines, see transport/pty_lines.h).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "simulator/host_port.h"
#include "transport/pty_lines.h"

namespace imprint::simulator {

class Pty final : public HostPort {
  public:
    // Raw, 115200 baud, no lines; a chip that is its own USB device says so (pty_lines.h). Error:
    // pty_failed (board).
    [[nodiscard]] static Result<std::unique_ptr<Pty>> open(
        const std::optional<transport::PtyDevice>& device = {});

    [[nodiscard]] const std::string& name() const override { return name_; }

    [[nodiscard]] int fd() const override { return master_.get(); }

    [[nodiscard]] bool host_present() override;
    [[nodiscard]] Settings settings() const override;
    // Always one: what came between two changes of settings is not told apart.
    [[nodiscard]] std::vector<Burst> receive() override;
    [[nodiscard]] std::size_t write(ByteView bytes) override;
    // Asks the kernel to wake the master when the settings change, if a host has switched that off.
    void watch_settings() override;
    void discard_unread() override;

  private:
    Pty(Fd master, std::string name) : master_(std::move(master)), name_(std::move(name)) {}

    [[nodiscard]] Bytes read();

    Fd master_;
    std::string name_;
};

}  // namespace imprint::simulator
