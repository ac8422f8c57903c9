#include "cli/shell/live_values.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "ledger/sqlite_ledger.h"
#include "loader/chip.h"

namespace imprint::cli::shell {

namespace {

// As many as a person reads through.
constexpr std::size_t most_offered = 50;
// Looked through for lots that nobody has opened; a few milliseconds.
constexpr std::size_t most_attempts = 1000;

std::vector<Candidate> ports(const config::Sources& sources, const bays::PortFinder& find) {
    std::vector<Candidate> all;
    const auto add = [&all](const std::string& port, std::string what) {
        if (std::ranges::find(all, port, &Candidate::word) == all.end())
            all.push_back({.word = port, .meaning = std::move(what)});
    };
    const auto config = config::load_config(sources);
    const auto station = config ? config->settings.station : prepare::StationSettings();
    const auto meaning = [&station](const transport::FoundPort& port, const std::string& more) {
        const std::string bay = bays::bay_port_of(port, station.bays).bay;
        return station.bays.contains(bay) ? fmt::format("bay {}, {}", bay, more) : more;
    };
    for (const auto& found : find())
        add(found.path, meaning(found, found.description));
    for (const auto& port : station.ports) {
        transport::FoundPort named;
        named.path = port;
        add(port, meaning(named, "of station.ports"));
    }
    // A place may be a USB path, too, which is no port.
    for (const auto& [bay, place] : station.bays)
        if (place.starts_with('/') || place.find("://") != std::string::npos)
            add(place, fmt::format("bay {}", bay));
    return all;
}

std::vector<Candidate> chips() {
    std::vector<Candidate> all;
    for (const auto& chip : loader::chips())
        all.push_back({.word = std::string(chip.key)});
    return all;
}

// None: it cannot be read right now.
std::unique_ptr<ledger::Reports> open_quietly(const config::Sources& sources, Clock& clock) {
    const auto config = config::load_config(sources);
    if (!config) return nullptr;
    auto reports = ledger::open_reports(config->settings.ledger.path, clock,
                                        {.patience = Milliseconds(0), .untouched = true});
    return reports ? std::move(*reports) : nullptr;
}

std::string lot_meaning(const ledger::LotRecord& lot) {
    std::string text(to_string(lot.state));
    if (lot.facts.target > 0) text += fmt::format(", {} boards", lot.facts.target);
    if (!lot.facts.limits.chip.empty()) text += ", " + lot.facts.limits.chip;
    return text;
}

std::vector<Candidate> lots(ledger::Reports& ledger) {
    std::vector<Candidate> all;
    std::set<std::string> known;
    if (const auto opened = ledger.lots()) {
        for (const auto& lot : *opened)
            if (known.insert(lot.facts.name).second)
                all.push_back({.word = lot.facts.name, .meaning = lot_meaning(lot)});
    }
    std::size_t seen = 0;
    static_cast<void>(ledger.each_attempt({}, [&](const ledger::AttemptRecord& attempt) {
        if (!attempt.lot.empty() && known.insert(attempt.lot).second)
            all.push_back({.word = attempt.lot, .meaning = "has boards"});
        return ++seen < most_attempts;
    }));
    return all;
}

// The last boards; where the beginning of a name was typed, those that fit it.
std::vector<ledger::AttemptRecord> boards(ledger::Reports& ledger, const std::string& typed) {
    std::vector<ledger::AttemptRecord> all;
    if (!typed.empty()) {
        const auto found = ledger.find_boards(typed, most_offered);
        if (!found) return all;
        for (const auto& mac : *found)
            if (const auto board = ledger.board(mac); board && *board)
                all.push_back((*board)->attempt);
        return all;
    }
    std::set<MacAddress> known;
    std::size_t seen = 0;
    static_cast<void>(ledger.each_attempt({}, [&](const ledger::AttemptRecord& attempt) {
        if (attempt.mac && known.insert(*attempt.mac).second) all.push_back(attempt);
        return ++seen < most_attempts && all.size() < most_offered;
    }));
    return all;
}

std::string board_meaning(const ledger::AttemptRecord& attempt, const std::string& other_name) {
    std::string text(to_string(attempt.outcome));
    if (!attempt.lot.empty()) text += ", lot " + attempt.lot;
    if (!other_name.empty()) text += ", " + other_name;
    return text;
}

std::vector<Candidate> runs(ledger::Reports& ledger) {
    std::vector<Candidate> all;
    static_cast<void>(ledger.each_run([&](const ledger::RunRecord& run) {
        all.push_back({.word = fmt::format("{}", run.id),
                       .meaning = fmt::format("{}, {}", run.command, to_iso8601(run.started))});
        return all.size() < most_offered;
    }));
    return all;
}

std::vector<Candidate> of_ledger(ValueKind kind, const std::string& typed,
                                 ledger::Reports& ledger) {
    if (kind == ValueKind::lot) return lots(ledger);
    if (kind == ValueKind::run) return runs(ledger);
    std::vector<Candidate> all;
    for (const auto& attempt : boards(ledger, typed)) {
        const std::string mac = attempt.mac ? attempt.mac->id() : "";
        if (kind == ValueKind::board)
            all.push_back({.word = mac,
                           .meaning = board_meaning(
                               attempt, attempt.thing == mac ? std::string() : attempt.thing)});
        else if (!attempt.thing.empty())
            all.push_back(
                {.word = attempt.thing,
                 .meaning = board_meaning(attempt, attempt.thing == mac ? std::string() : mac)});
    }
    return all;
}

}  // namespace

LiveValues live_values(Clock& clock, const bays::PortFinder& find) {
    return [&clock, find](ValueKind kind, const std::string& typed,
                          const config::Sources& sources) -> std::vector<Candidate> {
        switch (kind) {
            case ValueKind::port:
                return ports(sources, find);
            case ValueKind::chip:
                return chips();
            case ValueKind::lot:
            case ValueKind::run:
            case ValueKind::board:
            case ValueKind::thing: {
                const auto ledger = open_quietly(sources, clock);
                return ledger ? of_ledger(kind, typed, *ledger) : std::vector<Candidate>();
            }
            default:
                return {};
        }
    };
}

}  // namespace imprint::cli::shell
