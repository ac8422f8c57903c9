#include <fmt/format.h>
#include <fmt/ranges.h>
#include <system_error>

#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_state.h"
#include "station/doctor/machine_checks.h"
#include "station/doctor/run_checks.h"

namespace imprint::station::doctor {

namespace {

// A station that works holds it for milliseconds; a doctor need not wait longer for it.
constexpr Milliseconds patience{2000};

void tell_holders(const std::filesystem::path& path, const Machine& machine, Checks& checks) {
    std::vector<std::string> strangers;
    for (const auto& holder : holders_of(machine, path))
        if (holder.program != "imprint")
            strangers.push_back(fmt::format("{} (process {})", holder.program, holder.process));
    if (strangers.empty()) return;
    checks.warn("ledger",
                fmt::format("{} has {} open too", fmt::join(strangers, ", "), path.string()),
                "end it: while another program writes there, bays wait; `imprint ledger backup` "
                "makes a copy to look into");
}

std::optional<WallTime> newest_run(const std::filesystem::path& path, Clock& clock,
                                   const ledger::OpenOptions& options) {
    const auto reports = ledger::open_reports(path, clock, options);
    if (!reports) return std::nullopt;
    std::optional<WallTime> newest;
    const auto read = (*reports)->each_run([&newest](const ledger::RunRecord& run) {
        // Another station's clock is another matter.
        if (run.merged) return true;
        newest = run.started;
        return false;
    });
    return read ? newest : std::nullopt;
}

}  // namespace

std::optional<WallTime> check_ledger_file(const prepare::Settings& settings, const Machine& machine,
                                          Clock& clock, const Log& log, Checks& checks) {
    const std::filesystem::path& path = settings.ledger.path;
    Checks::Facts facts{{"path", path.string()}};
    // Where SQLite's files are beside it, another program has it open, and they stay.
    const ledger::OpenOptions options{
        .log = log, .patience = patience, .untouched = ledger::lies_alone(path)};
    if (const auto sound = ledger::check_ledger(path, options); !sound) {
        checks.failed("ledger", sound.error(), std::move(facts));
        return std::nullopt;
    }
    std::error_code error;
    // The first run makes it.
    if (!std::filesystem::exists(path, error) || std::filesystem::file_size(path, error) == 0) {
        checks.ok("ledger", path.string(), std::move(facts));
        return std::nullopt;
    }
    const auto state = ledger::look_at_ledger(path, options);
    if (!state) {
        checks.failed("ledger", state.error(), std::move(facts));
        return std::nullopt;
    }
    facts["version"] = std::to_string(state->version);
    facts["attempts"] = std::to_string(state->rows.at("attempts"));
    facts["looked_through"] = state->was_looked_through ? "yes" : "no";
    if (!state->damage.empty()) {
        checks.failed(
            "ledger",
            make_error(ErrorKind::ledger, "ledger_damaged",
                       fmt::format("the ledger {} is damaged: {}", path.string(), state->damage),
                       "keep the file as it is, and put a backup in its place"),
            std::move(facts));
        return std::nullopt;
    }
    checks.ok("ledger",
              fmt::format("{}, version {} of {}, {} attempts{}", path.string(), state->version,
                          state->newest_version, state->rows.at("attempts"),
                          state->was_looked_through ? ", sound" : ""),
              std::move(facts));
    tell_holders(path, machine, checks);
    return newest_run(path, clock, options);
}

}  // namespace imprint::station::doctor
