// A bench at one moment, as far as events tell of it: what a terminal's live lines show, and
// whatever else wants to know how things stand without having seen it all.
#pragma once

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
    std::string chip;          // that the firmware is for
    std::uint64_t boards = 0;  // bays
    std::uint64_t passed = 0;  // so far
    std::uint64_t failed = 0;
    std::optional<WallTime> started;
    std::optional<WallTime> finished;

    bool operator==(const RunState&) const = default;
};

enum class BayOutcome : std::uint8_t { working, passed, failed };

// Of the board that is in the bay, or was last.
struct BayState {
    std::string bay;
    std::string port;               // empty: not told
    std::optional<MacAddress> mac;  // once the board is identified
    std::string chip;
    std::optional<Step> step;  // the last that began
    std::uint64_t done = 0;    // bytes of that step
    std::uint64_t total = 0;   // 0: it has no measure
    std::string console;       // the last line that the board printed
    BayOutcome outcome = BayOutcome::working;
    std::string thing;  // of one that passed, like the next two
    std::string certificate_id;
    double seconds = 0;
    std::string error_code;  // of one that failed, like the next two
    std::string reason;
    std::string hint;
    WallTime started;  // of the first event of it
    WallTime step_began;
    WallTime last;  // of the last event of it

    [[nodiscard]] unsigned percent() const;       // of the step: 0 to 100
    [[nodiscard]] double bytes_a_second() const;  // over the step; 0: not known yet

    bool operator==(const BayState&) const = default;
};

struct BenchState {
    RunState run;
    std::vector<BayState> bays;  // in the order in which their boards began

    [[nodiscard]] const BayState* bay(std::string_view name) const;  // null: there is none

    bool operator==(const BenchState&) const = default;
};

// The state after the event. Progress that a later one supersedes may be left out: the states that
// follow are the same.
[[nodiscard]] BenchState apply(BenchState state, const Event& event);

}  // namespace imprint::events
