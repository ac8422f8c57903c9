#include "simulator/rfc2217_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace imprint::simulator {

namespace {

namespace com_port = transport::com_port;
namespace telnet = transport::telnet;
using com_port::Command;
using com_port::Control;

constexpr std::uint32_t first_baud = 115200;
// What a server holds for a host that does not read.
constexpr std::size_t most_outgoing = 64U << 10;

telnet::Options wanted_options() {
    return telnet::Options(
        {telnet::option_binary, telnet::option_suppress_go_ahead, telnet::option_com_port});
}

bool closed(int fd) {
    char next = 0;
    const ssize_t count = ::recv(fd, &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace

Rfc2217Server::Rfc2217Server(Fd listener, std::uint16_t port)
    : listener_(std::move(listener)),
      port_(port),
      name_(fmt::format("rfc2217://127.0.0.1:{}", port)),
      settings_{{}, first_baud},
      options_(wanted_options()) {}

Result<std::unique_ptr<Rfc2217Server>> Rfc2217Server::listen(std::uint16_t port) {
    const auto failed = [port] {
        return fail(ErrorKind::config, "simulator_port_busy",
                    fmt::format("cannot listen on 127.0.0.1:{}: {}", port, std::strerror(errno)),
                    "stop what listens there, or choose another port");
    };
    Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener) return failed();
    // A board that is plugged in again comes back where it was.
    const int on = 1;
    if (::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return failed();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 8) != 0 ||
        ::getsockname(listener.get(), generic, &size) != 0)
        return failed();
    return std::unique_ptr<Rfc2217Server>(
        new Rfc2217Server(std::move(listener), ntohs(address.sin_port)));
}

bool Rfc2217Server::host_present() {
    if (client_ && (gone_ || closed(client_.get()))) {
        hang_up();
        return false;
    }
    for (;;) {
        Fd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!caller) break;
        if (client_) continue;
        const int on = 1;
        (void)::setsockopt(caller.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        client_ = std::move(caller);
    }
    return static_cast<bool>(client_);
}

std::vector<HostPort::Burst> Rfc2217Server::receive() {
    std::vector<Burst> bursts{{settings_, false, {}}};
    std::array<std::uint8_t, 16384> part{};
    while (client_ && !gone_) {
        const ssize_t count = ::read(client_.get(), part.data(), part.size());
        if (count > 0) {
            take(ByteView(part).first(static_cast<std::size_t>(count)), bursts);
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) {
            gone_ = true;
        } else if (errno != EINTR) {
            break;
        }
    }
    return bursts;
}

std::size_t Rfc2217Server::write(ByteView bytes) {
    if (!client_ || suspended_ || outgoing_.size() >= most_outgoing) return 0;
    const ByteView taken = bytes.first(std::min(bytes.size(), most_outgoing - outgoing_.size()));
    append(outgoing_, telnet::escape(taken));
    flush();
    return taken.size();
}

void Rfc2217Server::flush() {
    while (client_ && !gone_ && !outgoing_.empty()) {
        const ssize_t count =
            ::send(client_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
        if (count > 0) {
            outgoing_.erase(outgoing_.begin(), outgoing_.begin() + count);
        } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else if (count == 0 || errno != EINTR) {
            gone_ = true;
        }
    }
}

void Rfc2217Server::take(ByteView received, std::vector<Burst>& bursts) {
    decoder_.feed(received,
                  {.data = [&](std::uint8_t byte) { bursts.back().bytes.push_back(byte); },
                   .negotiation =
                       [&](telnet::Verb verb, std::uint8_t option) {
                           append(outgoing_, options_.answer(verb, option));
                       },
                   .subnegotiation =
                       [&](std::uint8_t option, ByteView content) {
                           if (option == telnet::option_com_port) obey(content, bursts);
                       }});
}

// A port of this server is 8N1 without flow control, and says so whatever was asked for.
void Rfc2217Server::obey(ByteView content, std::vector<Burst>& bursts) {
    if (content.empty()) return;
    const Settings before = settings_;
    bool purge = false;
    const Command which{content.front()};
    const ByteView value = content.subspan(1);
    const std::uint8_t first = value.empty() ? com_port::ask : value.front();
    switch (which) {
        case Command::signature:
            // With a text it is the client's own.
            if (value.empty())
                append(outgoing_, com_port::answer(which, as_bytes("Imprint simulated board")));
            break;
        case Command::set_baudrate:
            set_baud(value);
            break;
        case Command::set_datasize:
            answer(which, com_port::eight_bits);
            break;
        case Command::set_parity:
            answer(which, com_port::no_parity);
            break;
        case Command::set_stopsize:
            answer(which, com_port::one_stop_bit);
            break;
        case Command::set_control:
            set_control(Control{first});
            break;
        case Command::flow_suspend:
            suspended_ = true;
            break;
        case Command::flow_resume:
            suspended_ = false;
            break;
        // The states behind the masks never change here.
        case Command::set_linestate_mask:
        case Command::set_modemstate_mask:
            answer(which, first);
            break;
        case Command::purge_data:
            // Nothing waits on its way to the board.
            purge = first != static_cast<std::uint8_t>(com_port::Purge::transmit);
            answer(which, first);
            break;
        case Command::notify_linestate:
        case Command::notify_modemstate:
            break;  // the server's to say
    }
    if (purge || settings_ != before) bursts.push_back({settings_, purge, {}});
}

void Rfc2217Server::set_control(Control control) {
    if (control == Control::dtr_on || control == Control::dtr_off)
        settings_.lines.dtr = control == Control::dtr_on;
    if (control == Control::rts_on || control == Control::rts_off)
        settings_.lines.rts = control == Control::rts_on;
    const auto present = [&] {
        switch (control) {
            case Control::ask_dtr:
            case Control::dtr_on:
            case Control::dtr_off:
                return settings_.lines.dtr ? Control::dtr_on : Control::dtr_off;
            case Control::ask_rts:
            case Control::rts_on:
            case Control::rts_off:
                return settings_.lines.rts ? Control::rts_on : Control::rts_off;
            case Control::ask_break:
            case Control::break_on:
            case Control::break_off:
                return Control::break_off;
            case Control::ask_inbound_flow:
            case Control::no_inbound_flow:
            case Control::inbound_flow_xon_xoff:
            case Control::inbound_flow_hardware:
            case Control::inbound_flow_dtr:
                return Control::no_inbound_flow;
            case Control::ask_flow:
            case Control::no_flow:
            case Control::flow_xon_xoff:
            case Control::flow_hardware:
            case Control::flow_dcd:
            case Control::flow_dsr:
                break;
        }
        return Control::no_flow;
    };
    answer(Command::set_control, static_cast<std::uint8_t>(present()));
}

void Rfc2217Server::set_baud(ByteView value) {
    const auto asked = com_port::decode_baud(value);
    if (asked && *asked != com_port::ask) settings_.baud = *asked;
    append(outgoing_,
           com_port::answer(Command::set_baudrate, com_port::encode_baud(settings_.baud)));
}

void Rfc2217Server::answer(Command which, std::uint8_t value) {
    append(outgoing_, com_port::answer(which, ByteView(&value, 1)));
}

// Lines are let go, as a driver does it at the last close: a host that was killed while it held a
// board in reset leaves none behind that never starts.
void Rfc2217Server::hang_up() {
    client_.reset();
    gone_ = false;
    suspended_ = false;
    settings_.lines = {};
    decoder_ = {};
    options_ = wanted_options();
    outgoing_.clear();
}

}  // namespace imprint::simulator
