// `imprint simulate board`: a bench of simulated boards.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "simulator/pty_board.h"

namespace imprint::simulator {

// The address that many steps on.
[[nodiscard]] MacAddress counted_up(MacAddress mac, unsigned steps);

struct RunOptions {
    unsigned count = 1;
    // Contains bay0 … bayN, links to the boards' terminals (if they have any), and bay0.flash …
    // bayN.flash.
    std::filesystem::path directory;
    MacAddress base_mac{{0x24, 0x0A, 0xC4, 0x00, 0x00, 0x00}};  // of bay 0; the next ones count up
    // Common to all boards. Its mac and flash_file are filled in; an rfc2217_port other than 0 is
    // bay 0's, and the next ones count up.
    BoardOptions board;
};

struct RunningBay {
    std::string port;                // the link, "<directory>/bay0"; "rfc2217://127.0.0.1:4000"
    std::filesystem::path terminal;  // "/dev/pts/7"; empty with RFC 2217
    MacAddress mac;
};

// Runs the boards until a stop is requested, then removes the links; the flash files are kept for
// the next run. on_ready is called once, when all ports can be opened.
// Errors: those of PtyBoard::start; bay_directory (config); bad_usage if there are not enough
// network ports for all boards.
[[nodiscard]] Result<void> run_boards(
    const RunOptions& options, const std::function<void(const std::vector<RunningBay>&)>& on_ready,
    const std::stop_token& stop, const Log& log = {});

}  // namespace imprint::simulator
