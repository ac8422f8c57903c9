// Source: RFC 2217, section 3 for what is asked and answered, section 4 for the order of
// negotiation.
#include "transport/rfc2217_port.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

#include "base/secret.h"
#include "transport/com_port.h"
#include "transport/tcp_port.h"
#include "transport/telnet.h"

namespace imprint::transport {

namespace {

using com_port::Command;
using com_port::Control;
using telnet::Options;

constexpr Milliseconds patience_for_answer{3000};
constexpr Milliseconds patience_for_resume{10'000};
// Of data that comes while an answer is awaited: 10 s of a line at 3 Mbaud.
constexpr std::size_t most_waiting = 3'000'000;
// For a confirmation of a modem line that may come behind the answer to a later question.
constexpr Milliseconds patience_behind_answer{300};

// A server may round to what its clock gives; a UART bears that much.
constexpr bool near_enough(std::uint32_t set, std::uint32_t wanted) {
    const std::uint32_t off = set > wanted ? set - wanted : wanted - set;
    return static_cast<std::uint64_t>(off) * 50 <= wanted;
}

class Rfc2217Port final : public Port {
  public:
    Rfc2217Port(FdStream stream, bool unconfirmed_lines) : stream_(std::move(stream)) {
        traits_.plays_resets = unconfirmed_lines;
    }

    // Whatever the peer does wrong here, it is no server that a board can be reached through.
    Result<void> begin(std::uint32_t baud) {
        auto begun = negotiate();
        if (begun) begun = set_frame();
        if (begun) begun = set_baud(baud);
        if (begun) begun = check_frame();
        if (begun || begun.error().is("port_baud") || begun.error().is("port_unreachable"))
            return begun;
        return fail(ErrorKind::board, "port_unreachable",
                    fmt::format("{} cannot be set up: {}", name(), begun.error().message),
                    "look at the terminal server: it may serve another client already, or not "
                    "speak RFC 2217");
    }

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        const Instant deadline = clock_.now() + patience;
        while (inbox_.empty()) {
            const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_.now());
            IMPRINT_CHECK(receive(std::max(left, Milliseconds(0))));
            // Also of a server that never stops to notify.
            if (inbox_.empty() && clock_.now() >= deadline) return 0;
        }
        const std::size_t size = std::min(into.size(), inbox_.size());
        std::ranges::copy_n(inbox_.begin(), static_cast<std::ptrdiff_t>(size), into.begin());
        inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(size));
        return size;
    }

    Result<void> write(ByteView bytes) override {
        if (suspended_) {
            IMPRINT_TRY(const bool resumed,
                        wait([this] { return !suspended_; }, patience_for_resume));
            if (!resumed)
                return fail(ErrorKind::board, "port_stuck",
                            fmt::format("{} has taken no bytes for 10 s", name()),
                            "look at the terminal server's flow control");
        }
        Bytes escaped = telnet::escape(bytes);
        const auto written = stream_.write(escaped);
        wipe(escaped);
        return written;
    }

    // DTR first: on the way both are asserted or both free, which Espressif's circuit takes for
    // neither, and EN's capacitor bridges the moment. The time that a caller lets them stay counts
    // from when the server has done it.
    Result<void> set_lines(Lines lines) override {
        dtr_.reset();
        rts_.reset();
        Bytes both = control(lines.dtr ? Control::dtr_on : Control::dtr_off);
        append(both, control(lines.rts ? Control::rts_on : Control::rts_off));
        IMPRINT_CHECK(stream_.write(both));
        const auto confirmed = [this] { return dtr_ && rts_; };
        IMPRINT_CHECK(confirms_lines_ ? wait(confirmed) : wait_behind_question(confirmed));
        if (dtr_ && rts_ && dtr_->on == lines.dtr && rts_->on == lines.rts) {
            confirms_lines_ = true;
            traits_.plays_resets = false;
            traits_.lines_apart = std::max(
                traits_.lines_apart, std::chrono::duration_cast<Milliseconds>(rts_->at - dtr_->at));
            return {};
        }
        if (!confirms_lines_ && !dtr_ && !rts_) {
            traits_.plays_resets = true;
            return {};
        }
        return fail(ErrorKind::board, "port_io",
                    fmt::format("{} does not confirm its modem lines", name()),
                    "the terminal server must be allowed to set DTR and RTS");
    }

