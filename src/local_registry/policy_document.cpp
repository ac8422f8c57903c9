#include "local_registry/policy_document.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace imprint::local_registry {

using nlohmann::json;

namespace {

constexpr std::size_t largest = 2048;  // without white space (API reference, CreatePolicy)
constexpr std::array<std::string_view, 2> versions{"2012-10-17", "2008-10-17"};
constexpr std::array<std::string_view, 3> document_members{"Version", "Id", "Statement"};
constexpr std::array<std::string_view, 5> statement_members{"Sid", "Effect", "Action", "Resource",
                                                            "Condition"};

std::unexpected<std::string> malformed(std::string reason) {
    return std::unexpected(std::move(reason));
}

template <std::size_t count>
std::string unknown_member(const json& object, const std::array<std::string_view, count>& known) {
    for (const auto& [name, value] : object.items())
        if (std::ranges::find(known, name) == known.end()) return name;
    return {};
}

// One text, or a list of them; not empty.
std::expected<std::vector<std::string>, std::string> texts_of(const json& statement,
                                                              std::string_view member) {
    const auto found = statement.find(member);
    if (found == statement.end()) return malformed(fmt::format("a statement has no {}", member));
    const json list = found->is_array() ? *found : json::array({*found});
    std::vector<std::string> texts;
    for (const json& text : list) {
        if (!text.is_string()) return malformed(fmt::format("{} is not text", member));
        texts.push_back(text.get<std::string>());
    }
    if (texts.empty()) return malformed(fmt::format("{} is an empty list", member));
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

std::expected<PolicyStatement, std::string> parse_statement(const json& source) {
    if (!source.is_object()) return malformed("a statement is not an object");
    if (const std::string name = unknown_member(source, statement_members); !name.empty())
        return malformed(fmt::format("a statement has the unknown member '{}'", name));
    PolicyStatement statement;
    const std::string effect =
        source.contains("Effect") && source["Effect"].is_string() ? source["Effect"] : "";
    if (effect != "Allow" && effect != "Deny")
        return malformed("a statement's Effect is neither Allow nor Deny");
    statement.allow = effect == "Allow";
    auto actions = texts_of(source, "Action");
    if (!actions) return malformed(std::move(actions).error());
    for (const auto& action : *actions)
        if (!is_action(action)) return malformed(fmt::format("'{}' is no action", action));
    statement.actions = *std::move(actions);
    auto resources = texts_of(source, "Resource");
    if (!resources) return malformed(std::move(resources).error());
    for (const auto& resource : *resources)
        if (resource != "*" && !resource.starts_with("arn:"))
            return malformed(
                fmt::format("'{}' is no resource: it is neither an ARN nor *", resource));
    statement.resources = *std::move(resources);
    if (source.contains("Condition")) {
        if (!source["Condition"].is_object()) return malformed("a Condition is not an object");
        statement.conditions = source["Condition"].dump();
    }
    return statement;
}

}  // namespace

std::expected<PolicyDocument, std::string> parse_policy_document(std::string_view text) {
    const auto solid = std::ranges::count_if(
        text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
    if (static_cast<std::size_t>(solid) > largest)
        return malformed(fmt::format("it has {} characters without white space; {} is the most",
                                     solid, largest));
    const json source = json::parse(text, nullptr, false);
    if (!source.is_object()) return malformed("it is not a JSON object");
    if (const std::string name = unknown_member(source, document_members); !name.empty())
        return malformed(fmt::format("it has the unknown member '{}'", name));
    PolicyDocument document{.version = std::string(versions.back()), .statements = {}};
    if (const auto version = source.find("Version"); version != source.end()) {
        if (!version->is_string() ||
            std::ranges::find(versions, version->get<std::string>()) == versions.end())
            return malformed("its Version is neither 2012-10-17 nor 2008-10-17");
        document.version = version->get<std::string>();
    }
    const auto found = source.find("Statement");
    if (found == source.end()) return malformed("it has no Statement");
    const json statements = found->is_array() ? *found : json::array({*found});
    if (statements.empty()) return malformed("its Statement is an empty list");
    for (const json& statement : statements) {
        auto parsed = parse_statement(statement);
        if (!parsed) return malformed(std::move(parsed).error());
        document.statements.push_back(*std::move(parsed));
    }
    return document;
}

}  // namespace imprint::local_registry
