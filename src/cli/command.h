// The parts of every command: its options, defined on a CLI::App, and an action that runs after the
// command line was parsed.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
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
#include "cli/command_table.h"
#include "cli/output/output.h"
#include "config/config.h"
#include "events/bus.h"
#include "events/event.h"

namespace CLI {
class App;
}

namespace imprint::cli {

// The arguments of an action.
struct Context {
    output::Output& out;
    events::EventBus& bus;  // that `out` publishes to
    Log log;
    Clock& clock;
    std::stop_token stop;
    std::function<std::optional<std::string>(const std::string&)> variable;
    bool json = false;
    bool verbose = false;
    // True before the first board of a run, false after its last one: Interrupt::
    // finish_boards_in_hand.
    std::function<void(bool)> boards_in_hand;
    std::function<bool()> asked_to_end;
    // How many boards are in hand, where that changes; at first as if there were one.
    std::shared_ptr<std::atomic<std::size_t>> in_hand;
    config::Sources sources;  // from --config, --set and the flags of single keys

    [[nodiscard]] Result<config::Config> config() const { return config::load_config(sources); }

    // Shows a result: the event for --json, the text for a person.
    void show(events::Body body, std::string_view text) const { out.result(std::move(body), text); }
};

// The exit code of the process.
using Action = std::function<Result<int>(Context&)>;

// The parsed command line, filled in during parsing.
struct Invocation {
    bool json = false;
    bool verbose = false;
    std::filesystem::path config;
    std::vector<std::string> settings;                       // "--set KEY=VALUE"
    std::vector<std::pair<std::string, std::string>> flags;  // key → value, of keys with own flags
    std::vector<std::string> until_mark;                     // names of such options
    Action action;
};

using Target =
    std::variant<bool*, unsigned*, std::string*, std::filesystem::path*, std::vector<std::string>*>;

struct OptionSpec {
    std::string names;  // "-p,--port"; without a dash: a positional argument
    std::string type;   // "PORT", for the help; unused for bool
    std::string meaning;
    bool required = false;
    std::vector<std::string> choices = {};  // empty: any
    std::string bare = {};                  // the value of an option that is given without one
    bool many_words = false;  // takes every word up to the next option: -p /dev/ttyUSB*
    bool until_mark = false;  // may be given once for all words up to "--", as Python's nargs='*'
    ValueKind kind = ValueKind::other;     // where the type does not tell it
    std::vector<std::string> offers = {};  // for shells: some of its values
};

// Sizes that flashes of boards have, and further words, for OptionSpec::offers.
[[nodiscard]] std::vector<std::string> flash_sizes(std::vector<std::string> also = {});

// Builder of a command, or of a group of commands. It hides CLI11, so that files of commands
// compile quickly, and writes all it is told into the table.
class Command {
  public:
    Command(CLI::App& app, Invocation& invocation, CommandRow& row)
        : app_(&app), invocation_(&invocation), row_(&row) {}

    // The example is one or more command lines, each with its purpose after a "#" if it needs one.
    [[nodiscard]] Command command(const std::string& name, const std::string& meaning,
                                  const std::string& example);
    // Not shown to people: for programs alone.
    Command& hide();
    // The target must outlive the parsing: keep it with the action. A bool is a flag; with "--no-x"
    // among the names ("--x,!--no-x") it can be switched off.
    Command& option(const OptionSpec& spec, const Target& target);
    // The version, beside the help that every command has: for the root alone.
    Command& version_option();
    // --json and --verbose, which every command has.
    Command& common_options();
    // --config, --set and the flags of single keys.
    Command& config_options();
    Command& config_file_option();
    // Runs if this command is the chosen one.
    void act(Action action);

    // Lives as long as the program runs; complete once all commands are added.
    [[nodiscard]] const CommandRow& row() const { return *row_; }

  private:
    void help_option();

    CLI::App* app_;
    Invocation* invocation_;
    CommandRow* row_;
};

}  // namespace imprint::cli
