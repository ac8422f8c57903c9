// `imprint prepare`: many bays at once, each on its own thread.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "events/event.h"
#include "prepare/board_job.h"
#include "prepare/settings.h"
#include "station/surroundings.h"

namespace imprint::station {

struct RunOptions {
    std::vector<std::string> ports;  // "--port", overrides the settings' ports
    bool all = false;                // every port that discovery finds
    std::string lot;
    std::string operator_name = {};  // empty: as the settings say
    bool rotate = false;  // only a new identity, for boards that have one: firmware stays
    // The boards are here, whatever another station's ledger says about them (prepare/rivals.h).
    bool take_over = false;
    prepare::Again again = {};
    bool dry_run = false;  // everything before the first effect: reports what would be done
    // Called with true before the first board, and with false after the last one: while boards are
    // in hand, somebody who wants the run to end may prefer to have them finished.
    std::function<void(bool)> boards_in_hand = {};
    // Of a bench: whether somebody wants it to end once the boards in hand are finished.
    std::function<bool()> asked_to_end = [] { return false; };
};

struct RunSummary {
    unsigned passed = 0;
    unsigned failed = 0;
    unsigned stopped = 0;
    unsigned empty = 0;  // bays without a board
    // Boards that had passed in this lot before, with their ports.
    std::map<MacAddress, std::string> skipped;
    std::map<MacAddress, std::string> other_lot;  // refused: among the failed
    bool interrupted = false;
};

// A bay whose port cannot be opened does not hold up the others, unless all are so. Everything that
// can be wrong for all boards alike is found before the first board is touched, and
// is returned as the Error; what goes wrong with a single board is an event and is counted.
[[nodiscard]] Result<RunSummary> prepare_boards(const prepare::Settings& settings,
                                                const RunOptions& options, Clock& clock,
                                                const events::EventSink& events, const Log& log,
                                                const std::stop_token& stop);
// The same in other surroundings.
[[nodiscard]] Result<RunSummary> prepare_boards(const prepare::Settings& settings,
                                                const RunOptions& options,
                                                const Surroundings& surroundings, Clock& clock,
                                                const events::EventSink& events, const Log& log,
                                                const std::stop_token& stop);

}  // namespace imprint::station
