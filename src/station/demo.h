// `imprint demo`: the whole flow with real processes of this same program: a local registry,
// simulated boards, and `imprint prepare`.
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
#include "fleet/over_the_air.h"

namespace imprint::station {

struct DemoOptions {
    unsigned boards = 4;
    std::filesystem::path state;  // kept if given; else a temporary folder, removed at the end
};

struct DemoBoard {
    std::filesystem::path port;
    MacAddress mac;
    // The board's own connection was seen in the broker's log, under its MAC, after the station's
    // proof.
    bool connected = false;
};

// New credentials over the air, for a board that is in use.
struct DemoRotation {
    std::string thing;
    fleet::AirLook look;
};

struct DemoResult {
    std::vector<DemoBoard> boards;
    unsigned passed = 0;
    unsigned failed = 0;
    std::optional<DemoRotation> rotation;  // of the first board, once all have connected
    bool interrupted = false;
    std::filesystem::path state;  // empty: it was removed
    std::string endpoint_url;
};

// Everything that it starts has ended when it returns. Errors: those of the parts; if a part does
// not start, the error contains the end of its log (demo_part_failed, kind config).
[[nodiscard]] Result<DemoResult> run_demo(const DemoOptions& options, Clock& clock,
                                          const events::EventSink& events, const Log& log,
                                          const std::stop_token& stop);

}  // namespace imprint::station
