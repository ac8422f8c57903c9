#include "cli/reference.h"

#include <variant>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/version.h"
#include "cli/exit_codes.h"
#include "config/keys.h"

namespace imprint::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string_view to_string(ValueKind kind) {
    switch (kind) {
        case ValueKind::other:
            return "other";
        case ValueKind::file:
            return "file";
        case ValueKind::folder:
            return "folder";
        case ValueKind::port:
            return "port";
        case ValueKind::lot:
            return "lot";
        case ValueKind::thing:
            return "thing";
        case ValueKind::board:
            return "board";
        case ValueKind::chip:
            return "chip";
        case ValueKind::run:
            return "run";
        case ValueKind::setting:
            return "setting";
        case ValueKind::key_value:
            return "key_value";
    }
    return "other";
}

// Members that say nothing are left out, except the flags.
void put(Json& object, const char* name, std::string_view text) {
    if (!text.empty()) object[name] = text;
}

Json option_json(const OptionRow& option) {
    Json object;
    object["names"] = option.names;
    object["label"] = option_label(option);
    object["meaning"] = option.meaning;
    put(object, "value", option.value);
    if (!option.is_flag()) object["value_kind"] = to_string(option.kind);
    if (!option.choices.empty()) object["choices"] = option.choices;
    if (!option.offers.empty()) object["offers"] = option.offers;
    put(object, "bare", option.bare);
    put(object, "variable", option.variable);
    put(object, "key", option.key);
    object["group"] = heading(option.group);
    object["required"] = option.required;
    object["repeated"] = option.repeated;
    object["many_words"] = option.many_words;
    return object;
}

Json command_json(const CommandRow& command) {
    Json object;
    object["path"] = command.path;
    object["meaning"] = command.meaning;
    object["usage"] = usage_line(command);
    Json children = Json::array();
    for (const auto* child : command.shown_commands())
        children.push_back(child->path);
    object["commands"] = std::move(children);
    Json arguments = Json::array();
    Json options = Json::array();
    // In the order of the help.
    for (const auto group : {OptionGroup::own, OptionGroup::config, OptionGroup::common})
        for (const auto& option : command.options)
            if (option.group == group)
                (option.is_argument() ? arguments : options).push_back(option_json(option));
    object["arguments"] = std::move(arguments);
    object["options"] = std::move(options);
    Json examples = Json::array();
    for (const auto& example : command.examples()) {
        Json one{{"line", example.line}};
        put(one, "purpose", example.purpose);
        examples.push_back(std::move(one));
    }
    object["examples"] = std::move(examples);
    Json codes = Json::array();
    for (const auto& row : exit_codes_of(command.path))
        codes.push_back(row.code);
    object["exit_codes"] = std::move(codes);
    return object;
}

Json error_json(const ErrorRow& row) {
    Json kinds = Json::array();
    for (const ErrorKind kind : row.kinds)
        kinds.push_back({{"kind", imprint::to_string(kind)}, {"exit_code", exit_code(kind)}});
    return {{"code", row.code}, {"kinds", kinds}, {"meaning", row.meaning}, {"hint", row.hint}};
}

Json key_json(const config::Key& key, const prepare::Settings& defaults) {
    Json object;
    object["name"] = key.name;
    object["meaning"] = key.meaning;
    object["type"] = config::to_string(key.type);
    object["allowed"] = config::allowed(key);
    if (!key.choices.empty())
        object["choices"] = std::vector<std::string>(key.choices.begin(), key.choices.end());
    const auto value = key.get(defaults);
    // As TOML; null: it is not set, and its meaning says what follows.
    object["default"] =
        std::holds_alternative<std::monostate>(value) ? Json() : Json(config::to_toml(key, value));
    put(object, "flag", key.flag);
    object["variable"] = config::variable_of(key);
    return object;
}

}  // namespace

std::string reference_json(const CommandRow& program) {
    Json reference{{"program", program.name}, {"version", std::string(version)}};
    Json commands = Json::array();
    for (const auto* command : with_all_below(program))
        commands.push_back(command_json(*command));
    reference["commands"] = std::move(commands);
    Json codes = Json::array();
    for (const auto& row : exit_code_table)
        codes.push_back({{"code", row.code}, {"meaning", row.meaning}});
    reference["exit_codes"] = std::move(codes);
    Json errors = Json::array();
    for (const auto& row : error_table)
        errors.push_back(error_json(row));
    reference["errors"] = std::move(errors);
    Json keys = Json::array();
    const prepare::Settings defaults;
    for (const auto& key : config::config_keys())
        keys.push_back(key_json(key, defaults));
    reference["keys"] = std::move(keys);
    return reference.dump(2) + '\n';
}

}  // namespace imprint::cli
