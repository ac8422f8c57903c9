// The state of a bench at one moment, as far as events report it: what a terminal's live lines
// show, and what anybody can use who did not see all the events.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"
#include "events/event.h"

namespace imprint::events {

struct RunState {
    std::string version;
    std::string lot;
    std::string endpoint;
    std::string firmware_commit;
    std::string chip;  // the one the firmware is for
    std::string app;   // as the app itself says
    std::string app_version;
    std::uint64_t boards = 0;  // bays
    bool watch = false;        // boards come and go
    std::uint64_t passed = 0;  // so far
    std::uint64_t failed = 0;
    std::uint64_t skipped = 0;
    std::uint64_t stopped = 0;
    std::uint64_t empty = 0;  // bays without a board
    // Of the lot, as far as an event has told: 0: it has no target.
    std::uint64_t lot_target = 0;
    std::uint64_t lot_passed = 0;         // at every station, as the ledger counts them
    std::vector<WallTime> passed_lately;  // in this lot, in the last half hour
    std::optional<WallTime> started;
    std::optional<WallTime> lot_began;  // the run, or its present lot
    std::optional<WallTime> finished;
    std::string scanned;  // a serial number that waits for the next board

    // Bays whose board is done, or that have none.
    [[nodiscard]] std::uint64_t done() const { return passed + failed + skipped + stopped + empty; }

    // Until the lot's target is reached.
    [[nodiscard]] std::uint64_t left() const {
        return lot_target > lot_passed ? lot_target - lot_passed : 0;
    }

    bool operator==(const RunState&) const = default;
};

// `off`: the bay is switched off. The last two only where boards come and go.
enum class BayOutcome : std::uint8_t {
    working,
    passed,
    failed,
    skipped,
    stopped,
    empty,
    waiting,
    off,
};

// State of the board in the bay, or of the last one that was in it.
struct BayState {
    std::string bay;
    std::string port;               // empty: not reported
    std::string place;              // likewise: its USB path, or its port
    std::optional<MacAddress> mac;  // once the board is identified
    std::string chip;
    std::string serial;        // its number in its lot
    std::optional<Step> step;  // the last one that began
    std::uint64_t done = 0;    // bytes of that step
    std::uint64_t total = 0;   // 0: the step has no measure
    std::string console;       // the last line that the board printed
    BayOutcome outcome = BayOutcome::working;
    std::string thing;  // set if it passed, like the next two
    std::string certificate_id;
    double seconds = 0;
    std::string error_code;  // set if it failed, like the next two
    std::string reason;
    std::string hint;
    std::uint64_t in_a_row = 0;         // boards that failed here one after the other
    std::optional<WallTime> passed_at;  // set if it was skipped
    std::string scanned;                // a serial number that waits for the board in this bay
    // Of the board before this one; where boards come and go.
    std::optional<BayOutcome> last_outcome;
    std::optional<MacAddress> last_mac;
    std::string last_serial;
    WallTime started;  // time of the board's first event
    WallTime step_began;
    WallTime last;  // time of the board's last event

    [[nodiscard]] unsigned percent() const;         // of the step: 0 to 100
    [[nodiscard]] unsigned percent_of_all() const;  // of a whole preparation, likewise
    [[nodiscard]] double bytes_a_second() const;    // over the step; 0: not known yet

    bool operator==(const BayState&) const = default;
};

struct BenchState {
    RunState run;
    // In the order of run_started; one that it does not name comes after those. A bay keeps its
    // place.
    std::vector<BayState> bays;

    [[nodiscard]] const BayState* bay(std::string_view name) const;  // null: no such bay

    bool operator==(const BenchState&) const = default;
};

// The time until the last board at work is done, by what those before it took; 0: not known.
[[nodiscard]] std::chrono::seconds expected_left(const BenchState& state, WallTime now);

// By the boards of the last half hour; nothing: too little has been seen yet.
[[nodiscard]] std::optional<double> passes_an_hour(const RunState& run, WallTime now);

// When so many more will have passed, at that rate; nothing: not known, or none are left.
[[nodiscard]] std::optional<WallTime> expected_end(const RunState& run, std::uint64_t left,
                                                   WallTime now);

// The state after the event. Progress events that a later one supersedes may be left out: the
// states that follow are the same.
[[nodiscard]] BenchState apply(BenchState state, const Event& event);

}  // namespace imprint::events
