// `imprint demo`: the whole flow with real processes of this same program: a local registry, boards
// that are simulated, and the preparing of them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "events/event.h"

namespace imprint::station {

struct DemoOptions {
    unsigned boards = 4;
    std::filesystem::path state;  // kept when it is given; else a temporary folder, removed
};

struct DemoBoard {
    std::filesystem::path port;
    MacAddress mac;
    // Its own connection was seen in the broker's log, under its MAC, behind the station's proof.
    bool connected = false;
};

struct DemoResult {
    std::vector<DemoBoard> boards;
    unsigned passed = 0;
    unsigned failed = 0;
    bool interrupted = false;
    std::filesystem::path state;  // empty: it is gone again
    std::string endpoint_url;
};

// Everything that it starts has ended when it returns. Errors: those of the parts; a part that does
// not start is told with the end of its log (demo_part_failed, kind config).
[[nodiscard]] Result<DemoResult> run_demo(const DemoOptions& options, Clock& clock,
                                          const events::EventSink& events, Log log,
                                          const std::stop_token& stop);

}  // namespace imprint::station
