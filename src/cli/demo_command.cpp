#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "cli/commands.h"
#include "cli/output/text.h"
#include "cli/station_page.h"
#include "events/bench_state.h"
#include "station/demo.h"
#include "station/demo_bench.h"

namespace imprint::cli {

namespace {

std::string how_to_look_further(const station::DemoResult& result) {
    if (result.state.empty())
        return "Everything was in a temporary folder and is gone; --state DIR keeps it.\n"
               "A bench to play with, in the browser: imprint demo --page\n";
    const std::string state = result.state.string();
    return fmt::format(
        "Kept in {0}: imprint.toml, ledger.sqlite, aws_credentials/, registry/, bays/.\n"
        "Look further:\n"
        "  cd {0}\n"
        "  imprint ledger list\n"
        "  imprint registry serve &\n"
        "  AWS_SHARED_CREDENTIALS_FILE=registry/credentials aws --region eu-west-1 \\\n"
        "    --endpoint-url \"$(jq -r .endpoint_url registry/registry.json)\" iot list-things\n"
        "A bench to play with, in the browser: imprint demo --page\n",
        state);
}

// Safe to call from many threads.
class Bench {
  public:
    void apply(const events::Event& event) {
        const Lock lock(mutex_);
        state_ = events::apply(std::move(state_), event);
    }

    [[nodiscard]] events::BenchState state() const {
        const Lock lock(mutex_);
        return state_;
    }

  private:
    mutable Mutex mutex_;
    events::BenchState state_ IMPRINT_GUARDED_BY(mutex_);
};

// Whether it is done; says why not.
bool show_rotation(Context& context, const station::DemoResult& result) {
    if (!result.rotation) {
        if (!result.interrupted)
            context.log.warning("no rotation over the air: the first board is not connected");
        return false;
    }
    const auto& [thing, look] = *result.rotation;
    if (look.state == fleet::AirState::finished) {
        context.show(
            events::Rotation{.thing = thing,
                             .state = events::RotationState::finished,
                             .certificate_id = look.certificate_id,
                             .retired = look.retired},
            fmt::format("\nOver the air: {} has made a new key itself, works with certificate {}… "
                        "now, and the former one is retired\n",
                        thing, look.certificate_id.substr(0, 12)));
        return true;
    }
    if (look.state == fleet::AirState::refused)
        context.log.warning("no rotation over the air: {} says: {}", thing, look.why);
    else
        context.log.warning("the rotation over the air of {} has not ended in 30 s", thing);
    return false;
}

Result<int> demo(Context& context, const station::DemoOptions& options) {
    if (options.boards == 0 || options.boards > 64)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--boards {}: from 1 to 64 boards", options.boards));
    // What the closing table tells of the boards.
    Bench told;
    const events::EventSink sink = [&](events::Event event) {
        told.apply(event);
        // The closing table tells of each board.
        if (const auto* finished = events::as<events::RunFinished>(event)) {
            events::RunFinished shown = *finished;
            shown.results.clear();
            event.body = std::move(shown);
        }
        context.out.event(std::move(event));
    };
    IMPRINT_TRY(const station::DemoResult result,
                station::run_demo(options, context.clock, sink, context.log, context.stop));
    const events::BenchState bench = told.state();

    const bool rotated = show_rotation(context, result);
    std::vector<std::vector<std::string>> rows{
        {"board", "thing", "certificate", "seconds", "at the broker"}};
    std::vector<std::string> connected;
    for (const auto& board : result.boards) {
        const auto bay = std::ranges::find(bench.bays, board.mac, &events::BayState::mac);
        const bool passed = bay != bench.bays.end() && bay->outcome == events::BayOutcome::passed;
        const bool is_rotated = rotated && result.rotation->thing == board.mac.id();
        const std::string certificate = is_rotated ? result.rotation->look.certificate_id
                                        : passed   ? bay->certificate_id
                                                   : "";
        rows.push_back({board.port.filename().string(), board.mac.id(),
                        certificate.empty() ? "-" : certificate.substr(0, 12) + "…",
                        passed ? fmt::format("{:.1f}", bay->seconds) : "-",
                        board.connected ? "connected" : "not seen"});
        if (board.connected) connected.push_back(board.mac.id());
    }
    const bool all_connected = connected.size() == result.boards.size();
    context.show(events::DemoFinished{.passed = result.passed,
                                      .failed = result.failed,
                                      .connected = connected,
                                      .state = result.state.string()},
                 "\n" + output::table(rows) + "\n" + how_to_look_further(result));
    if (result.interrupted) return exit_code(ErrorKind::interrupted);
    return result.failed == 0 && all_connected && rotated ? 0 : 1;
}

// The bench in a browser, with hands for its boards.
Result<int> demo_page(Context& context, const station::DemoOptions& options, bool opens) {
    if (options.boards == 0 || options.boards > 32)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--boards {}: from 1 to 32 bays", options.boards));
    IMPRINT_TRY(const auto bench, station::DemoBench::start({options.boards, options.state},
                                                            context.clock, context.stop));
    context.sources.file = bench->configuration();
    context.sources.variable = [](const std::string&) { return std::nullopt; };
    IMPRINT_TRY(const config::Config config, context.config());
    StationWords words;
    words.lot = station::DemoBench::lot();
    words.opens = opens;
    words.hands = [&bench](const std::string& line) { return bench->hands(line); };
    return run_station(context, config, words);
}

}  // namespace

void add_demo(Command& root) {
    const auto options = std::make_shared<station::DemoOptions>();
    const auto page = std::make_shared<bool>(false);
    const auto opens = std::make_shared<bool>(false);
    Command command = root.command(
        "demo", "The whole flow on simulated boards and a local registry: no account, no board.",
        "imprint demo\nimprint demo --boards 2 --state demo      # keep what it made\n"
        "imprint demo --page --open                # a bench to play with, in the browser");
    command.option({"--boards", "N", "how many boards, or bays (4)"}, &options->boards);
    command.option({"--state", "DIR", "keep everything in this folder"}, &options->state);
    command.option({"--page", "", "a bench to try the station's page on, until ^C"}, page.get());
    command.option({"--open", "", "with --page: show it in this machine's browser"}, opens.get());
    command.common_options().act([options, page, opens](Context& context) {
        return *page ? demo_page(context, *options, *opens) : demo(context, *options);
    });
}

}  // namespace imprint::cli
