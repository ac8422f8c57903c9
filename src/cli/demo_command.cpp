#include <fmt/format.h>
#include <map>
#include <memory>
#include <mutex>

#include "cli/commands.h"
#include "cli/output/text.h"
#include "station/demo.h"

namespace imprint::cli {

namespace {

// What the closing table tells of a board, gathered from the events of the run.
struct Told {
    std::string certificate = "-";
    std::string seconds = "-";
};

std::string text_of(const prepare::Event& event, std::string_view key) {
    const prepare::EventValue* value = event.detail(key);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? "" : *text;
}

std::string how_to_look_further(const station::DemoResult& result) {
    if (result.state.empty())
        return "Everything was in a temporary folder and is gone; --state DIR keeps it.\n";
    const std::string state = result.state.string();
    return fmt::format(
        "Kept in {0}: imprint.toml, ledger.sqlite, aws_credentials/, registry/, bays/.\n"
        "Look further:\n"
        "  cd {0}\n"
        "  imprint ledger list\n"
        "  imprint registry serve &\n"
        "  AWS_SHARED_CREDENTIALS_FILE=registry/credentials aws --region eu-west-1 \\\n"
        "    --endpoint-url \"$(jq -r .endpoint_url registry/registry.json)\" iot list-things\n",
        state);
}

Result<int> demo(Context& context, const station::DemoOptions& options) {
    if (options.boards == 0 || options.boards > 64)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--boards {}: from 1 to 64 boards", options.boards));
    std::mutex mutex;
    std::map<MacAddress, Told> told;
    const prepare::EventSink events = [&](const prepare::Event& event) {
        if (event.name == "board_passed" && event.mac) {
            const std::lock_guard lock(mutex);
            Told& board = told[*event.mac];
            board.certificate = text_of(event, "certificate_id").substr(0, 12) + "…";
            if (const auto* seconds = event.detail("seconds"))
                if (const auto* value = std::get_if<double>(seconds))
                    board.seconds = fmt::format("{:.1f}", *value);
        }
        context.out.event(event);
    };
    IMPRINT_TRY(const station::DemoResult result,
                station::run_demo(options, context.clock, events, context.log, context.stop));

    std::vector<std::vector<std::string>> rows{
        {"board", "thing", "certificate", "seconds", "at the broker"}};
    std::vector<std::string> connected;
    for (const auto& board : result.boards) {
        const Told& of_board = told[board.mac];
        rows.push_back({board.port.filename().string(), board.mac.id(), of_board.certificate,
                        of_board.seconds, board.connected ? "connected" : "not seen"});
        if (board.connected) connected.push_back(board.mac.id());
    }
    const bool all_connected = connected.size() == result.boards.size();
    context.show("demo_finished",
                 {{"passed", static_cast<std::int64_t>(result.passed)},
                  {"failed", static_cast<std::int64_t>(result.failed)},
                  {"connected", connected},
                  {"state", result.state.string()}},
                 "\n" + output::table(rows) + "\n" + how_to_look_further(result));
    if (result.interrupted) return exit_code(ErrorKind::interrupted);
    return result.failed == 0 && all_connected ? 0 : 1;
}

}  // namespace

void add_demo(Command& root) {
    const auto options = std::make_shared<station::DemoOptions>();
    Command command = root.command(
        "demo", "The whole flow on simulated boards and a local registry: no account, no board.",
        "imprint demo\nimprint demo --boards 2 --state demo      # keep what it made");
    command.option({"--boards", "N", "how many boards (4)"}, &options->boards);
    command.option({"--state", "DIR", "keep everything in this folder"}, &options->state);
    command.common_options().act([options](Context& context) { return demo(context, *options); });
}

}  // namespace imprint::cli
