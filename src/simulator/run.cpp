#include "simulator/run.h"

#include <fmt/format.h>
#include <limits>

namespace imprint::simulator {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> directory_error(const fs::path& path, const std::error_code& why) {
    return fail(ErrorKind::config, "bay_directory",
                fmt::format("cannot use {} for a bay: {}", path.string(), why.message()));
}

// Removed when the boards are gone.
class Links {
  public:
    Links() = default;
    Links(const Links&) = delete;
    Links& operator=(const Links&) = delete;
    Links(Links&&) = delete;
    Links& operator=(Links&&) = delete;

    ~Links() {
        std::error_code ignored;
        for (const fs::path& link : links_)
            fs::remove(link, ignored);
    }

    void add(const fs::path& link) { links_.push_back(link); }

  private:
    std::vector<fs::path> links_;
};

}  // namespace

MacAddress counted_up(MacAddress mac, unsigned steps) {
    std::uint64_t number = 0;
    for (const std::uint8_t octet : mac.octets)
        number = number << 8 | octet;
    number += steps;
    for (std::size_t i = mac.octets.size(); i-- > 0; number >>= 8)
        mac.octets.at(i) = static_cast<std::uint8_t>(number);
    return mac;
}

Result<void> run_boards(const RunOptions& options,
                        const std::function<void(const std::vector<RunningBay>&)>& on_ready,
                        const std::stop_token& stop, const Log& log) {
    const unsigned first_port = options.board.rfc2217_port.value_or(0);
    if (first_port + options.count > 0x10000)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("{} boards do not have a network port each from {} on",
                                options.count, first_port),
                    "the last port is 65535");
    std::error_code failed;
    fs::create_directories(options.directory, failed);
    if (failed) return directory_error(options.directory, failed);

    std::vector<PtyBoard> boards;
    std::vector<RunningBay> bays;
    Links links;
    for (unsigned i = 0; i < options.count; ++i) {
        const std::string name = fmt::format("bay{}", i);
        BoardOptions board = options.board;
        board.mac = counted_up(options.base_mac, i);
        board.flash_file = options.directory / (name + ".flash");
        if (first_port != 0) board.rfc2217_port = static_cast<std::uint16_t>(first_port + i);
        if (!board.rfc2217_port) board.link = options.directory / name;
        auto started = PtyBoard::start(board, log.with_prefix(name));
        if (!started) return with_context(std::move(started).error(), name);
        if (board.rfc2217_port) {
            bays.push_back({started->port(), {}, board.mac});
        } else {
            links.add(board.link);
            bays.push_back({board.link.string(), started->path(), board.mac});
        }
        boards.push_back(std::move(*started));
    }
    on_ready(bays);
    SystemClock clock;
    while (clock.sleep(std::chrono::hours(1), stop)) {
    }
    return {};
}

}  // namespace imprint::simulator
