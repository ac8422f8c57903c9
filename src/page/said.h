// What a person reads of the station's events: one sentence each.
#pragma once

#include <optional>
#include <string>

#include "events/event.h"
#include "page/station_json.h"

namespace imprint::page {

// {"time", "bay", "level", "text"}; nothing: the event is no news to a person at the bench.
[[nodiscard]] std::optional<Json> said_of(const events::Event& event);

}  // namespace imprint::page
