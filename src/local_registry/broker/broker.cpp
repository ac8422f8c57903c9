#include "local_registry/broker/broker.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <future>
#include <optional>
#include <poll.h>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "base/files.h"
#include "base/mutex.h"
#include "base/process.h"
#include "local_registry/broker/files.h"
#include "local_registry/broker/loopback.h"

namespace imprint::local_registry {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds start_patience{10'000};
constexpr Milliseconds look_every{20};
constexpr int most_port_attempts = 5;
constexpr int most_restarts = 5;  // within restart_window; more means that it cannot run
constexpr std::chrono::minutes restart_window{1};
constexpr std::size_t shown_lines = 5;
// Logged once the listeners are open (mosquitto.c). A trial connection would tell the same, and
// leave a failed one in the log.
constexpr std::string_view running_line = " running\n";

std::uintmax_t size_of(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
}

bool has_line_since(const fs::path& path, std::uintmax_t from, std::string_view line) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return false;
    std::string text(4096, '\0');
    const ssize_t got = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(from));
    return got > 0 &&
           std::string_view(text).substr(0, static_cast<std::size_t>(got)).contains(line);
}

}  // namespace

// Owns the thread that starts Mosquitto, waits for its end and starts it again. The child must be
// started by a thread that outlives it (base/process.h).
class Broker::Supervisor {
  public:
    Supervisor(const BrokerOptions& options, Log log, BrokerHandler on_message,
               Publications publications)
        : options_{.mosquitto = options.mosquitto,
                   .plugin = fs::absolute(options.plugin),
                   .folder = fs::absolute(options.folder),
                   .database = fs::absolute(options.database),
                   .ca_certificate = fs::absolute(options.ca_certificate),
                   .arn_start = options.arn_start,
                   .port = options.port,
                   .server_certificate = options.server_certificate,
                   .server_key = options.server_key.copy()},
          log_(std::move(log)),
          on_message_(std::move(on_message)),
          publications_(std::move(publications)) {}

    Result<void> start() {
        std::promise<Result<void>> started;
        auto result = started.get_future();
        thread_ = std::jthread([this, started = std::move(started)](
                                   const std::stop_token& stop) mutable { run(stop, started); });
        return result.get();
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] bool alive() const { return alive_; }

  private:
    void run(const std::stop_token& stop, std::promise<Result<void>>& started) {
        auto child = first_start(stop);
        if (!child) {
            started.set_value(std::unexpected(std::move(child).error()));
            return;
        }
        alive_ = true;
        started.set_value({});
        std::vector<Instant> restarts;
        while (await_messages(stop)) {
            drain(*child);
            serve_messages();
            const auto status = child->poll();
            if (!status) continue;
            alive_ = false;
            log_.warning("the broker ended with status {}: {}", *status,
                         last_lines(options_.folder / "mosquitto.log", shown_lines));
            const auto now = std::chrono::steady_clock::now();
            std::erase_if(restarts, [&](Instant then) { return now - then > restart_window; });
            if (restarts.size() >= most_restarts) {
                log_.warning("the broker died {} times within a minute and stays down",
                             restarts.size() + 1);
                return;
            }
            restarts.push_back(now);
            auto again = start_once(stop);
            if (!again) {
                log_.warning("{}", again.error().describe());
                continue;  // its child is dead too: counted at the next look
            }
            *child = std::move(*again);
            alive_ = true;
            log_.info("the broker runs again");
        }
        alive_ = false;
        child->terminate();
    }

    // False when it shall stop.
    bool pause(const std::stop_token& stop, Milliseconds time) {
        UniqueLock lock(mutex_);
        wake_.wait_for(lock, stop, time, [] { return false; });
        return !stop.stop_requested();
    }

    Result<ChildProcess> first_start(const std::stop_token& stop) {
        if (options_.port != 0) {
            port_ = options_.port;
            IMPRINT_CHECK(require_free(port_));
            return start_once(stop);
        }
        // Somebody may take the free port between the look and Mosquitto's own listening.
        for (int attempt = 1;; ++attempt) {
            IMPRINT_TRY(port_, free_port());
            auto child = start_once(stop);
            if (child || attempt == most_port_attempts ||
                !child.error().message.contains("Address already in use"))
                return child;
        }
    }

