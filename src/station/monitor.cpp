#include "station/monitor.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/bytes.h"
#include "base/fd.h"
#include "loader/reset_sequence.h"

namespace imprint::station {

namespace {

constexpr Milliseconds look_every{100};
constexpr std::size_t longest_line = 4096;

Result<void> restart(transport::Port& port, Clock& clock, const std::stop_token& stop) {
    IMPRINT_CHECK(port.discard_input());
    for (const auto& step : loader::run_reset(port.traits())) {
        IMPRINT_CHECK(port.set_lines(step.lines));
        if (step.hold.count() > 0) static_cast<void>(clock.sleep(step.hold, stop));
    }
    return {};
}

// The console as it goes by, line by line.
class Console {
  public:
    Console(const MonitorOptions& options, Clock& clock,
            const std::function<void(std::string_view)>& on_line)
        : options_(&options), clock_(&clock), on_line_(&on_line) {}

    Result<void> open_log() {
        if (options_->log.empty()) return {};
        // A link may be another's, and point to what root alone can write; /dev/stdout is one too.
        const int links = options_->log.string().starts_with("/dev/") ? 0 : O_NOFOLLOW;
        log_ = Fd(
            ::open(options_->log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | links, 0644));
        return log_ ? Result<void>() : cannot_append(errno);
    }

    // True: the line that was waited for has come.
    Result<bool> take(ByteView bytes) {
        for (const char c : as_text(bytes)) {
            if (c == '\r') continue;
            if (c != '\n') line_ += c;
            if (c != '\n' && line_.size() < longest_line) continue;
            IMPRINT_TRY(const bool found, end_line());
            if (found) return true;
        }
        // A prompt, or what comes before a crash, may never get its line break.
        return holds(options_->until);
    }

    Result<bool> end_line() {
        const std::string line = std::exchange(line_, {});
        const std::string shown =
            options_->timestamps ? fmt::format("{} {}", to_iso8601(clock_->wall()), line) : line;
        (*on_line_)(shown);
        if (log_) IMPRINT_CHECK(append(shown + '\n'));
        if (!options_->fail_on.empty() && line.find(options_->fail_on) != std::string::npos)
            return fail(ErrorKind::board, "console_failed",
                        fmt::format("the board says: {}", line));
        return !options_->until.empty() && line.find(options_->until) != std::string::npos;
    }

    [[nodiscard]] std::unexpected<Error> cannot_append(int error) const {
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot append to {}: {}", options_->log.string(),
                                std::generic_category().message(error)),
                    error == ELOOP ? "it is a link: name what it points to" : "");
    }

    [[nodiscard]] Result<void> append(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t put = ::write(log_.get(), text.data(), text.size());
            if (put < 0 && errno != EINTR) return cannot_append(errno);
            if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }

    [[nodiscard]] bool holds(const std::string& pattern) const {
        return !pattern.empty() && line_.find(pattern) != std::string::npos;
    }

    [[nodiscard]] bool in_a_line() const { return !line_.empty(); }

  private:
    const MonitorOptions* options_;
    Clock* clock_;
    const std::function<void(std::string_view)>* on_line_;
    Fd log_;
    std::string line_;
};

}  // namespace

Result<void> monitor(transport::Port& port, const MonitorOptions& options, Clock& clock,
                     const std::function<void(std::string_view)>& on_line,
                     const std::stop_token& stop) {
    Console console(options, clock, on_line);
    IMPRINT_CHECK(console.open_log());
    if (port.traits().has_baud) IMPRINT_CHECK(port.set_baud(options.baud));
    if (options.reset) IMPRINT_CHECK(restart(port, clock, stop));
    const Instant began = clock.now();
    std::array<std::uint8_t, 4096> block{};
    for (;;) {
        const bool late = options.timeout && clock.now() - began >= *options.timeout;
        if (late || stop.stop_requested()) {
            if (console.in_a_line()) {
                IMPRINT_TRY(const bool found, console.end_line());
                if (found) return {};
            }
            if (options.until.empty()) return {};
            if (!late)
                return fail(ErrorKind::interrupted, "interrupted",
                            "stopped before the line came that was waited for");
            return fail(ErrorKind::board, "console_timeout",
                        fmt::format("\"{}\" did not come within {:.1f} s", options.until,
                                    std::chrono::duration<double>(*options.timeout).count()),
                        "look at what the board printed; --reset starts it anew");
        }
        IMPRINT_TRY(const std::size_t got, transport::read_across_resets(port, block, look_every));
        IMPRINT_TRY(const bool found, console.take(ByteView(block).first(got)));
        if (!found) continue;
        if (console.in_a_line()) IMPRINT_CHECK(console.end_line());
        return {};
    }
}

}  // namespace imprint::station
