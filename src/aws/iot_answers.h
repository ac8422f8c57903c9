// Helpers that read the service's answers, for this layer's own sources.
#pragma once

#include <chrono>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "aws/iot_calls.h"

namespace imprint::aws {

using nlohmann::json;

inline std::string text(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline std::unexpected<Error> lacks(std::string_view operation, const char* member) {
    return fail(ErrorKind::registry, "registry_answer_damaged",
                fmt::format("the answer to {} lacks {}", operation, member));
}

// A member that is required in the service model.
inline Result<std::string> required(std::string_view operation, const json& object,
                                    const char* key) {
    std::string value = text(object, key);
    if (value.empty()) return lacks(operation, key);
    return value;
}

// Seconds since 1970, with a fraction.
inline WallTime time_member(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return {};
    return WallTime(
        std::chrono::round<Milliseconds>(std::chrono::duration<double>(found->get<double>())));
}

using Query = std::vector<std::pair<std::string, std::string>>;

// Follows a list's pages; `visit` gets each item and returns false to stop.
template <typename Calls, typename Visit>
Result<void> each_item(Calls& calls, Call call, const char* list, const char* token_member,
                       const char* token_parameter, const Visit& visit) {
    const Query first = call.query;
    std::string token;
    do {
        call.query = first;
        if (!token.empty()) call.query.emplace_back(token_parameter, token);
        IMPRINT_TRY(const json answer, calls.run(call));
        const auto items = answer.find(list);
        if (items != answer.end() && items->is_array())
            for (const auto& item : *items)
                if (!visit(item)) return {};
        std::string next = text(answer, token_member);
        if (!next.empty() && next == token)
            return fail(ErrorKind::registry, "registry_answer_damaged",
                        fmt::format("{} gives the same page again and again", call.operation));
        token = std::move(next);
    } while (!token.empty());
    return {};
}

template <typename Calls>
Result<std::vector<std::string>> all_names(Calls& calls, Call call, const char* list,
                                           const char* name_member, const char* token_member,
                                           const char* token_parameter,
                                           std::size_t most = 100'000) {
    std::vector<std::string> names;
    IMPRINT_CHECK(each_item(calls, std::move(call), list, token_member, token_parameter,
                            [&](const json& item) {
                                if (item.is_string())
                                    names.push_back(item.get<std::string>());
                                else if (item.is_object())
                                    names.push_back(text(item, name_member));
                                return names.size() < most;
                            }));
    return names;
}

}  // namespace imprint::aws
