#include "simulator/pty_board.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <thread>

#include "base/fd.h"
#include "simulator/board.h"
#include "simulator/line.h"
#include "simulator/pty.h"

namespace imprint::simulator {

namespace {

// The kernel wakes us when the host changes its settings; this is for hosts that switch that off,
// and for the moment when a host closes or opens the port.
constexpr Milliseconds look_again{20};
// Settings that stay the same this long are not being changed by a host at this moment.
constexpr Milliseconds settled{200};
// What a USB bridge and the driver behind it hold for a host that does not read.
constexpr std::size_t most_pending = 256U << 10;

}  // namespace

class PtyBoard::Parts {
  public:
    [[nodiscard]] Result<void> begin(const BoardOptions& options, Log log) {
        wake_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!wake_) return fail(ErrorKind::board, "pty_failed", "the system gives no event fd");
        line_.emplace(options.timings);
        IMPRINT_TRY(board_, Board::create(options, [this] { wake(); }, std::move(log)));
        IMPRINT_CHECK(plug_in());
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
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

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    void pull_cable() {
        const std::scoped_lock lock(mutex_);
        board_->power_off();
        pty_.reset();
        pending_.clear();
        line_->clear();
    }

    [[nodiscard]] Result<void> plug_in() {
        const std::scoped_lock lock(mutex_);
        if (pty_) return {};
        IMPRINT_TRY(auto pty, Pty::open());
        path_ = pty.path();
        pty_ = std::move(pty);
        settings_ = pty_->settings();
        host_present_ = false;
        board_->power_on(clock_.now());
        wake();
        return {};
    }

  private:
    void wake() const {
        // Full means that a wake-up is under way already.
        (void)::eventfd_write(wake_.get(), 1);
    }

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            wait();
            const std::scoped_lock lock(mutex_);
            if (pty_) serve(*pty_);
        }
    }

    void wait() {
        std::array<pollfd, 2> looked{{{wake_.get(), POLLIN, 0}, {-1, 0, 0}}};
        Nanoseconds patience = look_again;
        {
            const std::scoped_lock lock(mutex_);
            // Without a host the terminal reports nothing but its absence, all the time.
            if (pty_ && host_present_) {
                looked[1] = {pty_->fd(), POLLIN | POLLPRI, 0};
                if (!pending_.empty()) looked[1].events |= POLLOUT;
            }
            for (const auto& at : {board_->wakes(), line_->next_arrival()})
                if (at) patience = std::clamp<Nanoseconds>(*at - clock_.now(), {}, patience);
        }
        const timespec time{0, static_cast<long>(patience.count())};
        (void)::ppoll(looked.data(), looked.size(), &time, nullptr);
        eventfd_t count = 0;
        (void)::eventfd_read(wake_.get(), &count);
    }

    void serve(Pty& pty) {
        const Instant now = clock_.now();
        look_at_host(pty);
        const Bytes received = pty.read();
        // A host may have come after the look; who writes is there to read the reply.
        host_present_ = host_present_ || !received.empty();
        look_at_settings(pty, now);
        if (!received.empty())
            board_->receive(received, settings_.baud,
                            line_->send_down(received.size(), settings_.baud, now),
                            line_->byte_time(settings_.baud));
        board_->tick(now);
        send(pty);
    }

    void look_at_host(Pty& pty) {
        const bool present = pty.host_present();
        if (host_present_ && !present) {
            pending_.clear();
            line_->clear();
            pty.discard_unread();
        }
        host_present_ = present;
    }

    void look_at_settings(Pty& pty, Instant now) {
        const Pty::Settings settings = pty.settings();
        if (settings != settings_) {
            settings_changed_ = now;
            settings_.baud = settings.baud;
            if (settings.lines != settings_.lines) board_->set_lines(settings.lines, now);
            settings_ = settings;
        } else if (now - settings_changed_ > settled) {
            pty.watch_settings();
        }
    }

    void send(Pty& pty) {
        for (const Uart::Chunk& chunk : board_->take_output()) {
            if (host_present_) line_->send_up(chunk, settings_.baud);
        }
        append(pending_, line_->take(clock_.now()));
        if (pending_.empty()) return;
        const auto taken = static_cast<std::ptrdiff_t>(pty.write(pending_));
        pending_.erase(pending_.begin(), pending_.begin() + taken);
        if (pending_.size() + line_->waiting() > most_pending) {
            pending_.clear();
            line_->clear();
        }
    }

    SystemClock clock_;
    Fd wake_;
    std::mutex mutex_;  // the thread's work and the cable's coming and going
    std::unique_ptr<Board> board_;
    std::optional<Line> line_;
    std::optional<Pty> pty_;
    std::filesystem::path path_;
    Pty::Settings settings_;
    Instant settings_changed_;
    bool host_present_ = false;
    Bytes pending_;  // for the host
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

const std::filesystem::path& PtyBoard::path() const {
    return parts_->path();
}

void PtyBoard::pull_cable() {
    parts_->pull_cable();
}

Result<void> PtyBoard::plug_in() {
    return parts_->plug_in();
}

}  // namespace imprint::simulator
