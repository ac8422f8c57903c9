// The master's side of a pseudo-terminal that acts as a serial port: bytes in both directions, and
// the host's settings (rate and modem lines, see transport/pty_lines.h).
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
    // Raw, 115200 baud, no lines; for a chip that is its own USB device, also its USB data
    // (pty_lines.h). Error: pty_failed (board).
    [[nodiscard]] static Result<std::unique_ptr<Pty>> open(
        const std::optional<transport::PtyDevice>& device = {});

    [[nodiscard]] const std::string& name() const override { return name_; }

    [[nodiscard]] int fd() const override { return master_.get(); }

    [[nodiscard]] bool host_present() override;
    [[nodiscard]] Settings settings() const override;
    // Always one burst: data between two changes of settings is not separated.
    [[nodiscard]] std::vector<Burst> receive() override;
    [[nodiscard]] std::size_t write(ByteView bytes) override;
    // Makes the kernel wake the master when settings change, if a host has switched that off.
    void watch_settings() override;
    void discard_unread() override;

  private:
    Pty(Fd master, std::string name) : master_(std::move(master)), name_(std::move(name)) {}

    [[nodiscard]] Bytes read();

    Fd master_;
    std::string name_;
};

}  // namespace imprint::simulator
