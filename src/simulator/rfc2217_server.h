// A terminal server with a simulated board at its port: RFC 2217 on the loopback, for one host at a
// time. Bytes, rate and lines reach the board in the order in which the host sent them, and are
// confirmed once the board has them.
// Source: RFC 2217, section 3.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "simulator/host_port.h"
#include "transport/com_port.h"
#include "transport/telnet.h"

namespace imprint::simulator {

class Rfc2217Server final : public HostPort {
  public:
    // At 127.0.0.1; 0 is any free port. Error: simulator_port_busy (config).
    [[nodiscard]] static Result<std::unique_ptr<Rfc2217Server>> listen(std::uint16_t port);

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

    [[nodiscard]] int fd() const override { return client_ ? client_.get() : listener_.get(); }

    // Accepts a new connection. A host that connects while another is connected is disconnected.
    [[nodiscard]] bool host_present() override;

    [[nodiscard]] Settings settings() const override { return settings_; }

    [[nodiscard]] std::vector<Burst> receive() override;
    [[nodiscard]] std::size_t write(ByteView bytes) override;
    void flush() override;

    [[nodiscard]] bool unsent() const override { return !outgoing_.empty(); }

    void discard_unread() override { outgoing_.clear(); }

  private:
    Rfc2217Server(Fd listener, std::uint16_t port);

    void take(ByteView received, std::vector<Burst>& bursts);
    void obey(ByteView content, std::vector<Burst>& bursts);
    void set_control(transport::com_port::Control control);
    void set_baud(ByteView value);
    void answer(transport::com_port::Command which, std::uint8_t value);
    void hang_up();

    Fd listener_;
    std::uint16_t port_;
    std::string name_;
    Fd client_;
    bool gone_ = false;  // the client, which may have left unread bytes
    bool suspended_ = false;
    Settings settings_;
    transport::telnet::Decoder decoder_;
    transport::telnet::Options options_;
    Bytes outgoing_;
};

}  // namespace imprint::simulator
