// The single stream of events, which the terminal and --json read. Each event is a struct that
// describes itself (describe.h). Names, members and version are an interface, documented in
// docs/events.md. Events never contain a secret.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/mac.h"
#include "events/board_events.h"
#include "events/lot_events.h"
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

// One of all event types. Log lines are not part of --json.
using Body = detail::AnyOf<RunEvents, BoardEvents, RegistryEvents, StationEvents, LotEvents,
                           Group<LogLine>>::Type;

struct Event {
    static constexpr int version = 1;
    WallTime time;
    std::string bay = {};                // empty: about the whole run
    std::optional<MacAddress> mac = {};  // once the board is identified
    Body body;
    // For a command's result: the text for a person, in whole lines. Not in JSON.
    std::optional<std::string> text = {};
};

[[nodiscard]] const Summary& summary_of(const Body& body);

// Null: it is another type of event.
template <EventBody T>
[[nodiscard]] const T* as(const Event& event) {
    return std::get_if<T>(&event.body);
}

// Called from the thread of any bay; never waits for a reader.
using EventSink = std::function<void(Event)>;

}  // namespace imprint::events
