#include "transport/tty_port.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "transport/discovery.h"
#include "transport/fd_stream.h"
#include "transport/port_holder.h"
#include "transport/pty_lines.h"
#include "transport/tty_settings.h"
#include "transport/usb_identity.h"

namespace imprint::transport {

namespace {

constexpr Milliseconds look_again{20};

std::string reason(int error) {
    return std::generic_category().message(error);
}

// Linux, Documentation/admin-guide/devices.txt: majors 136 to 143 are Unix98 PTY slaves.
bool is_pseudo_terminal(dev_t device) {
    return major(device) >= 136 && major(device) <= 143;
}

std::string text_of(const PortHolder& holder) {
    return fmt::format("{} (process {})", holder.program, holder.pid);
}

Error busy(const std::string& path, dev_t device) {
    const auto holder = find_port_holder(device);
    std::string who = "another program";
    std::string hint = "close the program that uses it (lsof " + path + " shows which)";
    if (holder && holder->pid == ::getpid()) {
        who = "this program, in another bay";
        hint = "name each port once";
    } else if (holder) {
        who = text_of(*holder);
        hint = fmt::format("close it, or end process {}", holder->pid);
    }
    return make_error(ErrorKind::board, "port_busy", fmt::format("{} is in use by {}", path, who),
                      hint);
}

Error denied(const std::string& path) {
    struct stat info{};
    std::string group;
    if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 0060) == 0060) {
        if (const struct group* entry = ::getgrgid(info.st_gid); entry != nullptr)
            group = entry->gr_name;
    }
    std::string hint =
        group.empty() || group == "root"
            ? "let a udev rule give it to a group of yours: SUBSYSTEM==\"tty\", "
              "SUBSYSTEMS==\"usb\", GROUP=\"dialout\", MODE=\"0660\""
            : fmt::format("sudo usermod -aG {} $USER, then log out and in again", group);
    return make_error(ErrorKind::board, "port_denied", fmt::format("you may not open {}", path),
                      std::move(hint));
}

Error missing(const std::string& path) {
    return make_error(ErrorKind::board, "port_missing", fmt::format("there is no port {}", path),
                      "check the cable, or list the ports that are there with imprint doctor");
}

// Where the port in a USB socket is now; its chip may have been given another number.
std::string present_path(const std::string& socket, const std::string& former) {
    if (socket.empty()) return former;
    for (const FoundPort& found : find_ports())
        if (found.usb_path == socket) return found.path;
    return {};
}

struct OpenedTty {
    FdStream stream;
    PortTraits traits;
    bool pseudo = false;
    std::string usb_socket;           // of a USB device
    std::optional<PtyDevice> device;  // of a pseudo-terminal, which is in no socket
};

// `former`: what was open before, and has to be what is open now; else port_missing.
Result<OpenedTty> open_tty(const std::string& path, const std::string& name,
                           const OpenedTty* former = nullptr);

