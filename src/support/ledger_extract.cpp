#include "support/ledger_extract.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "ledger/sqlite_state.h"

namespace imprint::support {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_records = 2000;

Json time_of(const std::optional<WallTime>& time) {
    return time ? Json(to_iso8601(*time)) : Json(nullptr);
}

Json run_json(const ledger::RunRecord& run) {
    return {{"run", run.id},
            {"command", run.command},
            {"version", run.version},
            {"lot", run.lot},
            {"station", run.station},
            {"host", run.host},
            {"operator", run.operator_name},
            {"account", run.account},
            {"region", run.region},
            {"started", to_iso8601(run.started)},
            {"ended", time_of(run.ended)},
            {"running", run.running},
            {"merged", run.merged},
            {"passed", run.passed},
            {"failed", run.failed},
            {"attempts", Json::array()},
            {"effects", Json::array()}};
}

Json attempt_json(const ledger::AttemptRecord& attempt) {
    Json json{{"attempt", attempt.id},
              {"mac", attempt.mac ? attempt.mac->id() : ""},
              {"bay", attempt.bay},
              {"chip", attempt.chip},
              {"thing", attempt.thing},
              {"serial", attempt.serial},
              {"certificate_id", attempt.certificate_id},
              {"certificate_state",
               attempt.certificate_state ? std::string(to_string(*attempt.certificate_state)) : ""},
              {"firmware", attempt.firmware},
              {"app_version", attempt.app_version},
              {"endpoint", attempt.endpoint},
              {"started", to_iso8601(attempt.started)},
              {"ended", time_of(attempt.ended)},
              {"outcome", std::string(to_string(attempt.outcome))}};
    if (!attempt.error_code.empty()) {
        json["code"] = attempt.error_code;
        json["message"] = attempt.error_message;
        json["fault"] = std::string(to_string(attempt.fault));
    }
    return json;
}

Json effect_json(const ledger::EffectRecord& effect) {
    return {{"attempt", effect.attempt ? Json(*effect.attempt) : Json(nullptr)},
            {"kind", effect.kind},
            {"subject", effect.subject},
            {"intended", to_iso8601(effect.intended)},
            {"done", time_of(effect.done)},
            {"result", effect.result}};
}

void add_names(const ledger::RunRecord& run, Pseudonyms& names) {
    names.add("lot", run.lot);
    names.add("station", run.station);
    names.add("host", run.host);
    names.add("operator", run.operator_name);
    names.add("account", run.account);
}

void add_names(const ledger::AttemptRecord& attempt, Pseudonyms& names) {
    if (attempt.mac) names.add("mac", attempt.mac->id());
    names.add("thing", attempt.thing);
    names.add("serial", attempt.serial);
    names.add("certificate", attempt.certificate_id);
    names.add("endpoint", attempt.endpoint.substr(0, attempt.endpoint.find(':')));
    names.add("lot", attempt.lot);
}

// What commands have done beside the bench: certificates that another run's board had.
void add_names(const ledger::EffectRecord& effect, Pseudonyms& names) {
    const bool is_certificate =
        effect.subject.size() == 64 &&
        effect.subject.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_certificate) names.add("certificate", effect.subject);
    if (effect.kind.contains("thing")) names.add("thing", effect.subject);
}

}  // namespace

Json ledger_state(const std::filesystem::path& path) {
    Json json{{"path", path.string()}};
    const auto state = ledger::look_at_ledger(
        path, {.patience = ledger_patience, .untouched = ledger::lies_alone(path)});
    if (!state) {
        json["code"] = state.error().code;
        json["error"] = state.error().describe();
        return json;
    }
    json["version"] = state->version;
    json["newest_version"] = state->newest_version;
    json["bytes"] = state->bytes;
    json["looked_through"] = state->was_looked_through;
    json["damage"] = state->damage;
    json["rows"] = state->rows;
    return json;
}

Result<Json> last_runs(ledger::Reports& ledger, std::size_t runs, Pseudonyms& names) {
    std::vector<ledger::RunRecord> chosen;
    IMPRINT_CHECK(ledger.each_run([&](const ledger::RunRecord& run) {
        if (chosen.size() < runs) chosen.push_back(run);
        // A message, or the service's journal, may name those of an older one.
        add_names(run, names);
        return true;
    }));
    IMPRINT_TRY(const auto lots, ledger.lots());
    for (const auto& lot : lots)
        names.add("lot", lot.facts.name);
    Json all = Json::array();
    std::map<ledger::RunId, std::size_t> places;
    for (const auto& run : chosen) {
        places[run.id] = all.size();
        all.push_back(run_json(run));
    }
    if (chosen.empty()) return all;
    // Newest first: what began before all of these runs is none of theirs.
    const WallTime earliest = std::ranges::min(chosen, {}, &ledger::RunRecord::started).started;
    std::size_t attempts = 0;
    IMPRINT_CHECK(ledger.each_attempt({}, [&](const ledger::AttemptRecord& attempt) {
        const auto place = places.find(attempt.run);
        if (place == places.end()) return attempt.started >= earliest;
        add_names(attempt, names);
        Json& run = all[place->second];
        if (attempts++ < most_records)
            run["attempts"].push_back(attempt_json(attempt));
        else
            run["attempts_left_out"] = run.value("attempts_left_out", 0) + 1;
        return true;
    }));
    std::size_t effects = 0;
    for (const auto& run : chosen) {
        IMPRINT_TRY(const auto of_run, ledger.effects_of_run(run.id));
        Json& json = all[places[run.id]];
        for (const auto& effect : of_run) {
            add_names(effect, names);
            if (effects++ < most_records)
                json["effects"].push_back(effect_json(effect));
            else
                json["effects_left_out"] = json.value("effects_left_out", 0) + 1;
        }
    }
    return all;
}

}  // namespace imprint::support
