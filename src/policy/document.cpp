#include "policy/document.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

namespace imprint::policy {

using nlohmann::json;

namespace {

constexpr std::size_t largest = 2048;  // without white space (API reference, CreatePolicy)
constexpr std::array<std::string_view, 2> versions{"2012-10-17", "2008-10-17"};
constexpr std::array<std::string_view, 3> document_members{"Version", "Id", "Statement"};
constexpr std::array<std::string_view, 5> statement_members{"Sid", "Effect", "Action", "Resource",
                                                            "Condition"};

using Malformed = std::unexpected<std::string>;

template <std::size_t count>
std::string unknown_member(const json& object, const std::array<std::string_view, count>& known) {
    for (const auto& [name, value] : object.items())
        if (std::ranges::find(known, name) == known.end()) return name;
    return {};
}

// A plain value as the text that it is compared as: conditions may say true as "true".
std::optional<std::string> plain_text(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean() || value.is_number()) return value.dump();
    return std::nullopt;
}

json as_list(const json& value) {
    return value.is_array() ? value : json::array({value});
}

// One text, or a list of them; not empty.
std::expected<std::vector<std::string>, std::string> texts_of(const json& statement,
                                                              std::string_view member) {
    const auto found = statement.find(member);
    if (found == statement.end()) return Malformed(fmt::format("a statement has no {}", member));
    std::vector<std::string> texts;
    for (const json& text : as_list(*found)) {
        if (!text.is_string()) return Malformed(fmt::format("{} is not text", member));
        texts.push_back(text.get<std::string>());
    }
    if (texts.empty()) return Malformed(fmt::format("{} is an empty list", member));
    return texts;
}

bool is_action(std::string_view text) {
    if (text == "*") return true;
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
           std::ranges::all_of(text, [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '*' ||
                      c == '?' || c == '-';
           });
}

// {"Bool": {"iot:Connection.Thing.IsAttached": ["true"]}}
std::expected<std::vector<Condition>, std::string> parse_conditions(const json& source) {
    if (!source.is_object()) return Malformed("a Condition is not an object");
    std::vector<Condition> conditions;
    for (const auto& [operation, keys] : source.items()) {
        if (!keys.is_object())
            return Malformed(fmt::format("the condition {} is not an object", operation));
        for (const auto& [key, wanted] : keys.items()) {
            Condition condition{.operation = operation, .key = key, .values = {}};
            for (const json& value : as_list(wanted)) {
                auto text = plain_text(value);
                if (!text)
                    return Malformed(
                        fmt::format("a value of the condition {} {} is not text", operation, key));
                condition.values.push_back(*std::move(text));
            }
            if (condition.values.empty())
                return Malformed(fmt::format("the condition {} {} has no value", operation, key));
            conditions.push_back(std::move(condition));
        }
    }
    return conditions;
}

std::expected<Statement, std::string> parse_statement(const json& source) {
    if (!source.is_object()) return Malformed("a statement is not an object");
    if (const std::string name = unknown_member(source, statement_members); !name.empty())
        return Malformed(fmt::format("a statement has the unknown member '{}'", name));
    Statement statement;
    if (const auto sid = source.find("Sid"); sid != source.end()) {
        if (!sid->is_string()) return Malformed("a Sid is not text");
        statement.sid = sid->get<std::string>();
    }
    const auto effect = source.find("Effect");
    if (effect == source.end() || (*effect != "Allow" && *effect != "Deny"))
        return Malformed("a statement's Effect is neither Allow nor Deny");
    statement.effect = *effect == "Allow" ? Effect::allow : Effect::deny;
    auto actions = texts_of(source, "Action");
    if (!actions) return Malformed(std::move(actions).error());
    for (const auto& action : *actions)
        if (!is_action(action)) return Malformed(fmt::format("'{}' is no action", action));
    statement.actions = *std::move(actions);
    auto resources = texts_of(source, "Resource");
    if (!resources) return Malformed(std::move(resources).error());
    for (const auto& resource : *resources)
        if (resource != "*" && !resource.starts_with("arn:"))
            return Malformed(
                fmt::format("'{}' is no resource: it is neither an ARN nor *", resource));
    statement.resources = *std::move(resources);
    if (const auto condition = source.find("Condition"); condition != source.end()) {
        auto conditions = parse_conditions(*condition);
        if (!conditions) return Malformed(std::move(conditions).error());
        statement.conditions = *std::move(conditions);
    }
    return statement;
}

// nlohmann's parser would keep the last of two members of one name: an Effect that a reader sees
// would not be the one that counts.
json parse_json(std::string_view text, std::string& twice) {
    std::vector<std::set<std::string>> open;
    const auto look = [&](int /*depth*/, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::object_start) open.emplace_back();
        if (event == json::parse_event_t::object_end) open.pop_back();
        if (event == json::parse_event_t::key &&
            !open.back().insert(value.get<std::string>()).second)
            twice = value.get<std::string>();
        return true;
    };
    return json::parse(text, look, false);
}

}  // namespace

std::string_view to_string(Effect effect) {
    return effect == Effect::allow ? "Allow" : "Deny";
}

std::expected<Document, std::string> parse(std::string_view text) {
    const auto solid = std::ranges::count_if(
        text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
    if (static_cast<std::size_t>(solid) > largest)
        return Malformed(fmt::format("it has {} characters without white space; {} is the most",
                                     solid, largest));
    std::string twice;
    const json source = parse_json(text, twice);
    if (!source.is_object()) return Malformed("it is not a JSON object");
    if (!twice.empty()) return Malformed(fmt::format("an object has the member '{}' twice", twice));
    if (const std::string name = unknown_member(source, document_members); !name.empty())
        return Malformed(fmt::format("it has the unknown member '{}'", name));
    Document document{.version = std::string(versions.back()), .statements = {}};
    if (const auto version = source.find("Version"); version != source.end()) {
        if (!version->is_string() ||
            std::ranges::find(versions, version->get<std::string>()) == versions.end())
            return Malformed("its Version is neither 2012-10-17 nor 2008-10-17");
        document.version = version->get<std::string>();
    }
    const auto found = source.find("Statement");
    if (found == source.end()) return Malformed("it has no Statement");
    const json statements = as_list(*found);
    if (statements.empty()) return Malformed("its Statement is an empty list");
    for (const json& statement : statements) {
        auto parsed = parse_statement(statement);
        if (!parsed) return Malformed(std::move(parsed).error());
        document.statements.push_back(*std::move(parsed));
    }
    return document;
}

std::string name_of(const Statement& statement, std::size_t index) {
    return statement.sid.empty() ? fmt::format("statement {}", index + 1)
                                 : fmt::format("statement {} (\"{}\")", index + 1, statement.sid);
}

}  // namespace imprint::policy
