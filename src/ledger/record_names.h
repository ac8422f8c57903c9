// The texts of the ledger's enumerations, as stored in the file and as shown to people.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "ledger/lots.h"
#include "ledger/records.h"

namespace imprint::ledger {

constexpr std::array<std::pair<CertificateState, std::string_view>, 8> state_names = {{
    {CertificateState::requested, "requested"},
    {CertificateState::inactive, "inactive"},
    {CertificateState::staged, "staged"},
    {CertificateState::queued, "queued"},
    {CertificateState::active, "active"},
    {CertificateState::proven, "proven"},
    {CertificateState::overwritten, "overwritten"},
    {CertificateState::gone, "gone"},
}};

constexpr std::array<std::pair<Outcome, std::string_view>, 8> outcome_names = {{
    {Outcome::running, "running"},
    {Outcome::passed, "passed"},
    {Outcome::failed, "failed"},
    {Outcome::skipped, "skipped"},
    {Outcome::stopped, "stopped"},
    {Outcome::empty, "empty"},
    {Outcome::killed, "killed"},
    {Outcome::replaced, "replaced"},
}};

constexpr std::array<std::pair<BoardState, std::string_view>, 6> board_state_names = {{
    {BoardState::passed, "passed"},
    {BoardState::failed, "failed"},
    {BoardState::stopped, "stopped"},
    {BoardState::running, "running"},
    {BoardState::killed, "killed"},
    {BoardState::retired, "retired"},
}};

constexpr std::array<std::pair<Fault, std::string_view>, 3> fault_names = {{
    {Fault::none, ""},
    {Fault::board, "board"},
    {Fault::station, "station"},
}};

constexpr std::array<std::pair<LotState, std::string_view>, 3> lot_state_names = {{
    {LotState::open, "open"},
    {LotState::paused, "paused"},
    {LotState::closed, "closed"},
}};

constexpr std::array<std::pair<FailedSerial, std::string_view>, 2> failed_serial_names = {{
    {FailedSerial::keep, "keep"},
    {FailedSerial::free, "free"},
}};

constexpr std::array<std::pair<SerialState, std::string_view>, 2> serial_state_names = {{
    {SerialState::reserved, "reserved"},
    {SerialState::used, "used"},
}};

// Not stored: told.
constexpr std::array<std::pair<Verdict, std::string_view>, 6> verdict_names = {{
    {Verdict::none, "none"},
    {Verdict::running, "running"},
    {Verdict::aborted, "aborted"},
    {Verdict::error, "error"},
    {Verdict::failed, "failed"},
    {Verdict::passed, "passed"},
}};

// No others are stored.
template <typename Names>
auto value_of(const Names& names, std::string_view name) {
    for (const auto& [value, text] : names)
        if (text == name) return value;
    return names.front().first;
}

template <typename Names, typename Value>
std::string_view name_of(const Names& names, Value value) {
    for (const auto& [known, text] : names)
        if (known == value) return text;
    return names.front().second;
}

}  // namespace imprint::ledger
