#include "station/label_run.h"

#include <fmt/format.h>
#include <utility>

#include "ledger/sqlite_ledger.h"
#include "loader/chip.h"
#include "prepare/identity.h"

namespace imprint::station {

namespace {

// A ledger that is busy for longer is asked again: at a run's end somebody waits.
constexpr Milliseconds patience(5'000);

// A board of this lot as there could be one.
label::Values likely_values(const prepare::Settings& settings, const std::string& lot) {
    label::Values values = label::sample_values();
    values.thing = prepare::fill_in(settings.identity.thing_name, values.mac, lot);
    values.lot = lot;
    values.station = settings.station.name;
    values.operator_name = settings.station.operator_name;
    return values;
}

}  // namespace

Result<label::Drawing> label_of(const prepare::Settings& settings, const label::Template& sheet,
                                const MacAddress& mac, Clock& clock, const Log& log) {
    IMPRINT_TRY(const auto ledger, ledger::open_reports(settings.ledger.path, clock,
                                                        {.log = log, .patience = patience}));
    return label_of(*ledger, sheet, mac);
}

Result<label::Drawing> label_of(ledger::Reports& ledger, const label::Template& sheet,
                                const MacAddress& mac) {
    IMPRINT_TRY(const auto board, ledger.board(mac));
    if (!board)
        return fail(ErrorKind::ledger, "board_unknown",
                    fmt::format("the ledger knows no board {}", mac.id()));
    if (board->state != ledger::BoardState::passed)
        return fail(
            ErrorKind::ledger, "label_not_passed",
            fmt::format("board {} has not passed: it is {}", mac.id(), to_string(board->state)));
    auto values = label::values_of(*board);
    // The ledger has the chip's key; people know its name.
    if (const auto* const chip = loader::chip_by_key(values.chip)) values.chip = chip->name;
    return label::lay_out(sheet, values);
}

Result<label::Template> check_label(const prepare::Settings& settings, const std::string& lot) {
    return label::checked_with(settings.label.sheet, likely_values(settings, lot));
}

LabelRun::LabelRun(events::EventSink next, std::unique_ptr<label::LabelQueue> queue)
    : next_(std::move(next)), queue_(std::move(queue)) {}

Result<LabelRun> LabelRun::start(const prepare::Settings& settings, const std::string& lot,
                                 Clock& clock, const Log& log, events::EventSink next) {
    if (settings.label.printer.empty()) return LabelRun(std::move(next), nullptr);
    IMPRINT_TRY(label::Template sheet, check_label(settings, lot));
    IMPRINT_TRY(const auto address, label::parse_printer(settings.label.printer));
    auto queue = std::make_unique<label::LabelQueue>(
        label::LabelQueue::Target{.name = address.text,
                                  .printer = label::open_printer(address, clock),
                                  .format = label::format_for(address, settings.label.format)},
        [settings, sheet = std::move(sheet), &clock, log](const MacAddress& mac) {
            return label_of(settings, sheet, mac, clock, log);
        },
        next, clock);
    return LabelRun(std::move(next), std::move(queue));
}

events::EventSink LabelRun::sink() const {
    if (!queue_) return next_;
    return [next = next_, queue = queue_.get()](events::Event event) {
        const auto mac =
            events::as<events::BoardPassed>(event) != nullptr ? event.mac : std::nullopt;
        const std::string bay = event.bay;
        next(std::move(event));
        if (mac) queue->add(*mac, bay);
    };
}

Result<void> LabelRun::print_again(const MacAddress& mac) const {
    if (!queue_)
        return fail(ErrorKind::config, "label_printer", "there is no label.printer",
                    "set it in imprint.toml, and start the station again");
    queue_->add(mac, {});
    return {};
}

void LabelRun::finish(const std::stop_token& stop) {
    if (queue_) queue_->finish(stop);
}

}  // namespace imprint::station
