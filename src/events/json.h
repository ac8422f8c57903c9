// Events as lines of --json.
#pragma once

#include <string>

#include "events/event.h"

namespace imprint::events {

// One line without the newline: {"v":1,"event":…,"time":…,"bay":…,"mac":…, members…}. Invalid
// UTF-8, which a board's console may print, is replaced.
[[nodiscard]] std::string to_json(const Event& event);

}  // namespace imprint::events