    // Gives the child once it serves.
    Result<ChildProcess> start_once(const std::stop_token& stop) {
        IMPRINT_TRY(auto ends, ArrivalChannel::make());
        auto& [own_end, brokers_end] = ends;
        IMPRINT_TRY(const BrokerFiles files, write_broker_files(options_, port_, brokers_end.fd()));
        const std::uintmax_t logged = size_of(files.log);
        said_.clear();
        IMPRINT_TRY(ChildProcess child,
                    ChildProcess::start({.arguments = {options_.mosquitto.string(), "-c",
                                                       files.configuration.string()},
                                         .directory = options_.folder,
                                         .environment = {},
                                         .kept_fd = brokers_end.fd()},
                                        ChildOutput::pipe));
        ::fcntl(child.output().get(), F_SETFL, O_NONBLOCK);
        const auto deadline = std::chrono::steady_clock::now() + start_patience;
        do {
            drain(child);
            if (const auto status = child.poll())
                return failed(files, fmt::format("ended with status {}", *status));
            if (has_line_since(files.log, logged, running_line)) {
                channel_.emplace(std::move(own_end));
                return child;
            }
            if (std::chrono::steady_clock::now() > deadline)
                return failed(files, fmt::format("did not listen on 127.0.0.1:{} within {} s",
                                                 port_, start_patience.count() / 1000));
        } while (pause(stop, look_every));
        return fail(ErrorKind::interrupted, "interrupted", "stopped while the broker started");
    }

    // What Mosquitto says before its log is open: faults of the configuration.
    void drain(ChildProcess& child) {
        constexpr std::size_t most_kept = 4096;
        std::array<char, 1024> buffer{};
        for (;;) {
            // Its end of the pipe does not block.
            const ssize_t got = ::read(  // NOLINT(clang-analyzer-unix.BlockInCriticalSection)
                child.output().get(), buffer.data(), buffer.size());
            if (got <= 0) return;
            if (said_.size() < most_kept)
                said_.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

    void serve_messages() {
        if (!channel_) return;
        while (const auto message = channel_->next_from_broker())
            on_message_(*message);
        publications_.hand_over([this](const Announcement& one) { return channel_->send(one); });
    }

    // Until there is a message in either direction, or it is time to look at the child. False when
    // it shall stop.
    [[nodiscard]] bool await_messages(const std::stop_token& stop) const {
        std::array<pollfd, 2> waits{
            pollfd{.fd = channel_ ? channel_->fd() : -1, .events = POLLIN, .revents = 0},
            pollfd{.fd = publications_.wake_fd(), .events = POLLIN, .revents = 0}};
        ::poll(waits.data(), waits.size(), static_cast<int>(look_every.count()));
        return !stop.stop_requested();
    }

    [[nodiscard]] std::unexpected<Error> failed(const BrokerFiles& files,
                                                std::string_view what) const {
        return fail(ErrorKind::registry, "broker_failed",
                    fmt::format("{} {}; it said: {}{}", options_.mosquitto.string(), what, said_,
                                last_lines(files.log, shown_lines)));
    }

    BrokerOptions options_;
    Log log_;
    BrokerHandler on_message_;
    Publications publications_;
    std::optional<ArrivalChannel> channel_;  // to the child that runs
    std::string said_;
    std::uint16_t port_ = 0;
    std::atomic<bool> alive_ = false;
    Mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses the others
};

Broker::Broker(std::unique_ptr<Supervisor> supervisor) : supervisor_(std::move(supervisor)) {}

Broker::Broker(Broker&&) noexcept = default;
Broker& Broker::operator=(Broker&&) noexcept = default;
Broker::~Broker() = default;

Result<Broker> Broker::start(const BrokerOptions& options, Log log, BrokerHandler on_message,
                             Publications publications) {
    auto supervisor = std::make_unique<Supervisor>(options, std::move(log), std::move(on_message),
                                                   std::move(publications));
    IMPRINT_CHECK(supervisor->start());
    return Broker(std::move(supervisor));
}

std::uint16_t Broker::port() const {
    return supervisor_->port();
}

bool Broker::alive() const {
    return supervisor_->alive();
}

Result<fs::path> find_mosquitto() {
    const char* path_variable = std::getenv("PATH");
    std::string folders = path_variable == nullptr ? "" : path_variable;
    folders += ":/usr/sbin:/usr/local/sbin";
    for (std::size_t at = 0; at <= folders.size();) {
        const auto end = std::min(folders.find(':', at), folders.size());
        fs::path path = fs::path(folders.substr(at, end - at)) / "mosquitto";
        if (end > at && ::access(path.c_str(), X_OK) == 0) return path;
        at = end + 1;
    }
    return fail(
        ErrorKind::registry, "broker_missing", "there is no program mosquitto in PATH or /usr/sbin",
        "install it (Debian: apt install mosquitto), or start the registry without a broker");
}

}  // namespace imprint::local_registry
