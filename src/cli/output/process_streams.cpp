#include "cli/output/process_streams.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <sys/ioctl.h>
#include <unistd.h>

namespace imprint::cli::output {

namespace {

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
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
    return {[](std::string_view text) { write_all(STDOUT_FILENO, text); },
            [](std::string_view text) { write_all(STDERR_FILENO, text); }};
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
