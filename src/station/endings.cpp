#include "station/endings.h"

#include "prepare/outcomes.h"

namespace imprint::station {

namespace {

// A port belongs to its bay: whatever board is in it, its trouble is the bay's.
bool is_ports(const Error& error) {
    return error.kind == ErrorKind::board && error.code.starts_with("port_");
}

Ending::Kind kind_of(const Error& error) {
    const ledger::Outcome outcome = prepare::outcome_of(error);
    if (outcome == ledger::Outcome::stopped) return Ending::Kind::stopped;
    if (outcome == ledger::Outcome::empty) return Ending::Kind::silent;
    const bool is_bays = prepare::fault_of(error) == ledger::Fault::board || is_ports(error);
    return is_bays ? Ending::Kind::board : Ending::Kind::station;
}

}  // namespace

Ending ending_of(const Error& error, const std::optional<MacAddress>& mac) {
    return {.kind = kind_of(error),
            .code = error.code,
            .reason = error.reason(),
            .hint = error.shown_hint(),
            .mac = mac};
}

}  // namespace imprint::station
