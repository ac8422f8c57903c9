#include "station/demo.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <unistd.h>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/ownership.h"
#include "base/process.h"
#include "base/resources.h"
#include "config/config.h"
#include "registry/local_folder.h"
#include "station/run.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

constexpr const char* configuration = R"toml(# Made by `imprint demo`: a factory on one machine.
[firmware]
directory = "project"

[identity]
thing_type = "imprint-demo"
attributes = { line = "demo" }
policy = { name = "imprint-demo", document = "policy.json" }

[registry]
provider = "local"
state = "registry"

[credentials]
archive = "aws_credentials"

[verify]
connect = true

[ledger]
path = "ledger.sqlite"
)toml";

// A child of this same program, with its output in a file.
class Part {
  public:
    [[nodiscard]] static Result<Part> start(const char* name, std::vector<std::string> arguments,
                                            const fs::path& folder) {
        const fs::path log = folder / (std::string(name) + ".log");
        arguments.insert(arguments.begin(), this_program().string());
        auto child =
            ChildProcess::start({std::move(arguments), folder, {}, log}, ChildOutput::discard);
        if (!child)
            return with_context(std::move(child).error(), fmt::format("starting the {}", name));
        return Part(name, std::move(*child), log);
    }

    // Waits until the condition holds; the part must live as long.
    template <typename Condition>
    [[nodiscard]] Result<void> await(const Condition& condition, Clock& clock,
                                     const std::stop_token& stop) {
        const Instant deadline = clock.now() + std::chrono::seconds(30);
        while (!condition()) {
            if (stop.stop_requested())
                return fail(ErrorKind::interrupted, "interrupted", "the demo was stopped");
            const auto status = child_.poll();
            if (status || clock.now() > deadline)
                return fail(ErrorKind::config, "demo_part_failed",
                            fmt::format("the {} {}: {}", name_,
                                        status ? fmt::format("ended with status {}", *status)
                                               : std::string("did not become ready in 30 s"),
                                        last_lines(log_, 20)));
            clock.sleep(Milliseconds(20), stop);
        }
        return {};
    }

  private:
    Part(const char* name, ChildProcess child, fs::path log)
        : name_(name), child_(std::move(child)), log_(std::move(log)) {}

    std::string name_;
    ChildProcess child_;
    fs::path log_;
};

MacAddress mac_of(unsigned board) {
    MacAddress mac{{0x24, 0x6F, 0x28, 0x00, 0x00, 0x00}};
    mac.octets[4] = static_cast<std::uint8_t>(board >> 8);
    mac.octets[5] = static_cast<std::uint8_t>(board);
    return mac;
}

Result<void> make_project(const fs::path& folder) {
    IMPRINT_TRY(const auto made, run_command({{this_program().string(), "simulate", "firmware",
                                               (folder / "project").string()},
                                              folder,
                                              {},
                                              {}}));
    if (made.status != 0)
        return fail(ErrorKind::config, "demo_part_failed",
                    fmt::format("the sample firmware could not be made: {}", made.text));
    IMPRINT_CHECK(write_file(folder / "imprint.toml", std::string_view(configuration)));
    return write_file(folder / "policy.json", config::sample_policy());
}

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

}  // namespace

Result<DemoResult> run_demo(const DemoOptions& options, Clock& clock,
                            const events::EventSink& events, const Log& log,
                            const std::stop_token& stop) {
    std::optional<TemporaryDirectory> temporary;
    fs::path folder = options.state;
    if (folder.empty()) {
        IMPRINT_TRY(auto made, TemporaryDirectory::create("imprint-demo"));
        temporary.emplace(std::move(made));
        folder = temporary->path();
    } else {
        folder = fs::absolute(folder);
        IMPRINT_CHECK(check_ours(folder));
        IMPRINT_CHECK(claim_directory(folder, ".imprint-demo"));
        IMPRINT_CHECK(make_private_directory(folder));
        IMPRINT_CHECK(write_file(folder / ".gitignore", std::string_view("*\n")));
    }
    IMPRINT_CHECK(make_project(folder));

    DemoResult result;
    for (unsigned i = 0; i < options.boards; ++i)
        result.boards.push_back({folder / "bays" / fmt::format("bay{}", i), mac_of(i), false});
    std::error_code ignored;
    const fs::path state = folder / "registry";
    fs::remove(registry::registry_file_path(state), ignored);
    for (const auto& board : result.boards)
        fs::remove(board.port, ignored);

    IMPRINT_TRY(Part service,
                Part::start("registry", {"registry", "serve", "--state", state.string()}, folder));
    IMPRINT_TRY(Part simulator,
                Part::start("boards",
                            {"simulate", "board", "--count", std::to_string(options.boards),
                             "--dir", (folder / "bays").string(), "--mac", mac_of(0).id()},
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
    if (!temporary) result.state = folder;
    return result;
}

}  // namespace imprint::station
