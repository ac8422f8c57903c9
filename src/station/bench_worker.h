// The real work in the bays of a bench: boards are prepared with the firmware as it is now.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"
#include "bays/rate_memory.h"
#include "events/event.h"
#include "ledger/ledger.h"
#include "prepare/settings.h"
#include "station/bench.h"
#include "station/firmware_stamp.h"
#include "station/run.h"
#include "station/run_work.h"
#include "station/surroundings.h"

namespace imprint::station {

class BenchWorker final : public BayWorker {
  public:
    // All arguments outlive it.
    BenchWorker(const prepare::Settings& settings, const RunOptions& options,
                const Surroundings& surroundings, Clock& clock, const events::EventSink& events,
                const Log& log, const std::stop_token& stop)
        : settings_(settings),
          surroundings_(surroundings),
          clock_(clock),
          events_(events),
          log_(log),
          stop_(stop),
          rates_(settings.station.rates, log),
          chosen_(options) {}

    // What can be wrong for all boards is found here. Errors: those of make_ready() and the ledger.
    [[nodiscard]] Result<void> begin();
    [[nodiscard]] Result<void> end();

    // No board is begun without a lot until one is chosen, or none is: the station had one before.
    void want_lot() { lot_owed_ = true; }

    // Boards that are begun from now on are of this lot (its name or code; empty: of none), and
    // recorded with this operator (empty: as the settings say); those at work stay in theirs. From
    // any thread. Errors: as begin(); nothing is changed then.
    [[nodiscard]] Result<void> choose(const std::string& lot, const std::string& operator_name);

    Ending prepare(const bays::BayPort& bay, const BoardOrder& order,
                   const events::EventSink& events, const std::stop_token& stop) override;
    std::optional<MacAddress> ask(const bays::BayPort& bay, const std::stop_token& stop) override;

    // What boards that are begun now get.
    [[nodiscard]] std::shared_ptr<const RunWork> now() const;

  private:
    struct Current {
        std::shared_ptr<RunWork> work;  // never null
        std::optional<Error> error;     // no board can be begun: firmware_changed (config), …
    };

    // The firmware as it is now: read anew if its files have changed, except within a lot.
    [[nodiscard]] Current current();
    [[nodiscard]] Result<std::shared_ptr<RunWork>> read(const RunOptions& options, bool made)
        IMPRINT_REQUIRES(reading_);
    void tell_changed(const SharedByBoards& shared) const;
    // Of works that no board uses any more.
    void end_former();

    [[nodiscard]] PreflightTools tools() {
        return {surroundings_, clock_, events_, rates_, log_, stop_};
    }

    [[nodiscard]] Ending prepare_with(const Current& current, const bays::BayPort& bay,
                                      const BoardOrder& order, const events::EventSink& events,
                                      const std::stop_token& stop);
    // A port that has just appeared may not be this user's yet, or a probing service's.
    [[nodiscard]] ReadyBay open(const bays::BayPort& bay, const std::stop_token& stop);
    [[nodiscard]] Ending lost(RunWork& work, const prepare::Bay& bay, const Error& error,
                              const events::EventSink& events);

    const prepare::Settings& settings_;
    const Surroundings& surroundings_;
    Clock& clock_;
    const events::EventSink& events_;
    const Log& log_;
    const std::stop_token& stop_;
    bays::RateMemory rates_;
    std::shared_ptr<ledger::Ledger> ledger_;
    // Held while firmware is read and the registry is asked, which takes its time. Taken before
    // the other one.
    Mutex reading_;
    RunOptions chosen_ IMPRINT_GUARDED_BY(reading_);

    std::atomic<bool> lot_owed_ = false;
    mutable Mutex mutex_;  // only held briefly
    // The last one is current.
    std::vector<std::shared_ptr<RunWork>> works_ IMPRINT_GUARDED_BY(mutex_);
    std::vector<FileStamp> stamps_ IMPRINT_GUARDED_BY(mutex_);
};

// Called with the bench while it can be asked for something.
struct BenchUsers {
    std::function<void(Bench&, BenchWorker&)> begin = {};
    std::function<void()> end = {};
};

// Until `options.asked_to_end` or a stop. Errors: those of prepare_boards() before the first board,
// and port_watch.
[[nodiscard]] Result<BenchSummary> run_bench(const prepare::Settings& settings,
                                             const RunOptions& options,
                                             const Surroundings& surroundings, Clock& clock,
                                             const events::EventSink& events, const Log& log,
                                             const BenchUsers& users, const std::stop_token& stop);

}  // namespace imprint::station
