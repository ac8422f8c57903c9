#include "station/demo.h"

#include <fmt/format.h>
#include <map>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "base/mutex.h"
#include "config/config.h"
#include "registry/local_folder.h"
#include "station/demo_parts.h"
#include "station/over_the_air.h"
#include "station/run.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

// How much of the broker's log there is when a board's program is about to start: what comes behind
// is the board's own. Before, the station connects under the same client id (prepare/proof.h).
class Starts {
  public:
    explicit Starts(fs::path broker_log) : log_(std::move(broker_log)) {}

    [[nodiscard]] events::EventSink watch(const events::EventSink& events) {
        return [this, &events](events::Event event) {
            const auto* begun = events::as<events::BoardStep>(event);
            if (begun != nullptr && begun->step == events::Step::verify && event.mac) {
                const std::size_t written =
                    read_text(log_, file_limit::long_text).value_or("").size();
                const Lock lock(mutex_);
                starts_[*event.mac] = written;
            }
            events(std::move(event));
        };
    }

    [[nodiscard]] std::size_t of(const MacAddress& mac) const {
        const Lock lock(mutex_);
        const auto found = starts_.find(mac);
        return found == starts_.end() ? std::string::npos : found->second;
    }

    [[nodiscard]] const fs::path& log() const { return log_; }

  private:
    fs::path log_;
    mutable Mutex mutex_;
    std::map<MacAddress, std::size_t> starts_ IMPRINT_GUARDED_BY(mutex_);
};

// The boards connect as their program starts; the broker logs it a moment later.
void await_connections(std::vector<DemoBoard>& boards, const Starts& starts, Clock& clock,
                       const std::stop_token& stop) {
    const Instant deadline = clock.now() + std::chrono::seconds(10);
    for (;;) {
        const std::string log = read_text(starts.log(), file_limit::long_text).value_or("");
        bool all = true;
        for (auto& board : boards) {
            board.connected = log.find(fmt::format(" as {} ", board.mac.id()),
                                       starts.of(board.mac)) != std::string::npos;
            all &= board.connected;
        }
        if (all || clock.now() > deadline || !clock.sleep(Milliseconds(50), stop)) return;
    }
}

Result<DemoRotation> rotate_one(const prepare::Settings& settings, const DemoBoard& board,
                                Clock& clock, const Log& log, const std::stop_token& stop) {
    DemoRotation rotation{board.mac.id(), {}};
    const fleet::AirListener listener{
        [&](const std::string& /*thing*/, const fleet::AirLook& look) { rotation.look = look; },
        [&](const std::string& thing, const Error& error) {
            log.warning("{}: {}", thing, error.describe());
        }};
    IMPRINT_CHECK(rotate_over_the_air(
        settings,
        {.things = {board.mac.id()}, .most = std::chrono::seconds(30), .pause = Milliseconds(200)},
        clock, listener, log, stop));
    return rotation;
}

}  // namespace

Result<DemoResult> run_demo(const DemoOptions& options, Clock& clock,
                            const events::EventSink& events, const Log& log,
                            const std::stop_token& stop) {
    IMPRINT_TRY(const DemoFolder made, DemoFolder::make(options.state));
    const fs::path& folder = made.path();
    IMPRINT_CHECK(make_demo_project(folder));

    DemoResult result;
    for (unsigned i = 0; i < options.boards; ++i)
        result.boards.push_back({folder / "bays" / fmt::format("bay{}", i), demo_mac(i), false});
    std::error_code ignored;
    const fs::path state = folder / "registry";
    fs::remove(registry::registry_file_path(state), ignored);
    for (const auto& board : result.boards)
        fs::remove(board.port, ignored);

    IMPRINT_TRY(
        DemoPart service,
        DemoPart::start("registry", {"registry", "serve", "--state", state.string()}, folder));
    IMPRINT_TRY(DemoPart simulator,
                DemoPart::start("boards",
                                {"simulate", "board", "--count", std::to_string(options.boards),
                                 "--dir", (folder / "bays").string(), "--mac", demo_mac(0).id()},
                                folder));
    const auto exists = [](const fs::path& path) {
        std::error_code error;
        return fs::exists(path, error);
    };
    IMPRINT_CHECK(
        service.await([&] { return exists(registry::registry_file_path(state)); }, clock, stop));
    IMPRINT_CHECK(simulator.await(
        [&] {
            for (const auto& board : result.boards)
                if (!exists(board.port)) return false;
            return true;
        },
        clock, stop));
    IMPRINT_TRY(const auto told, registry::read_registry_file(state));
    result.endpoint_url = told.endpoint_url;

    config::Sources sources;
    sources.file = folder / "imprint.toml";
    sources.variable = [](const std::string&) { return std::nullopt; };
    IMPRINT_TRY(const config::Config config, config::load_config(sources));
    RunOptions run;
    run.lot = "demo";
    for (const auto& board : result.boards)
        run.ports.push_back(board.port.string());
    Starts starts(registry::broker_log_path(state));
    IMPRINT_TRY(const RunSummary summary,
                prepare_boards(config.settings, run, clock, starts.watch(events), log, stop));
    result.passed = summary.passed;
    result.failed = summary.failed;
    result.interrupted = summary.interrupted;
    await_connections(result.boards, starts, clock, stop);
    if (!result.boards.empty() && result.boards.front().connected && !result.interrupted) {
        IMPRINT_TRY(result.rotation,
                    rotate_one(config.settings, result.boards.front(), clock, log, stop));
    }
    if (made.is_kept()) result.state = folder;
    return result;
}

}  // namespace imprint::station
