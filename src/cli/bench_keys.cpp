#include "cli/bench_keys.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace imprint::cli {

namespace {

constexpr int look_for_a_stop = 100;   // milliseconds
constexpr std::size_t longest = 4096;  // characters of a line; more is nobody's word

}  // namespace

void read_lines(int fd, const std::function<void(std::string_view)>& on_line,
                const std::stop_token& stop) {
    std::string held;
    while (!stop.stop_requested()) {
        pollfd input{fd, POLLIN, 0};
        if (::poll(&input, 1, look_for_a_stop) <= 0) continue;
        std::array<char, 256> bytes{};
        const auto got = ::read(fd, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        held.append(bytes.data(), static_cast<std::size_t>(got));
        for (auto end = held.find('\n'); end != std::string::npos; end = held.find('\n')) {
            on_line(std::string_view(held).substr(0, end));
            held.erase(0, end + 1);
        }
        if (held.size() > longest) held.clear();
    }
}

}  // namespace imprint::cli
