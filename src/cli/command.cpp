#include "cli/command.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include <CLI/CLI.hpp>

#include "config/keys.h"
#include "image/text.h"

namespace imprint::cli {

namespace {

const char* const common_group = "Common options";
const char* const config_group = "Configuration";

// "$UNSET" on a command line leaves an empty word, which nobody means: to take it for "not said"
// would be to do it to another board, or to all.
std::string empty_fault(const std::string& value) {
    return value.empty() ? "an empty value says nothing: leave the option out, or give it one" : "";
}

}  // namespace

Command Command::command(const std::string& name, const std::string& meaning,
                         const std::string& example) {
    CLI::App* app = app_->add_subcommand(name, meaning);
    app->footer(example);
    app->require_subcommand(0, 1);
    app->set_help_flag("-h,--help", "this text")->group(common_group);
    return {*app, *invocation_};
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
    return *this;
}

Command& Command::common_options() {
    app_->add_flag("--json", invocation_->json, "one JSON event a line instead of text")
        ->group(common_group);
    app_->add_flag("-v,--verbose", invocation_->verbose, "log lines to standard error")
        ->group(common_group);
    return *this;
}

Command& Command::config_file_option() {
    app_->add_option("--config", invocation_->config, "configuration file instead of imprint.toml")
        ->check(empty_fault, "")
        ->type_name("FILE")
        ->envname("IMPRINT_CONFIG")
        ->group(config_group);
    return *this;
}

Command& Command::config_options() {
    config_file_option();
    app_->add_option("--set", invocation_->settings,
                     "set any key of the configuration, for this run")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false)
        ->group(config_group);
    for (const auto& key : config::config_keys()) {
        if (key.flag.empty()) continue;
        app_->add_option_function<std::string>(
                std::string(key.flag),
                [flags = &invocation_->flags, name = std::string(key.name)](
                    const std::string& value) { flags->emplace_back(name, value); },
                std::string(key.meaning))
            ->type_name(key.type == config::KeyType::path      ? "PATH"
                        : key.type == config::KeyType::integer ? "N"
                                                               : "TEXT")
            ->group(config_group);
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
