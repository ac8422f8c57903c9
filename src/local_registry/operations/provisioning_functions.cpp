#include "local_registry/operations/provisioning_functions.h"

#include <charconv>
#include <fmt/format.h>

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

std::unexpected<ApiError> wrong(const std::string& where, std::string_view what) {
    return invalid_request(fmt::format("templateBody: {}: {}", where, what));
}

// [first, second]
bool is_pair(const json& argument) {
    return argument.is_array() && argument.size() == 2;
}

}  // namespace

Outcome<json> TemplateValues::resolve(const json& value, const std::string& where) const {
    if (value.is_array()) {
        json list = json::array();
        for (const json& item : value) {
            IMPRINT_TRY(json resolved, resolve(item, where));
            list.push_back(std::move(resolved));
        }
        return list;
    }
    if (!value.is_object()) return value;
    if (value.size() == 1) {
        const std::string& name = value.begin().key();
        if (name == "Ref" || name.starts_with("Fn::")) return call(name, *value.begin(), where);
    }
    json object = json::object();
    for (const auto& [name, item] : value.items()) {
        IMPRINT_TRY(object[name], resolve(item, fmt::format("{}.{}", where, name)));
    }
    return object;
}

Outcome<std::string> TemplateValues::text(const json& value, const std::string& where) const {
    IMPRINT_TRY(const json resolved, resolve(value, where));
    if (!resolved.is_string())
        return wrong(where, fmt::format("is a JSON {} and must be text", resolved.type_name()));
    return resolved.get<std::string>();
}

Outcome<std::vector<std::string>> TemplateValues::texts(const json& value,
                                                        const std::string& where) const {
    IMPRINT_TRY(const json resolved, resolve(value, where));
    if (!resolved.is_array()) return wrong(where, "must be a list");
    std::vector<std::string> list;
    for (const json& item : resolved) {
        if (!item.is_string()) return wrong(where, "must be a list of texts");
        list.push_back(item.get<std::string>());
    }
    return list;
}

Outcome<json> TemplateValues::call(const std::string& function, const json& argument,
                                   const std::string& where) const {
    const std::string inside = fmt::format("{}.{}", where, function);
    if (function == "Ref") {
        if (!argument.is_string()) return wrong(inside, "must be a parameter's name");
        IMPRINT_TRY(std::string value, parameter(argument.get<std::string>(), inside));
        return json(std::move(value));
    }
    if (function == "Fn::Join") return join(argument, inside);
    if (function == "Fn::Select") return select(argument, inside);
    if (function == "Fn::Split") return split(argument, inside);
    if (function == "Fn::Sub") return substitute(argument, inside);
    if (function == "Fn::FindInMap") return find_in_map(argument, inside);
    return wrong(where, fmt::format("there is no function {}", function));
}

Outcome<std::string> TemplateValues::parameter(const std::string& name,
                                               const std::string& where) const {
    const auto found = parameters_.find(name);
    if (found == parameters_.end())
        return wrong(where, fmt::format("the parameter '{}' is not declared, or has neither a "
                                        "value nor a default",
                                        name));
    return found->second;
}

Outcome<std::string> TemplateValues::join(const json& argument, const std::string& where) const {
    if (!is_pair(argument)) return wrong(where, "must be [separator, list]");
    IMPRINT_TRY(const auto separator, text(argument[0], where));
    IMPRINT_TRY(const auto parts, texts(argument[1], where));
    return fmt::format("{}", fmt::join(parts, separator));
}

Outcome<std::string> TemplateValues::select(const json& argument, const std::string& where) const {
    if (!is_pair(argument)) return wrong(where, "must be [index, list]");
    IMPRINT_TRY(const json index, resolve(argument[0], where));
    IMPRINT_TRY(const auto list, texts(argument[1], where));
    std::size_t at = list.size();
    if (index.is_number_unsigned()) {
        at = index.get<std::size_t>();
    } else if (index.is_string()) {
        const auto& digits = index.get_ref<const std::string&>();
        const char* end = digits.data() + digits.size();
        if (const auto [stop, error] = std::from_chars(digits.data(), end, at);
            error != std::errc() || stop != end)
            at = list.size();
    }
    if (at >= list.size())
        return wrong(where, fmt::format("{} is no index into {} texts", index.dump(), list.size()));
    return list[at];
}

Outcome<json> TemplateValues::split(const json& argument, const std::string& where) const {
    if (!is_pair(argument)) return wrong(where, "must be [separator, text]");
    IMPRINT_TRY(const auto separator, text(argument[0], where));
    IMPRINT_TRY(const auto whole, text(argument[1], where));
    if (separator.empty()) return wrong(where, "the separator is empty");
    json parts = json::array();
    std::size_t from = 0;
    for (auto at = whole.find(separator); at != std::string::npos;
         at = whole.find(separator, from)) {
        parts.push_back(whole.substr(from, at - from));
        from = at + separator.size();
    }
    parts.push_back(whole.substr(from));
    return parts;
}

// "text ${Name}", or that with names of its own; "${!Name}" is the plain text "${Name}".
Outcome<std::string> TemplateValues::substitute(const json& argument,
                                                const std::string& where) const {
    const bool own_names = is_pair(argument) && argument[0].is_string() && argument[1].is_object();
    if (!argument.is_string() && !own_names)
        return wrong(where, "must be a text, or [text, {name: value}]");
    const std::string source =
        own_names ? argument[0].get<std::string>() : argument.get<std::string>();
    std::string result;
    std::size_t from = 0;
    for (auto open = source.find("${"); open != std::string::npos; open = source.find("${", from)) {
        const auto close = source.find('}', open);
        if (close == std::string::npos) return wrong(where, "'${' without its '}'");
        result += source.substr(from, open - from);
        from = close + 1;
        const std::string name = source.substr(open + 2, close - open - 2);
        if (name.starts_with('!')) {
            result += fmt::format("${{{}}}", name.substr(1));
        } else if (own_names && argument[1].contains(name)) {
            IMPRINT_TRY(const auto value, text(argument[1].at(name), where));
            result += value;
        } else {
            IMPRINT_TRY(const auto value, parameter(name, where));
            result += value;
        }
    }
    return result + source.substr(from);
}

Outcome<json> TemplateValues::find_in_map(const json& argument, const std::string& where) const {
    if (!argument.is_array() || argument.size() != 3)
        return wrong(where, "must be [map, first key, second key]");
    const json* level = &mappings_;
    for (const json& part : argument) {
        IMPRINT_TRY(const auto key, text(part, where));
        const auto found = level->find(key);
        if (!level->is_object() || found == level->end())
            return wrong(where, fmt::format("Mappings has no '{}' there", key));
        level = &*found;
    }
    return *level;
}

}  // namespace imprint::local_registry::operations
