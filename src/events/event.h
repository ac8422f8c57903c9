// The one stream of what happens: terminal, --json, page and ledger are all fed by it. Each event
// is a struct that describes itself (describe.h); names, members and version are an interface,
// which docs/events.md shows. Never a secret in one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/mac.h"
#include "events/board_events.h"
#include "events/registry_events.h"
#include "events/run_events.h"
#include "events/station_events.h"

namespace imprint::events {

namespace detail {

template <typename... Groups>
struct AnyOf;

template <typename... Bodies>
struct AnyOf<Group<Bodies...>> {
    using Type = std::variant<Bodies...>;
};

template <typename... First, typename... Second, typename... Others>
struct AnyOf<Group<First...>, Group<Second...>, Others...>
    : AnyOf<Group<First..., Second...>, Others...> {};

}  // namespace detail

// One of all that there are. The log is none of --json's events.
using Body =
    detail::AnyOf<RunEvents, BoardEvents, RegistryEvents, StationEvents, Group<LogLine>>::Type;

struct Event {
    static constexpr int version = 1;
    WallTime time;
    std::string bay = {};                // empty: of the whole run
    std::optional<MacAddress> mac = {};  // once the board is identified
    Body body;
    // Of a command's result: what a person reads instead, whole lines. Not in JSON.
    std::optional<std::string> text = {};
};

[[nodiscard]] const Summary& summary_of(const Body& body);

// Null: it is another one.
template <EventBody T>
[[nodiscard]] const T* as(const Event& event) {
    return std::get_if<T>(&event.body);
}

// Called from the thread of any bay; never waits for whoever is told.
using EventSink = std::function<void(Event)>;

}  // namespace imprint::events
