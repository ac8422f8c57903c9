#include "simulator/pty_board.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <thread>

#include "base/fd.h"
#include "base/mutex.h"
#include "base/threads.h"
#include "simulator/board.h"
#include "simulator/line.h"
#include "simulator/pty.h"
#include "simulator/rfc2217_server.h"
#include "transport/usb_identity.h"

namespace imprint::simulator {

namespace {

// The kernel wakes us when the host changes its settings; this is for hosts that switch that off,
// and for the moment when a host closes or opens the port.
constexpr Milliseconds look_again{20};
// Settings that stay the same this long are not being changed by a host at this moment.
constexpr Milliseconds settled{200};
// What a USB bridge and the driver behind it hold for a host that does not read.
constexpr std::size_t most_pending = 256U << 10;
// Until a host has noticed that a device is gone, and named it anew.
constexpr Milliseconds off_the_bus{150};
constexpr Milliseconds held_for_host{2000};

// A link that appears complete, in place of one that a killed run left behind. Until then its name
// is hidden: who watches the folder takes any other name for a port.
Result<void> point_link(const std::filesystem::path& link, const std::filesystem::path& terminal) {
    std::error_code failed;
    const auto there = std::filesystem::symlink_status(link, failed);
    if (std::filesystem::exists(there) && !std::filesystem::is_symlink(there))
        return fail(
            ErrorKind::config, "bay_directory",
            fmt::format("{} is there already, and no link to a simulated board", link.string()),
            "name another folder with --dir");
    failed.clear();
    const auto fresh = link.parent_path() / fmt::format(".{}.new", link.filename().string());
    std::filesystem::remove(fresh, failed);
    std::filesystem::create_symlink(terminal, fresh, failed);
    if (!failed) std::filesystem::rename(fresh, link, failed);
    if (!failed) return {};
    return fail(ErrorKind::config, "bay_directory",
                fmt::format("cannot use {} for a bay: {}", link.string(), failed.message()));
}

}  // namespace

class PtyBoard::Parts {
  public:
    [[nodiscard]] Result<void> begin(const BoardOptions& options, Log log) {
        wake_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!wake_) return fail(ErrorKind::board, "pty_failed", "the system gives no event fd");
        {
            const Lock lock(mutex_);
            line_.emplace(options.timings);
            rfc2217_port_ = options.rfc2217_port;
        }
        link_ = options.link;
        cable_carries_ = options.cable_carries;
        if (options.usb == UsbKind::serial_jtag)
            device_ = {transport::usb_serial_jtag.product, options.mac};
        if (options.usb == UsbKind::own) {
            IMPRINT_TRY(const ChipModel* const model, find_chip_model(options.chip));
            device_ = {model->id, options.mac};
        }
        const Log told = log;
        IMPRINT_TRY(board_, Board::create(options, [this] { wake(); }, std::move(log)));
        IMPRINT_CHECK(plug_in());
        IMPRINT_TRY(thread_,
                    start_thread(
                        "a simulated board", [this](const std::stop_token& stop) { run(stop); },
                        [told](const Error& error) { told.warning("{}", error.describe()); }));
        return {};
    }

    Parts() = default;
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    ~Parts() {
        thread_.request_stop();
        wake();
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] std::string port() const {
        const Lock lock(mutex_);
        return name_;
    }

    // The board's thread does it: while that one polls the terminal, closing it here would not hang
    // up.
    void pull_cable() {
        UniqueLock lock(mutex_);
        pulled_ = true;
        wake();
        cable_is_out_.wait(lock, [this]() IMPRINT_REQUIRES(mutex_) { return !pulled_; });
    }

    [[nodiscard]] Result<void> plug_in() {
        const Lock lock(mutex_);
        if (host_) return {};
        IMPRINT_CHECK(enumerate());
        board_->power_on(clock_.now());
        wake();
        return {};
    }

    void set_carries(bool carries) {
        const Lock lock(mutex_);
        if (carries == carries_) return;
        carries_ = carries;
        pending_.clear();
        line_->clear();
        // Broken wires leave both lines as nobody drives them.
        board_->set_lines(carries ? settings_.lines : transport::Lines{}, clock_.now());
        wake();
    }