class TtyPort final : public Port {
  public:
    TtyPort(OpenedTty opened, std::string path) : tty_(std::move(opened)), path_(std::move(path)) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        return tty_.stream.read(into, patience);
    }

    Result<void> write(ByteView bytes) override { return tty_.stream.write(bytes); }

    Result<void> set_lines(Lines lines) override {
        if (!tty_.traits.has_lines)
            return fail(ErrorKind::board, "port_io",
                        fmt::format("{} has no modem lines", tty_.stream.name()));
        const int error = tty_.pseudo ? tty::set_pty_lines(tty_.stream.fd(), lines)
                                      : tty::set_modem_lines(tty_.stream.fd(), lines);
        if (error != 0) return std::unexpected(tty_.stream.failed("set the lines of", error));
        return {};
    }

    Result<void> set_baud(std::uint32_t baud) override {
        baud_ = baud;
        const auto [error, actual] = tty::set_baud(tty_.stream.fd(), baud);
        if (error == EINVAL) return cannot_run_at(baud, "its driver refuses");
        if (error != 0) return std::unexpected(tty_.stream.failed("set the baud rate of", error));
        // A UART stands about 3 % between its two ends.
        const std::uint64_t off = actual > baud ? actual - baud : baud - actual;
        if (actual != 0 && off * 100 > static_cast<std::uint64_t>(baud) * 3)
            return cannot_run_at(baud, fmt::format("its driver offers {}", actual));
        return {};
    }

    Result<void> discard_input() override {
        if (const int error = tty::discard_input(tty_.stream.fd()); error != 0)
            return std::unexpected(tty_.stream.failed("empty", error));
        // Some drivers still hold something back behind their own buffer.
        return tty_.stream.drain();
    }

    // The old descriptor is let go first: as long as it is open, the kernel gives the chip another
    // number.
    Result<void> await_return(Milliseconds patience) override {
        const std::string name = tty_.stream.name();
        if (tty_.traits.espressif_product == 0) return Port::await_return(patience);
        tty_.stream = FdStream(Fd(), name, FdStream::Kind::terminal);
        const SystemClock clock;
        const Instant deadline = clock.now() + patience;
        for (;;) {
            const std::string path = present_path(tty_.usb_socket, path_);
            // Its node appears before udev has given it to the group that may open it.
            auto opened = path.empty() ? Result<OpenedTty>(std::unexpected(missing(path_)))
                                       : open_tty(path, name, &tty_);
            if (opened) {
                tty_ = *std::move(opened);
                return set_baud(baud_);
            }
            if (clock.now() >= deadline) {
                IMPRINT_CHECK(Port::await_return(patience));
            }
            std::this_thread::sleep_for(look_again);
        }
    }

    [[nodiscard]] const PortTraits& traits() const override { return tty_.traits; }

    [[nodiscard]] std::string other_user() const override {
        struct stat info{};
        if (::fstat(tty_.stream.fd(), &info) != 0) return {};
        const auto holder = find_port_holder(info.st_rdev);
        return holder && holder->pid != ::getpid() ? text_of(*holder) : std::string();
    }

    [[nodiscard]] const std::string& name() const override { return tty_.stream.name(); }

  private:
    [[nodiscard]] std::unexpected<Error> cannot_run_at(std::uint32_t baud,
                                                       std::string_view why) const {
        return fail(ErrorKind::board, "port_baud",
                    fmt::format("{} cannot run at {} baud: {}", tty_.stream.name(), baud, why),
                    "choose a lower rate");
    }

    OpenedTty tty_;
    std::string path_;
    std::uint32_t baud_ = 115200;
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

Result<OpenedTty> open_tty(const std::string& path, const std::string& name,
                           const OpenedTty* former) {
    IMPRINT_TRY(Fd fd, open_device(path));
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0 || !S_ISCHR(info.st_mode) || ::isatty(fd.get()) == 0)
        return fail(ErrorKind::usage, "port_url", fmt::format("{} is not a serial port", path),
                    "give a device such as /dev/ttyUSB0, or socket://host:port");
    const bool pseudo = is_pseudo_terminal(info.st_rdev);
    const std::string socket = pseudo ? std::string() : usb_socket(info.st_rdev);
    const auto device = pseudo ? tty::pty_device(fd.get()) : std::nullopt;
    // Before anything is changed there: the name may be another's by now.
    if (former != nullptr &&
        (pseudo != former->pseudo || socket != former->usb_socket || device != former->device))
        return std::unexpected(missing(path));
    // flock() keeps out those who ask, among them Imprint itself and root; TIOCEXCL the others.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::unexpected(busy(path, info.st_rdev));
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
    if (pseudo) {
        traits.espressif_product = device ? device->product : 0;
    } else if (const auto usb = usb_identity(info.st_rdev);
               usb && usb->vendor == espressif_vendor) {
        traits.espressif_product = usb->product;
    }
    traits.usb_serial_jtag = traits.espressif_product == usb_serial_jtag.product;
    // The kernel asserts both lines as it opens. Behind two transistors that is nothing; a board
    // whose RTS goes straight to EN would be held in reset.
    if (!pseudo && traits.has_lines) static_cast<void>(tty::set_modem_lines(fd.get(), {}));
    return OpenedTty{FdStream(std::move(fd), name, FdStream::Kind::terminal), traits, pseudo,
                     socket, device};
}

}  // namespace

Result<std::unique_ptr<Port>> open_tty_port(const std::string& path, std::uint32_t baud) {
    IMPRINT_TRY(OpenedTty opened, open_tty(path, path));
    auto port = std::make_unique<TtyPort>(std::move(opened), path);
    IMPRINT_CHECK(port->set_baud(baud));
    return port;
}

}  // namespace imprint::transport
