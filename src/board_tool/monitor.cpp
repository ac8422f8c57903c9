#include "board_tool/monitor.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "base/bytes.h"
#include "base/fd.h"
#include "console/line_reader.h"
#include "loader/reset_sequence.h"

namespace imprint::board_tool {

namespace {

constexpr Milliseconds look_every{100};

Result<void> restart(transport::Port& port, Clock& clock, const std::stop_token& stop) {
    IMPRINT_CHECK(port.discard_input());
    for (const auto& step : loader::run_reset(port.traits())) {
        IMPRINT_CHECK(port.set_lines(step.lines));
        if (step.hold.count() > 0) static_cast<void>(clock.sleep(step.hold, stop));
    }
    return {};
}

// The console as it goes by: shown, kept in a file, and searched.
class Watch {
  public:
    Watch(const MonitorOptions& options, Clock& clock, const LineSink& on_line)
        : options_(options), clock_(clock), on_line_(on_line) {}

    Result<void> open_log() {
        if (options_.log.empty()) return {};
        // A link may be another's, and point to what root alone can write; /dev/stdout is one too.
        const int links = options_.log.string().starts_with("/dev/") ? 0 : O_NOFOLLOW;
        log_ = Fd(
            ::open(options_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | links, 0644));
        return log_ ? Result<void>() : cannot_append(errno);
    }

    // True: the line that was waited for has come.
    Result<bool> take(ByteView bytes) {
        reader_.take(bytes);
        while (const auto line = reader_.next()) {
            IMPRINT_TRY(const bool found, show(*line));
            if (found) return true;
        }
        if (!is_awaited(reader_.unfinished())) return false;
        return end();
    }

    // What there is without a line break. True as above.
    Result<bool> end() {
        const auto line = reader_.take_unfinished();
        return line ? show(*line) : Result<bool>(false);
    }

  private:
    Result<bool> show(const console::Line& line) {
        const std::string time = options_.timestamps ? to_iso8601(clock_.wall()) + " " : "";
        on_line_({time + line.text, time + line.coloured});
        if (log_) IMPRINT_CHECK(append(time + line.text + '\n'));
        if (!options_.fail_on.empty() && line.text.find(options_.fail_on) != std::string::npos)
            return fail(ErrorKind::board, "console_failed",
                        fmt::format("the board says: {}", line.text));
        return is_awaited(line.text);
    }

    [[nodiscard]] bool is_awaited(const std::string& line) const {
        return !options_.until.empty() && line.find(options_.until) != std::string::npos;
    }

    [[nodiscard]] std::unexpected<Error> cannot_append(int error) const {
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot append to {}: {}", options_.log.string(),
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

    const MonitorOptions& options_;
    Clock& clock_;
    const LineSink& on_line_;
    Fd log_;
    console::LineReader reader_;
};

}  // namespace

Result<void> monitor(transport::Port& port, const MonitorOptions& options, Clock& clock,
                     const LineSink& on_line, const std::stop_token& stop) {
    Watch watch(options, clock, on_line);
    IMPRINT_CHECK(watch.open_log());
    if (port.traits().has_baud) IMPRINT_CHECK(port.set_baud(options.baud));
    if (options.reset) IMPRINT_CHECK(restart(port, clock, stop));
    const Instant began = clock.now();
    std::array<std::uint8_t, 4096> block{};
    for (;;) {
        const bool late = options.timeout && clock.now() - began >= *options.timeout;
        if (late || stop.stop_requested()) {
            IMPRINT_TRY(const bool found, watch.end());
            if (found || options.until.empty()) return {};
            if (!late)
                return fail(ErrorKind::interrupted, "interrupted",
                            "stopped before the line came that was waited for");
            return fail(ErrorKind::board, "console_timeout",
                        fmt::format("\"{}\" did not come within {:.1f} s", options.until,
                                    std::chrono::duration<double>(*options.timeout).count()),
                        "look at what the board printed; --reset starts it anew");
        }
        IMPRINT_TRY(const std::size_t got, transport::read_across_resets(port, block, look_every));
        IMPRINT_TRY(const bool found, watch.take(ByteView(block).first(got)));
        if (found) return {};
    }
}

}  // namespace imprint::board_tool
