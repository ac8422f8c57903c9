#include "page/station_json.h"

#include <optional>
#include <utility>

#include "base/clock.h"
#include "events/json.h"

namespace imprint::page {

namespace {

using events::BayOutcome;
using events::BayState;
using events::BayStatus;

void add(Json& json, const char* name, const std::optional<MacAddress>& mac) {
    if (mac) json[name] = mac->id();
}

void add_work(Json& json, const BayState& bay) {
    json["began"] = to_iso8601(bay.started);
    if (!bay.step) return;
    json["step"] = std::string(events::word_of(*bay.step));
    json["percent"] = bay.percent_of_all();
}

}  // namespace

bool is_at_work(events::BayOutcome outcome) {
    return outcome == BayOutcome::working || outcome == BayOutcome::waiting;
}

events::BayStatus status_of(BayOutcome outcome) {
    switch (outcome) {
        case BayOutcome::working:
            return BayStatus::at_work;
        case BayOutcome::passed:
        case BayOutcome::skipped:
            return BayStatus::passed;
        case BayOutcome::failed:
            return BayStatus::failed;
        case BayOutcome::stopped:
            return BayStatus::stopped;
        case BayOutcome::empty:
            return BayStatus::empty;
        case BayOutcome::waiting:
            return BayStatus::waiting;
        case BayOutcome::off:
            return BayStatus::off;
    }
    return BayStatus::empty;
}

void add(Json& json, const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json members_of(events::Body body) {
    Json json = Json::parse(events::to_json({WallTime(), {}, {}, std::move(body)}));
    for (const char* name : {"v", "event", "time"})
        json.erase(name);
    return json;
}

Json json_of(const BayState& bay) {
    Json json;
    json["bay"] = bay.bay;
    json["status"] = std::string(events::word_of(status_of(bay.outcome)));
    add(json, "port", bay.port);
    add(json, "place", bay.place);
    add(json, "mac", bay.mac);
    add(json, "chip", bay.chip);
    add(json, "serial", bay.serial);
    add(json, "thing", bay.thing);
    add(json, "certificate_id", bay.certificate_id);
    if (is_at_work(bay.outcome)) add_work(json, bay);
    if (bay.seconds > 0) json["seconds"] = bay.seconds;
    if (bay.outcome == BayOutcome::skipped) json["skipped"] = true;
    if (bay.passed_at) json["passed_at"] = to_iso8601(*bay.passed_at);
    add(json, "code", bay.error_code);
    add(json, "reason", bay.reason);
    add(json, "mend", bay.hint);
    if (bay.in_a_row > 0) json["in_a_row"] = bay.in_a_row;
    add(json, "console", bay.console);
    add(json, "scanned", bay.scanned);
    if (bay.last_outcome) {
        Json last;
        last["status"] = std::string(events::word_of(status_of(*bay.last_outcome)));
        add(last, "mac", bay.last_mac);
        add(last, "serial", bay.last_serial);
        json["last"] = std::move(last);
    }
    return json;
}

Json json_of(const events::RunState& run) {
    Json json;
    add(json, "endpoint", run.endpoint);
    add(json, "firmware_commit", run.firmware_commit);
    add(json, "chip", run.chip);
    add(json, "app", run.app_version.empty() ? run.app : run.app + " " + run.app_version);
    add(json, "scanned", run.scanned);
    if (run.started) json["started"] = to_iso8601(*run.started);
    if (run.finished) json["finished"] = to_iso8601(*run.finished);
    json["passed"] = run.passed;
    json["failed"] = run.failed;
    json["skipped"] = run.skipped;
    json["stopped"] = run.stopped;
    return json;
}

Json json_of(const report::ToldLot& lot) {
    return members_of(report::lot_event(lot));
}

}  // namespace imprint::page
