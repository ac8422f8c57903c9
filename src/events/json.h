// Events as --json has them.
#pragma once

#include <string>

#include "events/event.h"

namespace imprint::events {

// One line without the newline: {"v":1,"event":…,"time":…,"bay":…,"mac":…, members…}. Bytes that
// are no UTF-8, as a board's console may have them, are replaced.
[[nodiscard]] std::string to_json(const Event& event);

}  // namespace imprint::events
