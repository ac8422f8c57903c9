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
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/output/output.h"
#include "config/config.h"
#include "events/event.h"

namespace CLI {
class App;
}

namespace imprint::cli {

// What an action is given.
struct Context {
    output::Output& out;
    Log log;
    Clock& clock;
    std::stop_token stop;
    std::function<std::optional<std::string>(const std::string&)> variable;
    bool json = false;
    bool verbose = false;
    config::Sources sources;  // of --config, --set and the flags of single keys

    [[nodiscard]] Result<config::Config> config() const { return config::load_config(sources); }

    // A result: the event for --json, the text for a person.
    void show(events::Body body, std::string_view text) const { out.result(std::move(body), text); }
};

// The exit code of the process.
using Action = std::function<Result<int>(Context&)>;

// What the command line said, filled in while it is parsed.
struct Invocation {
    bool json = false;
    bool verbose = false;
    std::filesystem::path config;
    std::vector<std::string> settings;                       // "--set KEY=VALUE"
    std::vector<std::pair<std::string, std::string>> flags;  // key → value, of keys with own flags
    Action action;
};

using Target =
    std::variant<bool*, unsigned*, std::string*, std::filesystem::path*, std::vector<std::string>*>;

struct OptionSpec {
    std::string names;  // "-p,--port"; without a dash: an argument by position
    std::string type;   // "PORT", for the help; unused for bool
    std::string meaning;
    bool required = false;
    std::vector<std::string> choices = {};  // empty: any
};

// A command, or a group of commands, while it is defined. CLI11 stays behind it: a file of commands
// compiles in a moment.
class Command {
  public:
    Command(CLI::App& app, Invocation& invocation) : app_(&app), invocation_(&invocation) {}

    // The example is one or more lines as they are typed, each with its purpose behind a "#" where
    // it needs one.
    [[nodiscard]] Command command(const std::string& name, const std::string& meaning,
                                  const std::string& example);
    // What the target points to has to outlive the parsing: keep it with the action. A bool is a
    // flag; with "--no-x" among the names ("--x,!--no-x") it can be switched off.
    Command& option(const OptionSpec& spec, const Target& target);
    // --json and --verbose, which every command knows.
    Command& common_options();
    // --config, --set and the flags of single keys.
    Command& config_options();
    // What runs once this command is the one that was typed.
    void act(Action action);

  private:
    CLI::App* app_;
    Invocation* invocation_;
};

}  // namespace imprint::cli
