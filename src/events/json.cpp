#include "events/json.h"

#include <string_view>
#include <type_traits>

#include <nlohmann/json.hpp>

namespace imprint::events {

namespace {

using Json = nlohmann::ordered_json;

template <typename T>
constexpr bool is_optional = false;
template <typename T>
constexpr bool is_optional<std::optional<T>> = true;

template <typename T>
Json to_value(const T& plain) {
    return plain;
}

template <Worded T>
Json to_value(const T& word) {
    return std::string(word_of(word));
}

Json to_value(const MacAddress& mac) {
    return mac.id();
}

Json to_value(const WallTime& time) {
    return to_iso8601(time);
}

template <typename T>
Json to_value(const OrEmpty<T>& one) {
    return one.value ? to_value(*one.value) : Json("");
}

template <typename T>
Json to_value(const std::map<std::string, T>& named) {
    Json object = Json::object();
    for (const auto& [name, value] : named)
        object[name] = to_value(value);
    return object;
}

template <Described T>
Json to_value(const T& described);

template <typename T>
Json to_value(const std::vector<T>& list) {
    Json array = Json::array();
    for (const auto& one : list)
        array.push_back(to_value(one));
    return array;
}

template <Described T>
void add_members(Json& object, const T& described) {
    static_assert(is_wholly_described<T>, "members() leaves out a member of the struct");
    T::members([&](std::string_view name, auto pointer, auto...) {
        const auto& value = described.*pointer;
        if constexpr (is_optional<std::remove_cvref_t<decltype(value)>>) {
            if (value) object[std::string(name)] = to_value(*value);
        } else {
            object[std::string(name)] = to_value(value);
        }
    });
}

template <Described T>
Json to_value(const T& described) {
    Json object = Json::object();
    add_members(object, described);
    return object;
}

}  // namespace

std::string to_json(const Event& event) {
    Json line;
    line["v"] = Event::version;
    line["event"] = event.body.summary().name;
    line["time"] = to_iso8601(event.time);
    if (!event.bay.empty()) line["bay"] = event.bay;
    if (event.mac) line["mac"] = event.mac->id();
    visit([&line](const auto& body) { add_members(line, body); }, event.body);
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace imprint::events
