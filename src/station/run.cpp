#include "station/run.h"

#include <fmt/format.h>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "base/version.h"
#include "bays/rate_memory.h"
#include "prepare/outcomes.h"
#include "station/preflight.h"
#include "station/run_work.h"

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
                              one.bay.port, ready_.shared.firmware.regions.size(),
                              ready_.shared.firmware.credentials.name,
                              settings_.identity.thing_type, settings_.identity.policy.name,
                              ready_.shared.cloud.endpoint)});
    }

    [[nodiscard]] Result<RunSummary> prepare(ledger::Ledger& ledger, Instant started) {
        RunWork work(settings_, options_, std::move(ready_.shared), ledger, clock_, events_, log_);
        IMPRINT_CHECK(work.begin());
        tell(events::RunStarted{.version = std::string(version),
                                .boards = ready_.bays.size(),
                                .lot = work.shared().lot,
                                .endpoint = work.shared().cloud.endpoint,
                                .firmware_commit = work.shared().firmware.commit,
                                .bays = names_of_bays()});
        std::vector<events::BayResult> results = prepare_all(work);
        RunSummary summary = sum_of(results);
        IMPRINT_CHECK(work.end());
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

    [[nodiscard]] std::vector<std::string> names_of_bays() const {
        std::vector<std::string> names;
        for (const auto& one : ready_.bays)
            names.push_back(one.bay.name);
        return names;
    }

    // One result for each bay, in their order.
    [[nodiscard]] std::vector<events::BayResult> prepare_all(RunWork& work) {
        std::vector<events::BayResult> results(ready_.bays.size());
        if (options_.boards_in_hand) options_.boards_in_hand(true);
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < ready_.bays.size(); ++i) {
                ReadyBay& one = ready_.bays[i];
                events::BayResult& result = results[i];
                result.bay = one.bay.name;
                const auto lost = [&](const Error& error) {
                    result.outcome = prepare::told(prepare::outcome_of(error));
                    result.code = error.code;
                    work.take_lost(one.bay, error, events_);
                };
                if (one.error)
                    lost(*one.error);
                else
                    start(
                        threads, one.bay, [&] { prepare_one(one, work, result); },
                        [lost](const Error& error) { lost(error); });
            }
        }
        if (options_.boards_in_hand) options_.boards_in_hand(false);
        return results;
    }

    void prepare_one(ReadyBay& one, RunWork& work, events::BayResult& result) {
        const auto prepared =
            work.prepare({one.bay, *one.port, options_.again, events_, stop_}, result.mac.value);
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
