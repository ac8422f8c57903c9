// What every command is made of: its options defined on a CLI::App, and an action that runs once
// the command line is understood.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/output/reporter.h"
#include "prepare/event.h"
#include "station/config.h"

namespace CLI {
class App;
}

namespace imprint::cli {

// What an action is given.
struct Context {
    output::Reporter& out;
    Log log;
    Clock& clock;
    std::stop_token stop;
    std::function<std::optional<std::string>(const std::string&)> variable;
    bool json = false;
    bool verbose = false;
    station::ConfigSources sources;  // of --config, --set and the flags of single keys

    [[nodiscard]] Result<station::Config> config() const { return station::load_config(sources); }

    // A result: the event for --json, the text for a person.
    void show(std::string name, std::vector<std::pair<std::string, prepare::EventValue>> details,
              std::string_view text) const;
};

// The exit code of the process.
using Action = std::function<Result<int>(Context&)>;

// What the command line said, filled in while it is parsed.
struct Invocation {
    bool json = false;
    bool verbose = false;
    std::filesystem::path config;
    std::vector<std::string> settings;                        // "--set KEY=VALUE"
    std::vector<std::pair<std::string, std::string>> flags;  // key → value, of keys with own flags
    Action action;
};

// A command or a group of commands below `parent`. The example is one or more lines as typed, each
// with what it does after two spaces and a "#".
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& meaning,
                      const std::string& example);
// Adds --json and --verbose, which every command knows.
void add_common_options(CLI::App& command, Invocation& invocation);
// Adds --config, --set and the flags of single keys.
void add_config_options(CLI::App& command, Invocation& invocation);
// Takes the action once this command is the one that was typed.
void act(CLI::App& command, Invocation& invocation, Action action);

}  // namespace imprint::cli
