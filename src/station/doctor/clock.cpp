#include <fmt/format.h>

#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

namespace {

// Two computers that share a ledger are never so far apart, and a time zone is no excuse: all of
// these are UTC.
constexpr std::chrono::minutes tolerated{10};
// A file that was unpacked or built elsewhere.
constexpr std::chrono::days tolerated_of_a_build{1};

constexpr const char* set_it =
    "set the clock: timedatectl set-ntp true, or `date -s`; a computer without a battery for its "
    "clock needs the network at its start";

}  // namespace

void check_clock(const Machine& machine, WallTime now, std::optional<WallTime> newest_record,
                 Checks& checks) {
    const std::string shown = to_iso8601(std::chrono::floor<std::chrono::seconds>(now));
    Checks::Facts facts{{"time", shown}};
    facts["synchronised"] = !machine.synchronised ? "" : *machine.synchronised ? "yes" : "no";
    if (machine.program_written && now + tolerated_of_a_build < *machine.program_written)
        return checks.warn("clock",
                           fmt::format("the clock says {}, but this program was written on {}",
                                       shown, to_iso8601(*machine.program_written)),
                           set_it, std::move(facts));
    if (newest_record && now + tolerated < *newest_record)
        return checks.warn("clock",
                           fmt::format("the clock says {}, but the ledger's newest run began {}",
                                       shown, to_iso8601(*newest_record)),
                           set_it, std::move(facts));
    // A container has no clock of its own to set.
    if (machine.synchronised == false && !is_container(machine))
        return checks.warn("clock", fmt::format("{}, not synchronised with a time server", shown),
                           "timedatectl set-ntp true; AWS refuses requests that are 5 minutes off",
                           std::move(facts));
    checks.ok("clock", machine.synchronised == true ? shown + ", synchronised" : shown,
              std::move(facts));
}

}  // namespace imprint::station::doctor
