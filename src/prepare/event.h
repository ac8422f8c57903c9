// The one stream of what happens: terminal, --json, page and ledger are all fed by it.
// Names, members and version are an interface: docs/events.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"

namespace imprint::prepare {

using EventValue = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;

struct Event {
    static constexpr int version = 1;
    std::string name;  // "board_passed"
    WallTime time;
    std::string bay;                // empty: of the whole run
    std::optional<MacAddress> mac;  // once the board is identified
    std::vector<std::pair<std::string, EventValue>> details;

    [[nodiscard]] const EventValue* detail(std::string_view key) const;
};

// One line without the newline: {"v":1,"event":…,"time":…,"bay":…,"mac":…, details…}
[[nodiscard]] std::string to_json(const Event& event);

// Called from the thread of any bay.
using EventSink = std::function<void(const Event&)>;

}  // namespace imprint::prepare
