// A described struct as a line of CSV (RFC 4180): its members are the columns, in their order.
#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.h"
#include "base/mac.h"
#include "base/text.h"
#include "events/describe.h"
#include "events/words.h"

namespace imprint::events {

namespace detail {

// A bay's name, or a ledger that was merged, may bring any bytes: no control character but a line
// break goes into the list, which people read at a terminal too, and what is no UTF-8 is U+FFFD, as
// in JSON.
[[nodiscard]] std::string csv_text(const std::string& text);

inline std::string csv_text(const MacAddress& mac) {
    return mac.id();
}

inline std::string csv_text(const WallTime& time) {
    return to_iso8601(time);
}

template <Worded T>
std::string csv_text(const T& word) {
    return std::string(word_of(word));
}

template <std::integral T>
std::string csv_text(const T& number) {
    return fmt::format("{}", number);
}

template <typename T>
std::string csv_text(const OrEmpty<T>& one) {
    return one.value ? csv_text(*one.value) : std::string();
}

}  // namespace detail

template <Described T>
[[nodiscard]] std::string csv_head() {
    std::string line;
    T::members([&line](std::string_view name, auto...) {
        if (!line.empty()) line += ',';
        line += name;
    });
    return line + "\r\n";
}

template <Described T>
[[nodiscard]] std::string csv_line(const T& described) {
    static_assert(is_wholly_described<T>, "members() leaves out a member of the struct");
    std::string line;
    bool first = true;
    T::members([&](std::string_view, auto pointer, auto...) {
        if (!first) line += ',';
        first = false;
        line += csv_cell(detail::csv_text(described.*pointer));
    });
    return line + "\r\n";
}

}  // namespace imprint::events
