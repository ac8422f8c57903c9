// Serial lines on Linux: termios2 takes any baud rate, TIOCMSET sets DTR and RTS at once
// (Linux man-pages: TCSETS2(2const), TIOCMSET(2const), tty_ioctl(4)).
#include <array>
#include <asm/termbits.h>
#include <cerrno>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>

#include "base/fd.h"
#include "base/files.h"
#include "transport/backends.h"
#include "transport/pty_lines.h"
#include "transport/stream.h"

namespace imprint::transport {

namespace {

namespace fs = std::filesystem;

// Devices.txt of the kernel: majors 136 to 143 are the slaves of Unix98 pseudo-terminals.
bool is_pseudo_terminal(int fd) {
    struct stat info{};
    return ::fstat(fd, &info) == 0 && S_ISCHR(info.st_mode) && major(info.st_rdev) >= 136 &&
           major(info.st_rdev) <= 143;
}

// Espressif's USB-Serial/JTAG: vendor 303A, product 1001 (ESP32-C3 TRM, "USB Serial/JTAG").
bool is_usb_serial_jtag(const std::string& path) {
    std::error_code error;
    const fs::path device = fs::canonical(path, error);
    const fs::path node = "/sys/class/tty" / device.filename() / "device/..";
    const auto vendor = read_text(node / "idVendor");
    const auto product = read_text(node / "idProduct");
    return vendor && product && vendor->starts_with("303a") && product->starts_with("1001");
}

class SerialPort final : public Port {
  public:
    SerialPort(Fd fd, std::string path) : fd_(std::move(fd)), name_(std::move(path)) {
        pseudo_ = is_pseudo_terminal(fd_.get());
        int bits = 0;
        traits_.has_lines = pseudo_ || ::ioctl(fd_.get(), TIOCMGET, &bits) == 0;
        traits_.has_baud = true;
        traits_.usb_serial_jtag = !pseudo_ && is_usb_serial_jtag(name_);
    }

    // Bytes as they are, no flow control, no hang-up on close.
    Result<void> make_raw(std::uint32_t baud) {
        IMPRINT_TRY(termios2 mode, get());
        mode.c_iflag = 0;
        mode.c_oflag = 0;
        // On a pseudo-terminal EXTPROC is how its master hears of changes (pty_lines.h): kept.
        mode.c_lflag &= EXTPROC;
        mode.c_cflag = CS8 | CREAD | CLOCAL;
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        put_baud(mode, baud);
        return set(mode);
    }

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        return read_some(fd_.get(), name_, into, patience);
    }

    Result<void> write(ByteView bytes) override { return write_all(fd_.get(), name_, bytes); }

    Result<void> set_lines(Lines lines) override {
        if (!traits_.has_lines) return {};
        if (pseudo_) {
            IMPRINT_TRY(termios2 mode, get());
            mode.c_cc[VREPRINT] = encode_pty_lines(lines);
            return set(mode);
        }
        int bits = 0;
        if (::ioctl(fd_.get(), TIOCMGET, &bits) != 0)
            return port_failed(name_, "reading the lines of", errno);
        bits &= ~(TIOCM_DTR | TIOCM_RTS);
        if (lines.dtr) bits |= TIOCM_DTR;
        if (lines.rts) bits |= TIOCM_RTS;
        if (::ioctl(fd_.get(), TIOCMSET, &bits) != 0)
            return port_failed(name_, "setting the lines of", errno);
        return {};
    }

    Result<void> set_baud(std::uint32_t baud) override {
        IMPRINT_TRY(termios2 mode, get());
        put_baud(mode, baud);
        return set(mode);
    }

    Result<void> discard_input() override {
        if (::ioctl(fd_.get(), TCFLSH, TCIFLUSH) != 0) return port_failed(name_, "emptying", errno);
        return {};
    }

    [[nodiscard]] const PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    [[nodiscard]] Result<termios2> get() const {
        termios2 mode{};
        if (::ioctl(fd_.get(), TCGETS2, &mode) != 0)
            return port_failed(name_, "reading the settings of", errno);
        return mode;
    }

    [[nodiscard]] Result<void> set(const termios2& mode) const {
        if (::ioctl(fd_.get(), TCSETS2, &mode) != 0) return port_failed(name_, "setting", errno);
        return {};
    }

    static void put_baud(termios2& mode, std::uint32_t baud) {
        mode.c_cflag &= ~static_cast<tcflag_t>(CBAUD);
        mode.c_cflag |= BOTHER;
        mode.c_ispeed = baud;
        mode.c_ospeed = baud;
    }

    Fd fd_;
    std::string name_;
    PortTraits traits_;
    bool pseudo_ = false;
};

// The process that has the device open, for a person who wonders who it is. 0: not to be found.
pid_t holder_of(const std::string& path) {
    std::error_code error;
    const fs::path device = fs::canonical(path, error);
    if (error) return 0;
    const pid_t own = ::getpid();
    for (const auto& process : fs::directory_iterator("/proc", error)) {
        const std::string name = process.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc() ||
            pid == own)
            continue;
        std::error_code closed;
        for (const auto& link : fs::directory_iterator(process.path() / "fd", closed)) {
            std::error_code vanished;
            if (fs::read_symlink(link.path(), vanished) != device) continue;
            // A program that only looks on holds no lock; the one that locked it is meant.
            const auto locks = read_text(process.path() / "fdinfo" / link.path().filename());
            if (locks && locks->find("FLOCK") != std::string::npos) return pid;
        }
    }
    return 0;
}

std::unexpected<Error> busy(const std::string& path) {
    const pid_t holder = holder_of(path);
    return fail(ErrorKind::board, "port_busy",
                holder == 0 ? fmt::format("{} is in use by another program", path)
                            : fmt::format("{} is in use by process {}", path, holder),
                "close the other program, such as a serial monitor");
}

}  // namespace

Result<std::unique_ptr<Port>> open_serial(const std::string& path, std::uint32_t baud) {
    Fd fd(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        switch (errno) {
            case ENOENT:
            case ENXIO:
            case ENODEV:
            case EIO:
                return fail(ErrorKind::board, "port_missing",
                            fmt::format("there is no port {}", path),
                            "plug the board in, or see which ports there are: imprint doctor");
            case EACCES:
            case EPERM:
                return fail(ErrorKind::board, "port_denied",
                            fmt::format("{} may not be opened by this user", path),
                            "add the user to the group dialout (sudo usermod -aG dialout $USER), "
                            "then log in again");
            case EBUSY:
                return busy(path);
            default:
                return port_failed(path, "opening", errno);
        }
    }
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0 || !S_ISCHR(info.st_mode) || ::isatty(fd.get()) == 0)
        return fail(ErrorKind::board, "port_missing", fmt::format("{} is no serial port", path),
                    "name a device such as /dev/ttyUSB0");
    // The lock keeps other Imprints and well-behaved programs out, TIOCEXCL all but root's others.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return busy(path);
    static_cast<void>(::ioctl(fd.get(), TIOCEXCL));
    auto port = std::make_unique<SerialPort>(std::move(fd), path);
    IMPRINT_CHECK(port->make_raw(baud));
    return port;
}

}  // namespace imprint::transport
