#include "station/run.h"

#include <atomic>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/threads.h"
#include "base/version.h"
#include "bays/rate_memory.h"
#include "bays/stub.h"
#include "ledger/effect_log.h"
#include "prepare/board_job.h"
#include "prepare/proof.h"
#include "station/preflight.h"

namespace imprint::station {

namespace {

// The life of the bays, once everything is ready.
class Run {
  public:
    Run(const prepare::Settings& settings, const RunOptions& options, Ready ready, Clock& clock,
        const events::EventSink& events, bays::RateMemory& rates, Log log, std::stop_token stop)
        : settings_(settings),
          options_(options),
          ready_(std::move(ready)),
          clock_(clock),
          events_(events),
          rates_(rates),
          log_(std::move(log)),
          stop_(std::move(stop)) {}

    void tell_plan() const {
        for (const auto& one : ready_.bays)
            tell(events::Note{
                .text = fmt::format(
                    "would prepare the board on {}: {} regions of firmware, credentials "
                    "into \"{}\", thing type \"{}\", policy \"{}\", at {}",
                    one.bay.port, ready_.firmware.regions.size(), ready_.firmware.credentials.name,
                    settings_.identity.thing_type, settings_.identity.policy.name,
                    ready_.cloud.endpoint)});
    }

    [[nodiscard]] Result<RunSummary> prepare(ledger::Ledger& ledger, Instant started) {
        IMPRINT_TRY(const ledger::RunId run, ledger.begin_run(run_facts()));
        if (auto made = ensure_cloud(ledger, run); !made) {
            static_cast<void>(ledger.end_run(run, 0, 0));
            return std::unexpected(std::move(made).error());
        }
        tell(events::RunStarted{.version = std::string(version),
                                .boards = ready_.bays.size(),
                                .lot = options_.lot,
                                .endpoint = ready_.cloud.endpoint,
                                .firmware_commit = ready_.firmware.commit});
        const RunSummary summary = prepare_all(ledger, run);
        IMPRINT_CHECK(ledger.end_run(run, summary.passed, summary.failed));
        const std::chrono::duration<double> took = clock_.now() - started;
        tell(events::RunFinished{
            .passed = summary.passed, .failed = summary.failed, .seconds = took.count()});
        return summary;
    }

  private:
    void tell(events::Body body) const { events_({clock_.wall(), {}, {}, std::move(body)}); }

    [[nodiscard]] ledger::RunFacts run_facts() const {
        const auto& firmware = ready_.firmware;
        ledger::RunFacts facts{.version = std::string(version),
                               .lot = options_.lot,
                               .endpoint = ready_.cloud.endpoint,
                               .firmware = firmware.digest,
                               .firmware_commit = firmware.commit,
                               .app_name = firmware.app.name,
                               .app_version = firmware.app.version,
                               .app_elf_sha256 = firmware.app.elf_sha256};
        for (const auto& file : firmware.files)
            facts.files.push_back({file.path.string(), file.offset, file.size, file.sha256});
        // Packed anew with each board's identity; what went in is known by this.
        for (const auto& image : firmware.own_images)
            facts.files.push_back({image.path.string(), image.offset,
                                   static_cast<std::uint32_t>(image.content.size()),
                                   to_hex(sha256(image.content))});
        return facts;
    }

    [[nodiscard]] Result<void> ensure_cloud(ledger::Ledger& ledger, ledger::RunId run) {
        if (!ready_.registry) return {};
        prepare::RecordedRegistry recorded(
            *ready_.registry, ledger::EffectLog(ledger, ledger::Doer{.run = run}, log_));
        return prepare::ensure_cloud(recorded, settings_.identity, ledger, log_);
    }

    [[nodiscard]] loader::ConnectOptions connect_options() const {
        loader::ConnectOptions connect;
        connect.baud = settings_.station.baud;
        connect.stub_directory = bays::stub_directory(settings_.station);
        if (settings_.station.use_stub && connect.stub_directory.empty())
            tell(events::Note{
                .text = "no stub flasher is installed: the ROM loader does the work, slower"});
        return connect;
    }

    // With just-in-time registration it is the board's own connection that makes the identity.
    [[nodiscard]] std::function<Result<void>(const prepare::Identity&, const MacAddress&,
                                             const std::string&, const std::stop_token&)>
    proof() {
        if (!settings_.verify.connect || settings_.identity.is_just_in_time()) return {};
        return [this](const prepare::Identity& made, const MacAddress& mac, const std::string& lot,
                      const std::stop_token& stop) {
            const prepare::ProofTools tools{
                ready_.cloud, prepare::fill_in(settings_.verify.topic, mac, lot),
                std::chrono::duration_cast<Milliseconds>(settings_.verify.timeout), clock_};
            return prepare::prove_identity(tools, made, mac.id(), stop);
        };
    }

