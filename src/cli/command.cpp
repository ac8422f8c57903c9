#include "cli/command.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "station/config_keys.h"

namespace imprint::cli {

void Context::show(std::string name,
                   std::vector<std::pair<std::string, prepare::EventValue>> details,
                   std::string_view text) const {
    out.result({std::move(name), clock.wall(), {}, {}, std::move(details)}, text);
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& meaning,
                      const std::string& example) {
    CLI::App* command = parent.add_subcommand(name, meaning);
    command->footer(example);
    command->require_subcommand(0, 1);
    return command;
}

void add_common_options(CLI::App& command, Invocation& invocation) {
    command.add_flag("--json", invocation.json, "one JSON event a line instead of text")
        ->group("Common options");
    command.add_flag("-v,--verbose", invocation.verbose, "log lines to standard error")
        ->group("Common options");
}

void add_config_options(CLI::App& command, Invocation& invocation) {
    const char* const group = "Configuration";
    command.add_option("--config", invocation.config, "configuration file instead of imprint.toml")
        ->type_name("FILE")
        ->envname("IMPRINT_CONFIG")
        ->group(group);
    command
        .add_option("--set", invocation.settings,
                    "set a key of the configuration for this run (docs/configuration.md)")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all()
        ->group(group);
    for (const auto& key : station::config_keys()) {
        if (key.flag.empty()) continue;
        command
            .add_option_function<std::string>(
                std::string(key.flag),
                [&invocation, name = std::string(key.name)](const std::string& value) {
                    invocation.flags.emplace_back(name, value);
                },
                std::string(key.meaning))
            ->type_name(key.type == station::KeyType::path      ? "PATH"
                        : key.type == station::KeyType::integer ? "N"
                                                                : "TEXT")
            ->group(group);
    }
}

void act(CLI::App& command, Invocation& invocation, Action action) {
    auto shared = std::make_shared<Action>(std::move(action));
    command.callback([&invocation, shared] { invocation.action = *shared; });
}

}  // namespace imprint::cli
