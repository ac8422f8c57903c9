#include "cli/ask.h"

#include <array>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace imprint::cli {

bool can_ask(const Context& context) {
    return !context.json && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

bool ask(const Context& context, const std::string& question) {
    // What was typed before the question is no answer to it.
    static_cast<void>(::tcflush(STDIN_FILENO, TCIFLUSH));
    context.out.raw(question + " [y/N] ");
    constexpr int look_for_a_stop = 100;  // milliseconds
    while (!context.stop.stop_requested()) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, look_for_a_stop) <= 0) continue;
        std::array<char, 256> line{};
        const auto got = ::read(STDIN_FILENO, line.data(), line.size());
        return got > 0 && (line[0] == 'y' || line[0] == 'Y');
    }
    return false;
}

}  // namespace imprint::cli