    [[nodiscard]] prepare::Tools tools(ledger::Ledger& ledger, ledger::RunId run) {
        return {settings_,
                ready_.firmware,
                ready_.credentials,
                ready_.cloud,
                {.settings = settings_.identity,
                 .ledger = ledger,
                 .registry = ready_.registry.get(),
                 .authority = ready_.authority ? &*ready_.authority : nullptr,
                 .ca_pem = ready_.ca_pem,
                 .minted = ready_.minted ? &*ready_.minted : nullptr,
                 .may_queue = settings_.registry.offline == prepare::Offline::when_unreachable,
                 .rivals = prepare::rival_rules(settings_, options_.take_over)},
                ledger,
                run,
                options_.lot,
                connect_options(),
                clock_,
                events_,
                [](const std::function<Result<prepare::Identity>()>& work) {
                    return Beside<prepare::Identity>::start("making the identity", work);
                },
                proof(),
                options_.rotate,
                log_};
    }

    [[nodiscard]] RunSummary prepare_all(ledger::Ledger& ledger, ledger::RunId run) {
        prepare::Tools shared = tools(ledger, run);
        std::atomic<unsigned> passed = 0;
        std::atomic<unsigned> failed = 0;
        {
            std::vector<std::jthread> threads;
            for (auto& one : ready_.bays)
                start(
                    threads, one.bay,
                    [&] {
                        const auto result =
                            prepare::prepare_board(one.bay, *one.port, shared, stop_);
                        if (result && one.port->traits().has_baud)
                            rates_.proven(one.place, settings_.station.baud, result->baud);
                        ++(result ? passed : failed);
                    },
                    [&](const Error& error) {
                        if (error.is("thread_not_started"))
                            record_lost(ledger, run, one.bay, error);
                        tell_lost(one.bay, error);
                        ++failed;
                    });
        }
        return RunSummary{passed, failed, stop_.stop_requested()};
    }

    // A bay whose thread cannot be had, or ends by a bug, is that bay's failure.
    static void start(std::vector<std::jthread>& threads, const prepare::Bay& bay,
                      std::function<void()> work,
                      const std::function<void(const Error&)>& on_error) {
        auto thread = start_thread(
            bay.name, [work = std::move(work)](const std::stop_token&) { work(); }, on_error);
        if (thread)
            threads.push_back(std::move(*thread));
        else
            on_error(thread.error());
    }

    // Also a bay whose board was never looked at has its row.
    static void record_lost(ledger::Ledger& ledger, ledger::RunId run, const prepare::Bay& bay,
                            const Error& error) {
        if (const auto attempt = ledger.begin_attempt(run, bay.name))
            static_cast<void>(ledger.end_attempt(*attempt, ledger::Outcome::failed, error.code,
                                                 error.describe()));
    }

    void tell_lost(const prepare::Bay& bay, const Error& error) const {
        events_({clock_.wall(),
                 bay.name,
                 {},
                 events::BoardFailed{.kind = error.kind,
                                     .code = error.code,
                                     .reason = error.reason(),
                                     .hint = error.shown_hint(),
                                     .certificate_state = events::CertificateFate::none}});
    }

    const prepare::Settings& settings_;
    const RunOptions& options_;
    Ready ready_;
    Clock& clock_;
    const events::EventSink& events_;
    bays::RateMemory& rates_;
    Log log_;
    std::stop_token stop_;
};

}  // namespace

Result<RunSummary> prepare_boards(const prepare::Settings& settings, const RunOptions& options,
                                  const Surroundings& surroundings, Clock& clock,
                                  const events::EventSink& events, const Log& log,
                                  const std::stop_token& stop) {
    const Instant started = clock.now();
    bays::RateMemory rates(settings.station.rates, log);
    IMPRINT_TRY(auto ready,
                make_ready(settings, options, {surroundings, clock, events, rates, log, stop}));
    Run run(settings, options, std::move(ready), clock, events, rates, log, stop);
    if (options.dry_run) {
        run.tell_plan();
        return RunSummary{};
    }
    IMPRINT_TRY(const auto ledger, surroundings.open_ledger());
    return run.prepare(*ledger, started);
}

Result<RunSummary> prepare_boards(const prepare::Settings& settings, const RunOptions& options,
                                  Clock& clock, const events::EventSink& events, const Log& log,
                                  const std::stop_token& stop) {
    return prepare_boards(settings, options,
                          surroundings_of_this_process(settings, clock, log, stop), clock, events,
                          log, stop);
}

}  // namespace imprint::station
