// Source: RFC 2217 (section 3 for the commands; a server answers each with the command plus 100).
#include "transport/rfc2217_port.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

#include "base/secret.h"
#include "transport/tcp_port.h"
#include "transport/telnet.h"

namespace imprint::transport {

namespace {

enum class Command : std::uint8_t {
    set_baudrate = 1,
    set_datasize = 2,
    set_parity = 3,
    set_stopsize = 4,
    set_control = 5,
    flow_suspend = 8,
    flow_resume = 9,
    set_linestate_mask = 10,
    set_modemstate_mask = 11,
    purge_data = 12,
};

constexpr std::uint8_t answered = 100;  // added to a command by the server
constexpr std::uint8_t no_flow_control = 1;
constexpr std::uint8_t dtr_on = 8;
constexpr std::uint8_t dtr_off = 9;
constexpr std::uint8_t rts_on = 11;
constexpr std::uint8_t rts_off = 12;
constexpr std::uint8_t purge_received = 1;
constexpr Milliseconds patience_for_answer{3000};
constexpr Milliseconds patience_for_resume{10'000};

class Rfc2217Port final : public Port {
  public:
    explicit Rfc2217Port(FdStream stream) : stream_(std::move(stream)) {}

    Result<void> begin(std::uint32_t baud) {
        using telnet::Verb;
        Bytes hello;
        for (const std::uint8_t option :
             {telnet::option_binary, telnet::option_suppress_go_ahead}) {
            append(hello, telnet::negotiation(Verb::will, option));
            append(hello, telnet::negotiation(Verb::request, option));
            ours_.insert(option);
            theirs_.insert(option);
        }
        append(hello, telnet::negotiation(Verb::will, telnet::option_com_port));
        ours_.insert(telnet::option_com_port);
        IMPRINT_CHECK(stream_.write(hello));
        IMPRINT_TRY(const bool spoken, wait([this] { return com_port_.has_value(); }));
        if (!spoken || !*com_port_)
            return fail(ErrorKind::board, "port_unreachable",
                        fmt::format("{} answers, but does not speak RFC 2217", name()),
                        "use socket:// for a server in raw mode; it has no reset lines then");
        Bytes settings;
        append(settings, command(Command::set_datasize, std::uint8_t{8}));
        append(settings, command(Command::set_parity, std::uint8_t{1}));
        append(settings, command(Command::set_stopsize, std::uint8_t{1}));
        append(settings, command(Command::set_control, std::uint8_t{no_flow_control}));
        append(settings, command(Command::set_linestate_mask, std::uint8_t{0}));
        append(settings, command(Command::set_modemstate_mask, std::uint8_t{0}));
        IMPRINT_CHECK(stream_.write(settings));
        return set_baud(baud);
    }

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        const Instant deadline = clock_.now() + patience;
        while (inbox_.empty()) {
            const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_.now());
            IMPRINT_TRY(const std::size_t got, receive(std::max(left, Milliseconds(0))));
            if (got == 0 && clock_.now() >= deadline) return 0;
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
        answers_.erase(Command::set_control);
        Bytes both = command(Command::set_control, lines.dtr ? dtr_on : dtr_off);
        const std::uint8_t last = lines.rts ? rts_on : rts_off;
        append(both, command(Command::set_control, std::uint8_t{last}));
        IMPRINT_CHECK(stream_.write(both));
        IMPRINT_TRY(const bool done, wait([this, last] {
                        const auto answer = answers_.find(Command::set_control);
                        return answer != answers_.end() && !answer->second.empty() &&
                               answer->second.back() == last;
                    }));
        if (done) return {};
        return fail(ErrorKind::board, "port_io",
                    fmt::format("{} does not confirm its modem lines", name()),
                    "the terminal server must be allowed to set DTR and RTS");
    }

    Result<void> set_baud(std::uint32_t baud) override {
        Bytes value(4);
        for (unsigned i = 0; i < 4; ++i)
            value[i] = static_cast<std::uint8_t>(baud >> (8 * (3 - i)));
        IMPRINT_TRY(const Bytes answer, ask(Command::set_baudrate, value));
        std::uint32_t set = 0;
        for (const std::uint8_t byte : answer)
            set = set << 8 | byte;
        const std::uint32_t off = set > baud ? set - baud : baud - set;
        if (answer.size() == 4 && static_cast<std::uint64_t>(off) * 50 <= baud) return {};
        return fail(ErrorKind::board, "port_baud",
                    fmt::format("{} cannot run at {} baud", name(), baud),
                    "choose a lower station.baud");
    }

    // What was under way when the server purged has arrived before its answer.
    Result<void> discard_input() override {
        const auto purged = ask(Command::purge_data, std::uint8_t{purge_received});
        if (!purged && purged.error().code != "port_io") return std::unexpected(purged.error());
        inbox_.clear();
        return {};
    }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return stream_.name(); }

