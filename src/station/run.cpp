#include "station/run.h"

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
#include "policy/places.h"
#include "prepare/board_job.h"
#include "prepare/outcomes.h"
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
                .text =
                    one.error
                        ? fmt::format("would leave bay {} out: {}", one.bay.name,
                                      one.error->reason())
                        : fmt::format(
                              "would prepare the board on {}: {} regions of firmware, credentials "
                              "into \"{}\", thing type \"{}\", policy \"{}\", at {}",
                              one.bay.port, ready_.firmware.regions.size(),
                              ready_.firmware.credentials.name, settings_.identity.thing_type,
                              settings_.identity.policy.name, ready_.cloud.endpoint)});
    }

    [[nodiscard]] Result<RunSummary> prepare(ledger::Ledger& ledger, Instant started) {
        IMPRINT_TRY(const ledger::RunId run, ledger.begin_run(run_facts()));
        if (auto made = ensure_cloud(ledger, run); !made) {
            static_cast<void>(ledger.end_run(run, 0, 0));
            return std::unexpected(std::move(made).error());
        }
        tell(events::RunStarted{.version = std::string(version),
                                .boards = ready_.bays.size(),
                                .lot = ready_.lot,
                                .endpoint = ready_.cloud.endpoint,
                                .firmware_commit = ready_.firmware.commit,
                                .bays = names_of_bays()});
        std::vector<events::BayResult> results = prepare_all(ledger, run);
        RunSummary summary = sum_of(results);
        IMPRINT_CHECK(ledger.end_run(run, summary.passed, summary.failed));
        const std::chrono::duration<double> took = clock_.now() - started;
        tell(events::RunFinished{.passed = summary.passed,
                                 .failed = summary.failed,
                                 .seconds = took.count(),
                                 .skipped = summary.skipped.size(),
                                 .stopped = summary.stopped,
                                 .empty = summary.empty,
                                 .results = std::move(results)});
        return summary;
    }

  private:
    void tell(events::Body body) const { events_({clock_.wall(), {}, {}, std::move(body)}); }

    [[nodiscard]] ledger::RunFacts run_facts() const {
        const auto& firmware = ready_.firmware;
        ledger::RunFacts facts{.version = std::string(version),
                               .lot = ready_.lot,
                               .endpoint = ready_.cloud.endpoint,
                               .firmware = firmware.digest,
                               .firmware_commit = firmware.commit,
                               .app_name = firmware.app.name,
                               .app_version = firmware.app.version,
                               .app_elf_sha256 = firmware.app.elf_sha256,
                               .station = settings_.station.name,
                               .operator_name = settings_.station.operator_name,
                               .account = ready_.cloud.account,
                               .region = ready_.cloud.region};
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
        IMPRINT_CHECK(prepare::ensure_cloud(recorded, settings_.identity, ledger, log_));
        if (!ready_.cloud.account.empty()) return {};
        // The policy was made just now: by its ARN it is known where.
        IMPRINT_TRY(const auto policy, recorded.find_policy(settings_.identity.policy.name));
        if (!policy) return {};
        const auto place = policy::place_of_arn(policy->arn);
        return ledger.set_account(run, place.account, place.region);
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
                ready_.lot,
                connect_options(),
                clock_,
                events_,
                [](const std::function<Result<prepare::Identity>()>& work) {
                    return Beside<prepare::Identity>::start("making the identity", work);
                },
                proof(),
                options_.again,
                options_.rotate,
                log_};
    }

    [[nodiscard]] std::vector<std::string> names_of_bays() const {
        std::vector<std::string> names;
        for (const auto& one : ready_.bays)
            names.push_back(one.bay.name);
        return names;
    }

    // One result for each bay, in their order.
    [[nodiscard]] std::vector<events::BayResult> prepare_all(ledger::Ledger& ledger,
                                                             ledger::RunId run) {
        prepare::Tools shared = tools(ledger, run);
        std::vector<events::BayResult> results(ready_.bays.size());
        if (options_.boards_in_hand) options_.boards_in_hand(true);
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < ready_.bays.size(); ++i) {
                ReadyBay& one = ready_.bays[i];
                events::BayResult& result = results[i];
                result.bay = one.bay.name;
                const auto lost = [&](const Error& error) {
                    take_lost(result, ledger, run, one.bay, error);
                };
                if (one.error)
                    lost(*one.error);
                else
                    start(
                        threads, one.bay, [&] { prepare_one(one, shared, result); },
                        [lost](const Error& error) { lost(error); });
            }
        }
        if (options_.boards_in_hand) options_.boards_in_hand(false);
        return results;
    }

    void prepare_one(ReadyBay& one, prepare::Tools& shared, events::BayResult& result) {
        const auto prepared =
            prepare::prepare_board(one.bay, *one.port, shared, stop_, &result.mac.value);
        if (!prepared) {
            result.outcome = prepare::told(prepare::outcome_of(prepared.error()));
            result.code = prepared.error().code;
            return;
        }
        result.outcome =
            prepared->skipped ? events::AttemptOutcome::skipped : events::AttemptOutcome::passed;
        if (prepared->baud != 0 && one.port->traits().has_baud)
            rates_.proven(one.place, settings_.station.baud, prepared->baud);
    }

    [[nodiscard]] RunSummary sum_of(const std::vector<events::BayResult>& results) const {
        RunSummary sum;
        for (std::size_t i = 0; i < results.size(); ++i) {
            using enum events::AttemptOutcome;
            switch (results[i].outcome) {
                case passed:
                    ++sum.passed;
                    break;
                case skipped:
                    if (results[i].mac.value)
                        sum.skipped[*results[i].mac.value] = ready_.bays[i].bay.port;
                    break;
                case stopped:
                    ++sum.stopped;
                    break;
                case empty:
                    ++sum.empty;
                    break;
                case failed:
                    ++sum.failed;
                    if (results[i].code == "other_lot" && results[i].mac.value)
                        sum.other_lot[*results[i].mac.value] = ready_.bays[i].bay.port;
                    break;
                case running:
                case killed:
                case replaced:
                    ++sum.failed;
                    break;
            }
        }
        sum.interrupted = stop_.stop_requested();
        return sum;
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

    // A bay whose board was never looked at, or whose thread ended by a bug: it has its row too.
    void take_lost(events::BayResult& result, ledger::Ledger& ledger, ledger::RunId run,
                   const prepare::Bay& bay, const Error& error) const {
        const ledger::Outcome outcome = prepare::outcome_of(error);
        result.outcome = prepare::told(outcome);
        result.code = error.code;
        if (error.kind != ErrorKind::bug)
            if (const auto attempt = ledger.begin_attempt(run, bay.name))
                static_cast<void>(ledger.end_attempt(*attempt, outcome, error.code,
                                                     error.describe(), prepare::fault_of(error)));
        events::Body body = events::BayEmpty{.reason = error.reason(), .hint = error.shown_hint()};
        if (outcome != ledger::Outcome::empty)
            body = events::BoardFailed{.kind = error.kind,
                                       .code = error.code,
                                       .reason = error.reason(),
                                       .hint = error.shown_hint(),
                                       .certificate_state = events::CertificateFate::none};
        events_({clock_.wall(), bay.name, {}, std::move(body)});
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
