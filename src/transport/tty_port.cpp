#include "transport/tty_port.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <unistd.h>

#include "transport/fd_stream.h"
#include "transport/port_holder.h"
#include "transport/tty_settings.h"
#include "transport/usb_identity.h"

namespace imprint::transport {

namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

// Linux, Documentation/admin-guide/devices.txt: majors 136 to 143 are Unix98 PTY slaves.
bool is_pseudo_terminal(dev_t device) {
    return major(device) >= 136 && major(device) <= 143;
}

Error busy(const std::string& path, dev_t device) {
    const auto holder = find_port_holder(device);
    std::string who = "another program";
    std::string mend = "close the program that uses it (lsof " + path + " shows which)";
    if (holder && holder->pid == ::getpid()) {
        who = "this program, in another bay";
        mend = "name each port once";
    } else if (holder) {
        who = fmt::format("{} (process {})", holder->program, holder->pid);
        mend = fmt::format("close it, or end process {}", holder->pid);
    }
    return {ErrorKind::board, "port_busy", fmt::format("{} is in use by {}", path, who), mend, {}};
}

Error denied(const std::string& path) {
    struct stat info{};
    std::string group;
    if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 0060) == 0060) {
        if (const struct group* entry = ::getgrgid(info.st_gid); entry != nullptr)
            group = entry->gr_name;
    }
    std::string mend =
        group.empty() || group == "root"
            ? "let a udev rule give it to a group of yours: SUBSYSTEM==\"tty\", "
              "SUBSYSTEMS==\"usb\", GROUP=\"dialout\", MODE=\"0660\""
            : fmt::format("sudo usermod -aG {} $USER, then log out and in again", group);
    return {ErrorKind::board,
            "port_denied",
            fmt::format("you may not open {}", path),
            std::move(mend),
            {}};
}

Error missing(const std::string& path) {
    return {ErrorKind::board,
            "port_missing",
            fmt::format("there is no port {}", path),
            "check the cable, or list the ports that are there with imprint doctor",
            {}};
}

class TtyPort final : public Port {
  public:
    TtyPort(FdStream stream, PortTraits traits, bool pseudo)
        : stream_(std::move(stream)), traits_(traits), pseudo_(pseudo) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        return stream_.read(into, patience);
    }

    Result<void> write(ByteView bytes) override { return stream_.write(bytes); }

    Result<void> set_lines(Lines lines) override {
        if (!traits_.has_lines)
            return fail(ErrorKind::board, "port_io",
                        fmt::format("{} has no modem lines", stream_.name()));
        const int error = pseudo_ ? tty::set_pty_lines(stream_.fd(), lines)
                                  : tty::set_modem_lines(stream_.fd(), lines);
        if (error != 0) return std::unexpected(stream_.failed("set the lines of", error));
        return {};
    }

    Result<void> set_baud(std::uint32_t baud) override {
        const auto [error, actual] = tty::set_baud(stream_.fd(), baud);
        if (error == EINVAL) return cannot_run_at(baud, "its driver refuses");
        if (error != 0) return std::unexpected(stream_.failed("set the baud rate of", error));
        // A UART stands about 3 % between its two ends.
        const std::uint64_t off = actual > baud ? actual - baud : baud - actual;
        if (actual != 0 && off * 100 > static_cast<std::uint64_t>(baud) * 3)
            return cannot_run_at(baud, fmt::format("its driver offers {}", actual));
        return {};
    }

    Result<void> discard_input() override {
        if (const int error = tty::discard_input(stream_.fd()); error != 0)
            return std::unexpected(stream_.failed("empty", error));
        // Some drivers still hold something back behind their own buffer.
        return stream_.drain();
    }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return stream_.name(); }

  private:
    [[nodiscard]] std::unexpected<Error> cannot_run_at(std::uint32_t baud,
                                                       std::string_view why) const {
        return fail(ErrorKind::board, "port_baud",
                    fmt::format("{} cannot run at {} baud: {}", stream_.name(), baud, why),
                    "choose a lower rate");
    }

    FdStream stream_;
    PortTraits traits_;
    bool pseudo_;
};

Result<Fd> open_device(const std::string& path) {
    Fd fd(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (fd) return fd;
    const int error = errno;
    struct stat info{};
    const bool there = ::stat(path.c_str(), &info) == 0;
    switch (error) {
        case EBUSY:
            return std::unexpected(there ? busy(path, info.st_rdev) : missing(path));
        case EACCES:
        case EPERM:
            return std::unexpected(denied(path));
        case ENOENT:
        case ENOTDIR:
        case ENXIO:
        case ENODEV:
            return std::unexpected(missing(path));
        default:
            return fail(ErrorKind::board, "port_io",
                        fmt::format("cannot open {}: {}", path, reason(error)));
    }
}

}  // namespace

Result<std::unique_ptr<Port>> open_tty_port(const std::string& path, std::uint32_t baud) {
    IMPRINT_TRY(Fd fd, open_device(path));
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0 || !S_ISCHR(info.st_mode) || ::isatty(fd.get()) == 0)
        return fail(ErrorKind::usage, "port_url", fmt::format("{} is not a serial port", path),
                    "give a device such as /dev/ttyUSB0, or socket://host:port");
    // flock() keeps out those who ask, among them Imprint itself and root; TIOCEXCL the others.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::unexpected(busy(path, info.st_rdev));
    const bool pseudo = is_pseudo_terminal(info.st_rdev);
    if (!pseudo) {
        static_cast<void>(tty::make_exclusive(fd.get()));
        tty::ask_for_low_latency(fd.get());
    }
    if (const int error = tty::make_raw(fd.get()); error != 0)
        return fail(ErrorKind::board, "port_io",
                    fmt::format("cannot set up {}: {}", path, reason(error)));

    PortTraits traits;
    traits.has_baud = true;
    traits.has_lines =
        pseudo ? tty::watches_pty_lines(fd.get()) : tty::modem_lines(fd.get()).has_value();
    const auto usb = pseudo ? std::nullopt : usb_identity(info.st_rdev);
    traits.usb_serial_jtag = usb == usb_serial_jtag;
    if (usb && usb->vendor == espressif_vendor) traits.espressif_product = usb->product;
    // The kernel asserts both lines as it opens. Behind two transistors that is nothing; a board
    // whose RTS goes straight to EN would be held in reset.
    if (!pseudo && traits.has_lines) static_cast<void>(tty::set_modem_lines(fd.get(), {}));
    auto port = std::make_unique<TtyPort>(FdStream(std::move(fd), path, FdStream::Kind::terminal),
                                          traits, pseudo);
    IMPRINT_CHECK(port->set_baud(baud));
    return port;
}

}  // namespace imprint::transport
