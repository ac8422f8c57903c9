// The labels of a run: each board that passes gets its own, where label.printer is set.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "events/event.h"
#include "label/queue.h"
#include "ledger/ledger.h"
#include "prepare/settings.h"

namespace imprint::station {

// The label of a board of the ledger. Errors: board_unknown, label_not_passed (ledger); those of
// opening it, and of label::lay_out.
[[nodiscard]] Result<label::Drawing> label_of(const prepare::Settings& settings,
                                              const label::Template& sheet, const MacAddress& mac,
                                              Clock& clock, const Log& log);
// The same of a ledger that is open, for many boards.
[[nodiscard]] Result<label::Drawing> label_of(ledger::Reports& ledger, const label::Template& sheet,
                                              const MacAddress& mac);

// A label could be printed for each board of the lot. Errors: those of label::checked_with.
[[nodiscard]] Result<label::Template> check_label(const prepare::Settings& settings,
                                                  const std::string& lot);

class LabelRun {
  public:
    // Without a printer it does nothing. Errors: those of check_label, before the first board.
    // clock outlives it.
    [[nodiscard]] static Result<LabelRun> start(const prepare::Settings& settings,
                                                const std::string& lot, Clock& clock,
                                                const Log& log, events::EventSink next);

    // Passes every event on; one of a board that has passed puts its label into the queue. No
    // longer used than this lives.
    [[nodiscard]] events::EventSink sink() const;
    // A board's label once more. Error (config): label_printer: there is no printer. From any
    // thread.
    [[nodiscard]] Result<void> print_again(const MacAddress& mac) const;
    // Prints what waits, as far as the printer takes it.
    void finish(const std::stop_token& stop);

  private:
    LabelRun(events::EventSink next, std::unique_ptr<label::LabelQueue> queue);

    events::EventSink next_;
    std::unique_ptr<label::LabelQueue> queue_;  // null: no printer
};

}  // namespace imprint::station