    Result<void> set_baud(std::uint32_t baud) override {
        IMPRINT_TRY(const Bytes answer, ask(Command::set_baudrate, com_port::encode_baud(baud)));
        const auto set = com_port::decode_baud(answer);
        if (set && near_enough(*set, baud)) return {};
        return fail(ErrorKind::board, "port_baud",
                    fmt::format("{} cannot run at {} baud", name(), baud),
                    "choose a lower station.baud");
    }

    // What was under way when the server purged has arrived before its answer. A server that does
    // not know how is asked once: what it has sent by now is all that can be thrown away then.
    Result<void> discard_input() override {
        if (purges_) {
            const auto value = static_cast<std::uint8_t>(com_port::Purge::receive);
            const auto purged = ask(Command::purge_data, ByteView(&value, 1));
            if (!purged && !purged.error().is("port_io")) return std::unexpected(purged.error());
            purges_ = purged.has_value();
        } else {
            // More than any buffer on the way holds, as of FdStream::drain.
            for (int round = 0; round < 64; ++round) {
                IMPRINT_TRY(const std::size_t got, receive(Milliseconds(0)));
                if (got == 0) break;
            }
        }
        inbox_.clear();
        return {};
    }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return stream_.name(); }

  private:
    static Bytes control(Control value) {
        return com_port::command(Command::set_control, static_cast<std::uint8_t>(value));
    }

    Result<void> negotiate() {
        Bytes hello;
        for (const std::uint8_t option :
             {telnet::option_binary, telnet::option_suppress_go_ahead}) {
            append(hello, options_.offer(option));
            append(hello, options_.request(option));
        }
        append(hello, options_.offer(telnet::option_com_port));
        IMPRINT_CHECK(stream_.write(hello));
        IMPRINT_CHECK(wait(
            [this] { return options_.ours(telnet::option_com_port) != Options::State::asked; }));
        if (options_.ours(telnet::option_com_port) == Options::State::on) return {};
        return fail(ErrorKind::board, "port_unreachable",
                    fmt::format("{} answers, but does not speak RFC 2217", name()),
                    "use socket:// for a server in raw mode; it has no reset lines then");
    }

    // 8N1, no flow control, no notifications. Not waited for: the answer to the rate, which is
    // asked for next, comes after these.
    Result<void> set_frame() {
        Bytes settings;
        append(settings, com_port::command(Command::set_datasize, com_port::eight_bits));
        append(settings, com_port::command(Command::set_parity, com_port::no_parity));
        append(settings, com_port::command(Command::set_stopsize, com_port::one_stop_bit));
        append(settings, control(Control::no_flow));
        append(settings, com_port::command(Command::set_linestate_mask, std::uint8_t{0}));
        append(settings, com_port::command(Command::set_modemstate_mask, std::uint8_t{0}));
        return stream_.write(settings);
    }

    // A server that is silent on it is believed.
    Result<void> check_frame() {
        constexpr std::array frame{std::pair{Command::set_datasize, com_port::eight_bits},
                                   std::pair{Command::set_parity, com_port::no_parity},
                                   std::pair{Command::set_stopsize, com_port::one_stop_bit}};
        for (const auto& [which, wanted] : frame) {
            const auto answer = answers_.find(which);
            if (answer != answers_.end() && answer->second != Bytes{wanted})
                return fail(
                    ErrorKind::board, "port_unreachable",
                    fmt::format("{} does not change to 8 bits, no parity, 1 stop bit", name()),
                    "set the terminal server's port to 8N1");
        }
        return {};
    }

    // A server answers in order. So one that has answered a question asked later, and confirmed
    // nothing, confirms nothing; a moment is allowed all the same.
    template <typename Condition>
    Result<bool> wait_behind_question(const Condition& holds) {
        IMPRINT_CHECK(ask(Command::set_baudrate, com_port::encode_baud(com_port::ask)));
        return traits_.plays_resets ? holds() : wait(holds, patience_behind_answer);
    }

    Result<Bytes> ask(Command which, ByteView value) {
        answers_.erase(which);
        IMPRINT_CHECK(stream_.write(com_port::command(which, value)));
        IMPRINT_TRY(const bool done, wait([this, which] { return answers_.contains(which); }));
        if (done) return answers_[which];
        return fail(ErrorKind::board, "port_io",
                    fmt::format("{} does not answer RFC 2217's command {}", name(),
                                static_cast<unsigned>(which)));
    }

    // Data that comes meanwhile is kept.
    template <typename Condition>
    Result<bool> wait(const Condition& holds, Milliseconds patience = patience_for_answer) {
        const Instant deadline = clock_.now() + patience;
        while (!holds()) {
            const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_.now());
            // With the last look behind the deadline: a busy computer may have kept us from it.
            IMPRINT_CHECK(receive(std::max(left, Milliseconds(0))));
            if (inbox_.size() > most_waiting)
                return fail(ErrorKind::board, "port_io",
                            fmt::format("{} sends more than a serial line carries", name()),
                            "look at what else is connected to the terminal server");
            if (left.count() <= 0) return holds();
        }
        return true;
    }

    Result<std::size_t> receive(Milliseconds patience) {
        std::array<std::uint8_t, 8192> block{};
        IMPRINT_TRY(const std::size_t got, stream_.read(block, patience));
        Bytes replies;
        decoder_.feed(ByteView(block).first(got),
                      {.data = [this](std::uint8_t byte) { inbox_.push_back(byte); },
                       .negotiation =
                           [&](telnet::Verb verb, std::uint8_t option) {
                               append(replies, options_.answer(verb, option));
                           },
                       .subnegotiation =
                           [this](std::uint8_t option, ByteView content) {
                               if (option == telnet::option_com_port) take_answer(content);
                           }});
        if (!replies.empty()) IMPRINT_CHECK(stream_.write(replies));
        return got;
    }

    // Notifications of modem and line state are answers that nobody waits for.
    void take_answer(ByteView content) {
        if (content.empty() || content.front() < com_port::from_server) return;
        const Command which{static_cast<std::uint8_t>(content.front() - com_port::from_server)};
        const ByteView value = content.subspan(1);
        if (which == Command::flow_suspend)
            suspended_ = true;
        else if (which == Command::flow_resume)
            suspended_ = false;
        else if (which == Command::set_control && !value.empty())
            take_control(Control{value.front()});
        else
            answers_[which] = Bytes(value.begin(), value.end());
    }

    void take_control(Control value) {
        if (value == Control::dtr_on || value == Control::dtr_off)
            dtr_ = {value == Control::dtr_on, clock_.now()};
        if (value == Control::rts_on || value == Control::rts_off)
            rts_ = {value == Control::rts_on, clock_.now()};
    }

    SystemClock clock_;
    FdStream stream_;
    PortTraits traits_{.has_lines = true, .has_baud = true};
    telnet::Decoder decoder_;
    Options options_{
        {telnet::option_binary, telnet::option_suppress_go_ahead, telnet::option_com_port}};
    Bytes inbox_;
    std::map<Command, Bytes> answers_;

    struct Confirmed {
        bool on = false;
        Instant at;
    };

    std::optional<Confirmed> dtr_;  // as the server last said
    std::optional<Confirmed> rts_;
    bool confirms_lines_ = false;  // it has done so
    bool suspended_ = false;
    bool purges_ = true;
};

}  // namespace

Result<std::unique_ptr<Port>> open_rfc2217_port(const Rfc2217Address& address,
                                                const std::string& name, std::uint32_t baud) {
    IMPRINT_TRY(FdStream stream, open_tcp_stream(address.socket, name));
    auto port = std::make_unique<Rfc2217Port>(std::move(stream), address.unconfirmed_lines);
    IMPRINT_CHECK(port->begin(baud));
    return port;
}

}  // namespace imprint::transport