  private:
    [[nodiscard]] Result<void> enumerate() IMPRINT_REQUIRES(mutex_) {
        if (rfc2217_port_) {
            IMPRINT_TRY(auto server, Rfc2217Server::listen(*rfc2217_port_));
            rfc2217_port_ = server->port();
            host_ = std::move(server);
        } else {
            IMPRINT_TRY(host_, Pty::open(device_));
            if (!link_.empty()) IMPRINT_CHECK(point_link(link_, host_->name()));
        }
        name_ = host_->name();
        settings_ = host_->settings();
        host_present_ = false;
        returns_at_.reset();
        return {};
    }

    void take_cable_out() IMPRINT_REQUIRES(mutex_) {
        board_->power_off();
        drop_link();
        host_.reset();
        returns_at_.reset();
        pending_.clear();
        line_->clear();
        pulled_ = false;
        cable_is_out_.notify_all();
    }

    // No rate at all, where the cable does not carry it.
    [[nodiscard]] std::uint32_t understood_at(std::uint32_t baud) const {
        return cable_carries_ != 0 && baud > cable_carries_ ? 1 : baud;
    }

    // Before the terminal: its name may be another process's in the next moment.
    void drop_link() {
        std::error_code ignored;
        if (!link_.empty()) std::filesystem::remove(link_, ignored);
    }

    // The chip is its own USB device, and was reset.
    void leave_bus() IMPRINT_REQUIRES(mutex_) {
        drop_link();
        host_.reset();
        pending_.clear();
        line_->clear();
        returns_at_ = clock_.now() + off_the_bus;
    }

    void run_off_the_bus() IMPRINT_REQUIRES(mutex_) {
        const Instant now = clock_.now();
        board_->tick(now);
        if (!returns_at_ || now < *returns_at_) return;
        // Without one there is no board any more, as with a broken socket.
        (void)enumerate();
        held_until_ = now + held_for_host;
    }

    void wake() const {
        // Full means that a wake-up is under way already.
        (void)::eventfd_write(wake_.get(), 1);
    }

    void run(const std::stop_token& stop) {
        // By default a wait may last 50 µs longer than asked for, which a wire would not.
        (void)::prctl(PR_SET_TIMERSLACK, 1UL);
        while (!stop.stop_requested()) {
            wait();
            const Lock lock(mutex_);
            if (pulled_)
                take_cable_out();
            else if (host_)
                serve(*host_);
            else if (returns_at_)
                run_off_the_bus();
        }
    }

    void wait() {
        std::array<pollfd, 2> looked{{{wake_.get(), POLLIN, 0}, {-1, 0, 0}}};
        Nanoseconds patience = look_again;
        {
            const Lock lock(mutex_);
            // Without a host the terminal reports nothing but its absence, all the time.
            if (host_ && host_present_) {
                looked[1] = {host_->fd(), POLLIN | POLLPRI, 0};
                if (!pending_.empty() || host_->unsent()) looked[1].events |= POLLOUT;
            }
            for (const auto& at : {board_->wakes(), line_->next_arrival()})
                if (at) patience = std::clamp<Nanoseconds>(*at - clock_.now(), {}, patience);
        }
        const timespec time{0, static_cast<long>(patience.count())};
        (void)::ppoll(looked.data(), looked.size(), &time, nullptr);
        eventfd_t count = 0;
        (void)::eventfd_read(wake_.get(), &count);
    }

    void serve(HostPort& host) IMPRINT_REQUIRES(mutex_) {
        const Instant now = clock_.now();
        look_at_host(host);
        for (const HostPort::Burst& burst : host.receive())
            take(burst, now);
        if (now - settings_changed_ > settled) host.watch_settings();
        board_->tick(now);
        if (board_->take_leave()) return leave_bus();
        // A chip's own USB keeps its first words until somebody listens.
        if (!host_present_ && now < held_until_) return;
        send(host);
    }

