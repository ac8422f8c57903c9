// The work on the boards of one run, and its record: what one-shot runs and a living bench share.
#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "events/event.h"
#include "ledger/ledger.h"
#include "prepare/board_job.h"
#include "prepare/settings.h"
#include "station/preflight.h"
#include "station/run.h"
#include "transport/port.h"

namespace imprint::station {

// Between begin() and end(), boards are prepared from many threads.
class RunWork {
  public:
    // settings, clock and ledger outlive it.
    RunWork(const prepare::Settings& settings, RunOptions options, SharedByBoards shared,
            ledger::Ledger& ledger, Clock& clock, events::EventSink events, Log log)
        : settings_(settings),
          options_(std::move(options)),
          shared_(std::move(shared)),
          ledger_(ledger),
          clock_(clock),
          events_(std::move(events)),
          log_(std::move(log)) {}

    // Also has the registry made ready for the run. On an error nothing is begun.
    [[nodiscard]] Result<void> begin();
    // Written down with what it came to: prepare() and take_lost() have counted.
    [[nodiscard]] Result<void> end();

    struct OneBoard {
        const prepare::Bay& bay;
        transport::Port& port;
        prepare::Again again = {};
        events::EventSink events;
        std::stop_token stop;
        std::string serial = {};  // that was scanned for it
    };

    // seen: the board's MAC address, once it is identified.
    [[nodiscard]] Result<prepare::PreparedBoard> prepare(const OneBoard& board,
                                                         std::optional<MacAddress>& seen);
    // A bay whose board was never looked at, or whose thread ended by a bug: it has its row and its
    // event too.
    void take_lost(const prepare::Bay& bay, const Error& error, const events::EventSink& events);

    [[nodiscard]] const SharedByBoards& shared() const { return shared_; }

  private:
    void count_failure(const Error& error);
    [[nodiscard]] ledger::RunFacts facts() const;
    [[nodiscard]] Result<void> ensure_cloud();
    [[nodiscard]] loader::ConnectOptions connect_options() const;
    [[nodiscard]] std::function<Result<void>(const prepare::Identity&, const MacAddress&,
                                             const std::string&, const std::stop_token&)>
    proof() const;

    const prepare::Settings& settings_;
    RunOptions options_;
    SharedByBoards shared_;
    ledger::Ledger& ledger_;
    Clock& clock_;
    events::EventSink events_;
    Log log_;
    ledger::RunId run_ = 0;
    std::atomic<unsigned> passed_ = 0;
    std::atomic<unsigned> failed_ = 0;
    loader::ConnectOptions connect_;
};

}  // namespace imprint::station
