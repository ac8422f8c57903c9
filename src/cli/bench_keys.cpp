#include "cli/bench_keys.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace imprint::cli {

namespace {

using What = station::BenchKey::What;

constexpr std::array<std::pair<std::string_view, What>, 5> verbs{{{"start", What::start},
                                                                  {"again", What::again},
                                                                  {"stop", What::abort},
                                                                  {"off", What::off},
                                                                  {"on", What::on}}};
constexpr int look_for_a_stop = 100;   // milliseconds
constexpr std::size_t longest = 4096;  // characters of a line; more is nobody's word

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return words;
        const auto end = std::min(line.find_first_of(blanks, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        line.remove_prefix(end);
    }
}

}  // namespace

std::optional<station::BenchKey> read_bench_key(std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return station::BenchKey{What::start, {}};
    if (words.size() > 2) return std::nullopt;
    for (const auto& [verb, what] : verbs)
        if (words.front() == verb)
            return station::BenchKey{what, words.size() == 2 ? std::string(words[1]) : ""};
    if (words.size() == 2) return std::nullopt;
    return station::BenchKey{What::start, std::string(words.front())};
}

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