  private:
    static Bytes command(Command which, ByteView value) {
        Bytes content{static_cast<std::uint8_t>(which)};
        append(content, value);
        return telnet::subnegotiation(telnet::option_com_port, content);
    }

    static Bytes command(Command which, std::uint8_t value) {
        return command(which, ByteView(&value, 1));
    }

    Result<Bytes> ask(Command which, ByteView value) {
        answers_.erase(which);
        IMPRINT_CHECK(stream_.write(command(which, value)));
        IMPRINT_TRY(const bool done, wait([this, which] { return answers_.contains(which); }));
        if (done) return answers_[which];
        return fail(ErrorKind::board, "port_io",
                    fmt::format("{} does not answer RFC 2217's command {}", name(),
                                static_cast<unsigned>(which)));
    }

    Result<Bytes> ask(Command which, std::uint8_t value) { return ask(which, ByteView(&value, 1)); }

    // Data that comes meanwhile is kept.
    template <typename Condition>
    Result<bool> wait(const Condition& holds, Milliseconds patience = patience_for_answer) {
        const Instant deadline = clock_.now() + patience;
        while (!holds()) {
            const auto left = std::chrono::ceil<Milliseconds>(deadline - clock_.now());
            if (left.count() <= 0) return false;
            IMPRINT_CHECK(receive(left));
        }
        return true;
    }

    Result<std::size_t> receive(Milliseconds patience) {
        std::array<std::uint8_t, 8192> block{};
        IMPRINT_TRY(const std::size_t got, stream_.read(block, patience));
        Bytes replies;
        decoder_.feed(
            ByteView(block).first(got),
            {.data = [this](std::uint8_t byte) { inbox_.push_back(byte); },
             .negotiation = [&](telnet::Verb verb,
                                std::uint8_t option) { append(replies, negotiate(verb, option)); },
             .subnegotiation =
                 [this](std::uint8_t option, ByteView content) {
                     if (option == telnet::option_com_port) take_answer(content);
                 }});
        if (!replies.empty()) IMPRINT_CHECK(stream_.write(replies));
        return got;
    }

    // Each side says once what it does: what was said already needs no answer (RFC 854).
    Bytes negotiate(telnet::Verb verb, std::uint8_t option) {
        using telnet::Verb;
        const bool wanted = option == telnet::option_binary ||
                            option == telnet::option_suppress_go_ahead ||
                            option == telnet::option_com_port;
        switch (verb) {
            case Verb::request:
                if (option == telnet::option_com_port) com_port_ = true;
                if (!wanted) return telnet::negotiation(Verb::wont, option);
                return ours_.insert(option).second ? telnet::negotiation(Verb::will, option)
                                                   : Bytes{};
            case Verb::will:
                if (!wanted) return telnet::negotiation(Verb::refuse, option);
                return theirs_.insert(option).second ? telnet::negotiation(Verb::request, option)
                                                     : Bytes{};
            case Verb::refuse:
                if (option == telnet::option_com_port) com_port_ = false;
                return {};
            case Verb::wont:
                return {};
        }
        return {};
    }

    void take_answer(ByteView content) {
        if (content.empty()) return;
        const std::uint8_t which = content.front();
        if (which == static_cast<std::uint8_t>(Command::flow_suspend) + answered)
            suspended_ = true;
        else if (which == static_cast<std::uint8_t>(Command::flow_resume) + answered)
            suspended_ = false;
        else if (which > answered)
            answers_[Command{static_cast<std::uint8_t>(which - answered)}] =
                Bytes(content.begin() + 1, content.end());
    }

    SystemClock clock_;
    FdStream stream_;
    PortTraits traits_{.has_lines = true, .has_baud = true};
    telnet::Decoder decoder_;
    Bytes inbox_;
    std::set<std::uint8_t> ours_;    // options that we have said we do
    std::set<std::uint8_t> theirs_;  // options that we have asked for
    std::optional<bool> com_port_;   // the server's word on RFC 2217
    std::map<Command, Bytes> answers_;
    bool suspended_ = false;
};

}  // namespace

Result<std::unique_ptr<Port>> open_rfc2217_port(const SocketAddress& address,
                                                const std::string& name, std::uint32_t baud) {
    IMPRINT_TRY(FdStream stream, open_tcp_stream(address, name));
    auto port = std::make_unique<Rfc2217Port>(std::move(stream));
    IMPRINT_CHECK(port->begin(baud));
    return port;
}

}  // namespace imprint::transport
