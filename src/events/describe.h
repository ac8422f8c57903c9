// How an event describes itself; JSON and docs/events.md are both generated from it. A described
// struct has
//
//   static constexpr Summary summary{"board_step", "a step begins"};
//   static constexpr void members(const auto& member) {
//       member("step", &BoardStep::step, "which one");          // name, where it is, its sentence
//       member("size", &BoardStep::size, "of flash", in_bytes);  // and its unit
//   }
//
// in the order of its JSON. A member without a default has to be given by whoever makes the event;
// an empty optional member is left out of the JSON.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>

namespace imprint::events {

struct Summary {
    std::string_view name;  // "board_step"
    std::string_view when;  // a sentence without its full stop
};

// A value that may be missing; it is an empty string in JSON then.
template <typename T>
struct OrEmpty {
    std::optional<T> value;

    bool operator==(const OrEmpty&) const = default;
};

inline constexpr std::string_view in_bytes = "bytes";
inline constexpr std::string_view in_seconds = "seconds";

namespace detail {

struct AnyMember {
    constexpr void operator()(std::string_view, auto, std::string_view,
                              std::string_view = {}) const {}
};

// Initialises a member of any type; never evaluated.
struct Anything {
    template <typename T>
    operator T() const;
};

template <typename T, typename... Given>
consteval std::size_t count_fields() {
    if constexpr (requires { T{Given{}..., Anything{}}; })
        return count_fields<T, Given..., Anything>();
    else
        return sizeof...(Given);
}

}  // namespace detail

// It has members; a whole event has a summary too.
template <typename T>
concept Described = requires { T::members(detail::AnyMember()); };

template <typename T>
concept EventBody = Described<T> && requires {
    { T::summary } -> std::convertible_to<const Summary&>;
};

template <Described T>
consteval std::size_t count_members() {
    std::size_t count = 0;
    T::members([&count](auto...) { ++count; });
    return count;
}

// Checks that no member of the struct was forgotten in its description.
template <Described T>
inline constexpr bool is_wholly_described = detail::count_fields<T>() == count_members<T>();

// Events that docs/events.md shows together, in this order.
template <EventBody... Bodies>
struct Group {};

}  // namespace imprint::events
