// The single stream of events, which the terminal and --json read. Each event is a struct that
// describes itself (describe.h). Names, members and version are an interface, documented in
// docs/events.md. Events never contain a secret.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/mac.h"
#include "events/board_events.h"
#include "events/lot_events.h"
#include "events/registry_events.h"
#include "events/run_events.h"
#include "events/station_events.h"

namespace imprint::events {

// One of all event types. Cheap to copy: what was told does not change. Not a variant: of ninety
// types it would be made anew, with all that belongs to it, in each source that tells of one.
class Body {
  public:
    template <EventBody T>
    Body(T one) : summary_(&T::summary), one_(std::make_shared<const T>(std::move(one))) {}

    // Each type has its own: it tells which one this is.
    [[nodiscard]] const Summary& summary() const { return *summary_; }

    // Null: it is another type of event.
    template <EventBody T>
    [[nodiscard]] const T* as() const {
        return summary_ == &T::summary ? static_cast<const T*>(one_.get()) : nullptr;
    }

  private:
    const Summary* summary_;
    std::shared_ptr<const void> one_;
};

namespace detail {

template <typename Visitor, EventBody First, EventBody... Others>
auto visit_any(Visitor& visitor, const Body& body, Group<First, Others...> /*all*/) {
    using Result = decltype(visitor(*body.as<First>()));
    constexpr bool gives_nothing = std::is_void_v<Result>;
    [[maybe_unused]] std::optional<std::conditional_t<gives_nothing, bool, Result>> result;
    const auto visited = [&](const auto* one) {
        if (one == nullptr) return false;
        if constexpr (gives_nothing)
            visitor(*one);
        else
            result.emplace(visitor(*one));
        return true;
    };
    static_cast<void>(visited(body.as<First>()) || (visited(body.as<Others>()) || ...));
    if constexpr (!gives_nothing) return *std::move(result);
}

template <EventBody... Bodies, EventBody... More>
Group<Bodies..., More...> joined(Group<Bodies...>, Group<More...>);

template <typename All, typename... Others>
struct Joined {
    using Type = All;
};

template <typename All, typename Next, typename... Others>
struct Joined<All, Next, Others...> : Joined<decltype(joined(All(), Next())), Others...> {};

}  // namespace detail

// Log lines are not part of --json.
using AllEvents = detail::Joined<RunEvents, BoardEvents, RegistryEvents, StationEvents, LotEvents,
                                 Group<LogLine>>::Type;

// Calls visitor with the body as the type that it is.
template <typename Visitor>
auto visit(Visitor&& visitor, const Body& body) {
    return detail::visit_any(visitor, body, AllEvents());
}

struct Event {
    static constexpr int version = 1;
    WallTime time;
    std::string bay = {};                // empty: about the whole run
    std::optional<MacAddress> mac = {};  // once the board is identified
    Body body;
    // For a command's result: the text for a person, in whole lines. Not in JSON.
    std::optional<std::string> text = {};
};

// Null: it is another type of event.
template <EventBody T>
[[nodiscard]] const T* as(const Event& event) {
    return event.body.as<T>();
}

// Called from the thread of any bay; never waits for a reader.
using EventSink = std::function<void(Event)>;

}  // namespace imprint::events
