#include "cli/program.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/output/output.h"
#include "cli/output/process_streams.h"
#include "cli/shell/answer.h"
#include "cli/shell/live_values.h"
#include "cli/usage.h"
#include "events/bus.h"
#include "transport/discovery.h"

namespace imprint::cli {

namespace {

std::optional<std::string> variable_of_process(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
}

std::unique_ptr<output::Reporter> make_reporter(const output::Streams& streams, bool json,
                                                bool verbose, Clock& clock) {
    const output::Style style = output::style_of_process(variable_of_process, verbose);
    if (json) return output::make_json_reporter(streams);
    if (output::draws_on_terminal(variable_of_process))
        return output::make_terminal_reporter(streams, style, clock);
    return output::make_plain_reporter(streams, style);
}

// "KEY=VALUE"
Result<std::pair<std::string, std::string>> split_setting(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--set {}: a key, \"=\" and a value are needed", text),
                    "for example --set station.baud=115200");
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<config::Sources> config_sources(const Invocation& invocation) {
    config::Sources sources;
    sources.file = invocation.config;
    sources.variable = variable_of_process;
    for (const auto& text : invocation.settings) {
        IMPRINT_TRY(auto setting, split_setting(text));
        sources.flags.push_back(std::move(setting));
    }
    sources.flags.insert(sources.flags.end(), invocation.flags.begin(), invocation.flags.end());
    return sources;
}

Result<int> act(const Invocation& invocation, output::Output& out, events::EventBus& bus,
                Clock& clock, Interrupt& interrupt) {
    IMPRINT_TRY(auto sources, config_sources(invocation));
    const Log log([&out](LogLevel level, std::string_view line) { out.log(level, line); });
    const auto in_hand = std::make_shared<std::atomic<std::size_t>>(1);
    Context context{
        out,
        bus,
        log,
        clock,
        interrupt.token(),
        variable_of_process,
        invocation.json,
        invocation.verbose,
        [&interrupt, log, in_hand](bool yes) {
            interrupt.finish_boards_in_hand(yes, [log, in_hand] {
                if (*in_hand > 0)
                    log.warning("the boards in hand are being finished; ^C again gives them up");
            });
        },
        [&interrupt] { return interrupt.asked_to_end(); },
        in_hand,
        std::move(sources)};
    return invocation.action(context);
}

// The command did its work, but what it had to say is not where it should be.
Error output_lost(int number) {
    return make_error(ErrorKind::config, "output_unwritable",
                      fmt::format("standard output cannot be written: {}",
                                  std::generic_category().message(number)),
                      "what was to be done is done; make room, and ask for the output again");
}

int finish(output::Output& out, const output::Streams& streams, const Result<int>& result) {
    if (!result) out.error(result.error());
    // All is shown when it returns, and only then it is known whether something was lost.
    if (const auto shown = out.finish(); !shown) {
        streams.err("error: " + shown.error().describe() + '\n');
        return exit_code(shown.error().kind);
    }
    if (!result) return exit_code(result.error().kind);
    const int lost = streams.lost();
    if (*result != 0 || lost == 0) return *result;
    const Error error = output_lost(lost);
    out.error(error);
    return exit_code(error.kind);
}

// "--option A B -- …" becomes "--option A --option B -- …" for options that take all words up to
// the mark. Without the mark such an option takes one word.
std::vector<std::string> each_with_its_name(const std::vector<std::string>& arguments,
                                            const std::vector<std::string>& names) {
    std::vector<std::string> words;
    for (auto at = arguments.begin(); at != arguments.end(); ++at) {
        words.push_back(*at);
        if (*at == "--") {
            words.insert(words.end(), at + 1, arguments.end());
            break;
        }
        if (std::ranges::find(names, *at) == names.end()) continue;
        const auto end = std::find_if(at + 1, arguments.end(), [](const std::string& word) {
            return word.size() > 1 && word.starts_with('-');
        });
        if (end == arguments.end() || *end != "--" || end - at < 2) continue;
        const std::string& name = *at;
        words.push_back(*++at);
        for (; at + 1 != end; ++at) {
            words.push_back(name);
            words.push_back(*(at + 1));
        }
    }
    return words;
}

// The row of the deepest command that was recognised.
const CommandRow& chosen_row(const CLI::App& app, const CommandRow& root) {
    const CommandRow* row = &root;
    for (const CLI::App* command = &app; !command->get_subcommands().empty();) {
        command = command->get_subcommands().front();
        row = row->find(command->get_name());
    }
    return *row;
}

// All commands, with their options.
class Program {
  public:
    Program() : app(table.meaning, table.name) {
        app.require_subcommand(0, 1);
        Command root(app, invocation, table);
        root.version_option().common_options();
        // Before the command as well as behind it.
        root.config_file_option();
        add_all_commands(root);
    }

    CommandRow table{
        .name = "imprint",
        .path = "imprint",
        .meaning =
            "Gives ESP32 boards their AWS IoT identity: thing, certificate, credentials "
            "partition and firmware, many boards at once.",
        .example =
            "imprint init        # write imprint.toml\n"
            "imprint doctor      # check everything that a run needs\n"
            "imprint prepare     # prepare the boards that are plugged in\n"
            "imprint demo        # see all of it without a board or an account"};
    Invocation invocation;
    CLI::App app;
};

// For a shell, in the middle of a word: whatever goes wrong, nothing is said of it. The words are
// not this command line's, so they are not parsed as such.
int answer_shell(const std::vector<std::string>& arguments) {
    const CommandRow table = command_table();
    SystemClock clock;
    const auto live = shell::live_values(clock, transport::find_ports);
    output::process_streams().out(shell::answer(table, std::span(arguments).subspan(1), live));
    return 0;
}

}  // namespace

CommandRow command_table() {
    return Program().table;
}

int run(const std::vector<std::string>& arguments) {
    if (!arguments.empty() && arguments.front() == "complete") return answer_shell(arguments);
    // Before anything else: its signals are to be blocked in every thread.
    Interrupt interrupt;
    const output::Streams streams = output::process_streams();
    SystemClock clock;

    Program program;
    CLI::App& app = program.app;
    Invocation& invocation = program.invocation;

    Result<int> result = 0;
    try {
        const auto words = each_with_its_name(arguments, invocation.until_mark);
        // CLI11 wants the last argument first.
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
        if (!invocation.action) result = std::unexpected(missing_command(chosen_command(app)));
    } catch (const CLI::CallForHelp&) {
        streams.out(help_text(chosen_row(app, program.table)));
        invocation.action = {};
    } catch (const CLI::CallForVersion& wanted) {
        streams.out(std::string(wanted.what()) + '\n');
        invocation.action = {};
    } catch (const CLI::ParseError& problem) {
        result = std::unexpected(usage_error(app, problem));
        // It may stand behind the mistake.
        invocation.json = std::ranges::find(arguments, "--json") != arguments.end();
    }
    events::EventBus bus;
    output::Output out(make_reporter(streams, invocation.json, invocation.verbose, clock), bus,
                       clock, invocation.verbose);
    if (result && invocation.action) result = act(invocation, out, bus, clock, interrupt);
    return finish(out, streams, result);
}

}  // namespace imprint::cli