    void take(const HostPort::Burst& burst, Instant now) IMPRINT_REQUIRES(mutex_) {
        if (burst.settings != settings_) {
            settings_changed_ = now;
            const bool pulled = burst.settings.lines != settings_.lines;
            settings_ = burst.settings;
            if (pulled && carries_) board_->set_lines(settings_.lines, now);
        }
        if (burst.purge) pending_.clear();
        if (burst.bytes.empty() || !carries_) return;
        // A host may have come after the look; who writes is there to read the reply.
        host_present_ = true;
        board_->receive(burst.bytes, understood_at(settings_.baud),
                        line_->send_down(burst.bytes.size(), settings_.baud, now),
                        line_->byte_time(settings_.baud));
    }

    void look_at_host(HostPort& host) IMPRINT_REQUIRES(mutex_) {
        const bool present = host.host_present();
        if (host_present_ && !present) {
            pending_.clear();
            line_->clear();
            host.discard_unread();
        }
        host_present_ = present;
    }

    void send(HostPort& host) IMPRINT_REQUIRES(mutex_) {
        for (const Uart::Chunk& chunk : board_->take_output()) {
            if (host_present_ && carries_)
                line_->send_up(chunk, device_ ? chunk.baud : understood_at(settings_.baud));
        }
        append(pending_, line_->take(clock_.now()));
        host.flush();
        if (pending_.empty()) return;
        const auto taken = static_cast<std::ptrdiff_t>(host.write(pending_));
        pending_.erase(pending_.begin(), pending_.begin() + taken);
        if (pending_.size() + line_->waiting() > most_pending) {
            pending_.clear();
            line_->clear();
        }
    }

    SystemClock clock_;
    Fd wake_;
    mutable Mutex mutex_;  // the thread's work and the cable's coming and going
    std::condition_variable_any cable_is_out_;
    bool pulled_ IMPRINT_GUARDED_BY(mutex_) = false;
    std::unique_ptr<Board> board_ IMPRINT_PT_GUARDED_BY(mutex_);
    std::optional<Line> line_ IMPRINT_GUARDED_BY(mutex_);
    std::optional<std::uint16_t> rfc2217_port_
        IMPRINT_GUARDED_BY(mutex_);  // the one that it got, once it has one
    std::unique_ptr<HostPort> host_ IMPRINT_GUARDED_BY(mutex_);  // none while the cable is out
    std::string name_ IMPRINT_GUARDED_BY(mutex_);
    std::filesystem::path link_;
    std::uint32_t cable_carries_ = 0;
    bool carries_ IMPRINT_GUARDED_BY(mutex_) = true;  // the cable is whole
    std::optional<transport::PtyDevice> device_;      // of a chip that is its own USB device
    std::optional<Instant> returns_at_ IMPRINT_GUARDED_BY(mutex_);  // to the bus, which it has left
    Instant held_until_ IMPRINT_GUARDED_BY(mutex_);
    HostPort::Settings settings_ IMPRINT_GUARDED_BY(mutex_);
    Instant settings_changed_ IMPRINT_GUARDED_BY(mutex_);
    bool host_present_ IMPRINT_GUARDED_BY(mutex_) = false;
    Bytes pending_ IMPRINT_GUARDED_BY(mutex_);  // for the host
    std::jthread thread_;
};

PtyBoard::PtyBoard(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

PtyBoard::PtyBoard(PtyBoard&&) noexcept = default;
PtyBoard& PtyBoard::operator=(PtyBoard&&) noexcept = default;
PtyBoard::~PtyBoard() = default;

Result<PtyBoard> PtyBoard::start(const BoardOptions& options, Log log) {
    auto parts = std::make_unique<Parts>();
    IMPRINT_CHECK(parts->begin(options, std::move(log)));
    return PtyBoard(std::move(parts));
}

std::string PtyBoard::port() const {
    return parts_->port();
}

void PtyBoard::pull_cable() {
    parts_->pull_cable();
}

Result<void> PtyBoard::plug_in() {
    return parts_->plug_in();
}

void PtyBoard::set_cable_carries(bool carries) {
    parts_->set_carries(carries);
}

}  // namespace imprint::simulator
