// Port 9100 knows no protocol: what is written is printed. That a printer has taken a label is seen
// by TCP's acknowledgements, and what keeps it from printing by ~HS, where it speaks ZPL.

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <linux/sockios.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "label/printers.h"

namespace imprint::label {

namespace {

std::string reason(int number) {
    return std::generic_category().message(number);
}

// A time that begins anew whenever something happens.
class Deadline {
  public:
    explicit Deadline(Milliseconds time) : time_(time) { again(); }

    void again() { end_ = std::chrono::steady_clock::now() + time_; }

    [[nodiscard]] Milliseconds left() const {
        return std::max(Milliseconds(0),
                        std::chrono::ceil<Milliseconds>(end_ - std::chrono::steady_clock::now()));
    }

  private:
    Milliseconds time_;
    std::chrono::steady_clock::time_point end_;
};

class Connection {
  public:
    Connection(std::string printer, const std::stop_token& stop)
        : printer_(std::move(printer)), stop_(stop) {}

    [[nodiscard]] Result<void> open(const std::string& host, std::uint16_t port,
                                    Milliseconds patience) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (const int fault =
                ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
            fault != 0)
            return printer_error(
                fmt::format("the printer {} is not found: {}", printer_, ::gai_strerror(fault)),
                "check label.printer");
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
        int last = 0;
        for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
            last = try_address(*one, patience);
            if (last == 0) return {};
            if (stop_.stop_requested()) return interrupted();
        }
        return printer_error(
            fmt::format("the printer {} cannot be reached: {}", printer_, reason(last)),
            "is it switched on, and in the network?");
    }

    // All of it, as fast as it is taken.
    [[nodiscard]] Result<void> send(std::string_view bytes, Milliseconds patience) {
        Deadline deadline(patience);
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
                deadline.again();
            } else if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
                return broken(errno);
            } else {
                IMPRINT_TRY(const bool ready, wait(POLLOUT, deadline));
                if (!ready) return stands();
            }
        }
        return {};
    }

    // Until the printer's side has all bytes: what lies in our own buffers is not printed.
    [[nodiscard]] Result<void> delivered(Milliseconds patience) {
        Deadline deadline(patience);
        constexpr Milliseconds pause(20);
        int before = -1;
        while (true) {
            int left = 0;
            if (::ioctl(fd_.get(), SIOCOUTQ, &left) != 0) return broken(errno);
            IMPRINT_CHECK(check_alive());
            if (left == 0) return {};
            if (left != before) deadline.again();
            before = left;
            if (deadline.left() == Milliseconds(0)) return stands();
            const Deadline moment(pause);
            // Bytes that the printer says are of no interest, and would end each wait at once.
            IMPRINT_TRY(const bool ready, wait(0, moment));
            static_cast<void>(ready);
        }
    }

    // What it says until it is `done`, closes, or is silent for too long.
    [[nodiscard]] Result<std::string> answer(const std::function<bool(std::string_view)>& done,
                                             Milliseconds patience) {
        const Deadline deadline(patience);
        std::string text;
        while (!done(text) && text.size() < 4096) {
            IMPRINT_TRY(const bool ready, wait(POLLIN, deadline));
            if (!ready) break;
            std::array<char, 512> piece{};
            const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
            if (got == 0) break;
            if (got < 0 && errno != EAGAIN && errno != EINTR) return broken(errno);
            if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
        }
        return text;
    }

    // Nothing more comes. One that does not close has it all the same.
    [[nodiscard]] Result<void> end(Milliseconds patience) {
        if (::shutdown(fd_.get(), SHUT_WR) != 0) return broken(errno);
        IMPRINT_TRY(const std::string said,
                    answer([](std::string_view) { return false; }, patience));
        static_cast<void>(said);
        return {};
    }

  private:
    // 0, or errno.
    [[nodiscard]] int try_address(const addrinfo& address, Milliseconds patience) {
        Fd fd(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       address.ai_protocol));
        if (!fd) return errno;
        const int begun = ::connect(fd.get(), address.ai_addr, address.ai_addrlen);
        if (begun != 0 && errno != EINPROGRESS) return errno;
        fd_ = std::move(fd);
        if (begun == 0) return 0;
        const Deadline deadline(patience);
        const auto ready = wait(POLLOUT, deadline);
        if (!ready) return ECANCELED;
        if (!*ready) return ETIMEDOUT;
        int fault = 0;
        socklen_t size = sizeof fault;
        if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &fault, &size) != 0) return errno;
        return fault;
    }

    // False: the time is over. Error: interrupted.
    [[nodiscard]] Result<bool> wait(short events, const Deadline& deadline) const {
        constexpr Milliseconds slice(100);  // after which a wish to stop is seen
        while (true) {
            if (stop_.stop_requested()) return interrupted();
            const Milliseconds left = deadline.left();
            pollfd one{.fd = events == 0 ? -1 : fd_.get(), .events = events, .revents = 0};
            const int ready = ::poll(&one, 1, static_cast<int>(std::min(left, slice).count()));
            if (ready > 0) return true;
            if (left == Milliseconds(0)) return false;
        }
    }

    [[nodiscard]] Result<void> check_alive() const {
        int fault = 0;
        socklen_t size = sizeof fault;
        if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &fault, &size) != 0) return broken(errno);
        if (fault != 0) return broken(fault);
        return {};
    }

    [[nodiscard]] std::unexpected<Error> broken(int number) const {
        return printer_error(
            fmt::format("the printer {} ended the connection before it had the label: {}", printer_,
                        reason(number)),
            "it may be in use, or restarting; the label is sent again");
    }

    [[nodiscard]] std::unexpected<Error> stands() const {
        return printer_error(
            fmt::format("the printer {} takes nothing any more in the middle of a label", printer_),
            "look for paper, ribbon, an open head, a pause key");
    }

    [[nodiscard]] static std::unexpected<Error> interrupted() {
        return fail(ErrorKind::interrupted, "interrupted", "the label is not printed");
    }

    std::string printer_;
    std::stop_token stop_;
    Fd fd_;
};

