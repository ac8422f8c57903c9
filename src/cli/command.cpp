#include "cli/command.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <type_traits>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/version.h"
#include "config/keys.h"
#include "image/text.h"

namespace imprint::cli {

namespace {

// "$UNSET" on a command line leaves an empty word, which nobody means: to take it for "not said"
// would be to do it to another board, or to all.
std::string empty_fault(const std::string& value) {
    return value.empty() ? "an empty value says nothing: leave the option out, or give it one" : "";
}

// "-p,--port" and "--x,!--no-x" as they are typed.
std::vector<std::string> names_in(const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        if (text[at] == '!') ++at;
        names.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return names;
}

struct TypeRow {
    std::string_view type;
    ValueKind kind;
};

// What the values of an option are, by the word that the help has for them.
constexpr auto kinds_of_types = std::to_array<TypeRow>({
    {"ADDRESS FILE", ValueKind::file},
    {"CHIP", ValueKind::chip},
    {"DIR", ValueKind::folder},
    {"FILE", ValueKind::file},
    {"FILES", ValueKind::file},
    {"KEY=VALUE", ValueKind::setting},
    {"LOT", ValueKind::lot},
    {"MAC", ValueKind::board},
    {"PATH", ValueKind::file},
    {"PORT", ValueKind::port},
    {"RUN", ValueKind::run},
    {"THING", ValueKind::thing},
});

ValueKind kind_of(const OptionSpec& spec) {
    if (spec.kind != ValueKind::other) return spec.kind;
    const auto* row = std::ranges::find(kinds_of_types, spec.type, &TypeRow::type);
    return row == kinds_of_types.end() ? ValueKind::other : row->kind;
}

OptionRow row_of(const OptionSpec& spec, const Target& target) {
    OptionRow row;
    row.names = names_in(spec.names);
    row.meaning = spec.meaning;
    row.choices = spec.choices;
    row.offers = spec.offers;
    row.bare = spec.bare;
    row.required = spec.required;
    if (std::holds_alternative<bool*>(target)) return row;
    row.value = spec.type;
    row.kind = kind_of(spec);
    if (std::holds_alternative<std::vector<std::string>*>(target)) {
        row.repeated = !row.is_argument();
        row.many_words = row.is_argument() || spec.many_words;
    }
    return row;
}

std::string_view type_of(const config::Key& key) {
    switch (key.type) {
        case config::KeyType::path:
            return "PATH";
        case config::KeyType::integer:
            return "N";
        default:
            return "TEXT";
    }
}

}  // namespace

std::vector<std::string> flash_sizes(std::vector<std::string> also) {
    also.insert(also.begin(), {"1MB", "2MB", "4MB", "8MB", "16MB", "32MB"});
    return also;
}

Command Command::command(const std::string& name, const std::string& meaning,
                         const std::string& example) {
    CLI::App* app = app_->add_subcommand(name, meaning);
    app->require_subcommand(0, 1);
    row_->commands.push_back({
        .name = name,
        .path = row_->path + ' ' + name,
        .meaning = meaning,
        .example = example,
        .hidden = row_->hidden,
    });
    Command made(*app, *invocation_, row_->commands.back());
    made.help_option();
    return made;
}

Command& Command::hide() {
    app_->group("");
    row_->hidden = true;
    return *this;
}

void Command::help_option() {
    const char* const meaning = "show this help";
    app_->set_help_flag("-h,--help", meaning);
    row_->options.push_back(
        {.names = {"-h", "--help"}, .value = {}, .meaning = meaning, .group = OptionGroup::common});
}

Command& Command::version_option() {
    help_option();
    const char* const meaning = "the version";
    app_->set_version_flag("--version", "imprint " + std::string(version), meaning);
    row_->options.push_back(
        {.names = {"--version"}, .value = {}, .meaning = meaning, .group = OptionGroup::common});
    return *this;
}

Command& Command::option(const OptionSpec& spec, const Target& target) {
    CLI::Option* option = std::visit(
        [&](auto* value) -> CLI::Option* {
            if constexpr (std::is_same_v<decltype(value), bool*>)
                return app_->add_flag(spec.names, *value, spec.meaning);
            else
                return app_->add_option(spec.names, *value, spec.meaning)->type_name(spec.type);
        },
        target);
    // It may end in JSON; the name of a file or a port may be any bytes.
    constexpr std::array paths{"PORT", "FILE", "PATH", "DIR"};
    const bool names_a_path = std::ranges::any_of(
        paths, [&spec](const char* path) { return spec.type.find(path) != std::string::npos; });
    if (!names_a_path && !std::holds_alternative<std::filesystem::path*>(target))
        option->check(CLI::Validator(
            [](const std::string& word) {
                return image::is_utf8(word) ? std::string() : "it is no UTF-8 text";
            },
            ""));
    if (spec.required) option->required();
    if (!std::holds_alternative<bool*>(target)) option->check(empty_fault, "");
    // A later word is not swallowed by an option that may be given several times.
    if (std::holds_alternative<std::vector<std::string>*>(target) && spec.names.starts_with("-"))
        option->expected(1)->take_all()->allow_extra_args(spec.many_words);
    if (!spec.bare.empty()) option->expected(0, 1)->default_str(spec.bare);
    if (spec.until_mark) invocation_->until_mark.push_back(spec.names);
    if (!spec.choices.empty()) option->check(CLI::IsMember(spec.choices))->type_name(spec.type);
    row_->options.push_back(row_of(spec, target));
    return *this;
}

Command& Command::common_options() {
    const auto flag = [this](std::vector<std::string> names, bool& value, const char* meaning) {
        app_->add_flag(fmt::format("{}", fmt::join(names, ",")), value, meaning);
        row_->options.push_back({.names = std::move(names),
                                 .value = {},
                                 .meaning = meaning,
                                 .group = OptionGroup::common});
    };
    flag({"--json"}, invocation_->json, "one JSON event a line instead of text");
    flag({"-v", "--verbose"}, invocation_->verbose, "log lines to standard error");
    return *this;
}

Command& Command::config_file_option() {
    const char* const meaning = "configuration file instead of imprint.toml";
    const char* const variable = "IMPRINT_CONFIG";
    app_->add_option("--config", invocation_->config, meaning)
        ->check(empty_fault, "")
        ->type_name("FILE")
        ->envname(variable);
    row_->options.push_back({.names = {"--config"},
                             .value = "FILE",
                             .meaning = meaning,
                             .group = OptionGroup::config,
                             .kind = ValueKind::file,
                             .variable = variable});
    return *this;
}

Command& Command::config_options() {
    config_file_option();
    const char* const setting = "set any key of the configuration, for this run";
    app_->add_option("--set", invocation_->settings, setting)
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
    row_->options.push_back({.names = {"--set"},
                             .value = "KEY=VALUE",
                             .meaning = setting,
                             .group = OptionGroup::config,
                             .kind = ValueKind::setting,
                             .repeated = true});
    for (const auto& key : config::config_keys()) {
        if (key.flag.empty()) continue;
        app_->add_option_function<std::string>(
                std::string(key.flag),
                [flags = &invocation_->flags, &key](const std::string& value) {
                    flags->emplace_back(key.name, value);
                },
                std::string(key.meaning))
            ->type_name(std::string(type_of(key)));
        row_->options.push_back({.names = {std::string(key.flag)},
                                 .value = std::string(type_of(key)),
                                 .meaning = std::string(key.meaning),
                                 .group = OptionGroup::config,
                                 .kind = ValueKind::key_value,
                                 .choices = {key.choices.begin(), key.choices.end()},
                                 .variable = config::variable_of(key),
                                 .key = std::string(key.name)});
    }
    return *this;
}

void Command::act(Action action) {
    app_->callback([app = app_, invocation = invocation_, action = std::move(action)] {
        // A command below it, which has been seen before, is the chosen one.
        if (app->get_subcommands().empty()) invocation->action = action;
    });
}

}  // namespace imprint::cli
