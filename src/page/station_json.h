// How the station stands, as docs/api.md has it.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "events/bench_state.h"
#include "events/event.h"
#include "report/told.h"

namespace imprint::page {

using Json = nlohmann::ordered_json;

// What a person or a board has put in may be no UTF-8: it is replaced.
[[nodiscard]] std::string text_of(const Json& json);

// Leaves it out if it is empty.
void add(Json& json, const char* name, const std::string& text);

[[nodiscard]] events::BayStatus status_of(events::BayOutcome outcome);
// Or waits for the cloud.
[[nodiscard]] bool is_at_work(events::BayOutcome outcome);

// The members of an event, without its time and kind.
[[nodiscard]] Json members_of(events::Body body);

[[nodiscard]] Json json_of(const events::BayState& bay);
[[nodiscard]] Json json_of(const events::RunState& run);
[[nodiscard]] Json json_of(const report::ToldLot& lot);

}  // namespace imprint::page