class TcpPrinter final : public Printer {
  public:
    TcpPrinter(PrinterAddress address, PrinterTools tools)
        : address_(std::move(address)), tools_(std::move(tools)) {}

    [[nodiscard]] Result<Handed> print(const PrintJob& job, const std::stop_token& stop) override {
        const std::string name = fmt::format("{}:{}", address_.target, address_.port);
        Connection connection(name, stop);
        IMPRINT_CHECK(connection.open(address_.target, address_.port, tools_.connect));
        if (job.format == Format::zpl) {
            IMPRINT_CHECK(connection.send("~HS", tools_.stall));
            IMPRINT_TRY(
                const std::string said,
                connection.answer(
                    [](std::string_view text) { return std::ranges::count(text, '\x03') >= 3; },
                    tools_.answer));
            if (const std::string fault = zebra_fault(said); !fault.empty())
                return printer_error(fmt::format("the printer {} {}", name, fault),
                                     "see to it; the label waits");
        }
        IMPRINT_CHECK(connection.send(job.bytes, tools_.stall));
        IMPRINT_CHECK(connection.delivered(tools_.stall));
        IMPRINT_CHECK(connection.end(tools_.close));
        return Handed();
    }

  private:
    PrinterAddress address_;
    PrinterTools tools_;
};

std::vector<std::string_view> split_at_commas(std::string_view text) {
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t comma = std::min(text.find(','), text.size());
        fields.push_back(text.substr(0, comma));
        if (comma == text.size()) return fields;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

// <STX>030,0,0,0449,000,0,0,0,000,0,0,0<ETX>: 2 paper out, 3 pause, 6 buffer full; 11 and 12 too
// cold and too hot. <STX>000,0,0,0,1,2,6,0,00000000,1,000<ETX>: 3 head open, 4 ribbon out.
std::string zebra_fault(std::string_view answer) {
    std::vector<std::vector<std::string_view>> lines;
    for (std::size_t at = answer.find('\x02'); at != std::string_view::npos;
         at = answer.find('\x02', at + 1)) {
        const std::size_t end = answer.find('\x03', at);
        if (end == std::string_view::npos) break;
        lines.push_back(split_at_commas(answer.substr(at + 1, end - at - 1)));
    }
    if (lines.size() < 2 || lines[0].size() < 12 || lines[1].size() < 4) return {};
    const auto is_set = [&lines](std::size_t line, std::size_t field) {
        return lines[line][field - 1] == "1";
    };
    if (is_set(0, 2)) return "is out of paper";
    if (is_set(1, 3)) return "has its head open";
    if (is_set(1, 4)) return "is out of ribbon";
    if (is_set(0, 3)) return "is paused";
    if (is_set(0, 6)) return "is busy: its buffer is full";
    if (is_set(0, 11)) return "is too cold";
    if (is_set(0, 12)) return "is too hot";
    return {};
}

std::unique_ptr<Printer> tcp_printer(const PrinterAddress& address, const PrinterTools& tools) {
    return std::make_unique<TcpPrinter>(address, tools);
}

}  // namespace imprint::label
