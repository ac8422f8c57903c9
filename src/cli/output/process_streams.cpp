#include "cli/output/process_streams.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <memory>
#include <sys/ioctl.h>
#include <unistd.h>

namespace imprint::cli::output {

namespace {

// Gives the errno of what could not be written; 0: all was.
int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// Where nobody reads on purpose, nothing is lost.
bool is_loss(int error) {
    return error != 0 && error != EPIPE && error != EBADF;
}

// A file system may tell of a full disk only when the file is closed (close(2), NFS).
int trouble_at_close() {
    const int copy = ::dup(STDOUT_FILENO);
    return copy >= 0 && ::close(copy) != 0 ? errno : 0;
}

bool speaks_utf8(const Variable& variable) {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string locale = variable(name).value_or("");
        if (locale.empty()) continue;
        return locale.contains("UTF-8") || locale.contains("utf8") || locale.contains("utf-8");
    }
    return false;
}

TerminalSize size_of_terminal(std::size_t columns_wanted) {
    TerminalSize size;
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) {
        size.columns = window.ws_col;
        if (window.ws_row > 0) size.rows = window.ws_row;
    }
    if (columns_wanted > 0) size.columns = columns_wanted;
    return size;
}

}  // namespace

Streams process_streams() {
    const auto first = std::make_shared<std::atomic<int>>(0);
    return {[first](std::string_view text) {
                if (const int error = write_all(STDOUT_FILENO, text); is_loss(error)) {
                    int none = 0;
                    first->compare_exchange_strong(none, error);
                }
            },
            [](std::string_view text) { static_cast<void>(write_all(STDERR_FILENO, text)); },
            [first] {
                if (*first != 0) return first->load();
                const int error = trouble_at_close();
                return is_loss(error) ? error : 0;
            }};
}

bool draws_on_terminal(const Variable& variable) {
    return ::isatty(STDOUT_FILENO) == 1 && variable("TERM").value_or("dumb") != "dumb";
}

Style style_of_process(const Variable& variable, bool verbose) {
    Style style;
    style.verbose = verbose;
    style.colour = draws_on_terminal(variable) && variable("NO_COLOR").value_or("").empty();
    style.unicode = speaks_utf8(variable);
    std::size_t wanted = 0;
    if (const auto columns = variable("COLUMNS"))
        std::from_chars(columns->data(), columns->data() + columns->size(), wanted);
    style.size = [wanted] { return size_of_terminal(wanted); };
    return style;
}

}  // namespace imprint::cli::output
