#include "station/scanner.h"

#include <fmt/format.h>
#include <utility>

namespace imprint::station {

namespace {

Result<void> bay_is_known(bool known, const std::string& bay) {
    if (known) return {};
    return fail(
        ErrorKind::usage, "bay_unknown",
        bay.empty() ? std::string("no bay is there yet") : fmt::format("there is no bay {}", bay),
        "plug a board in; station.bays names bays");
}

}  // namespace

Result<void> press(Bench& bench, const BenchKey& key) {
    return bay_is_known(bench.press(key), key.bay);
}

Result<Scan> Scanner::take(std::string_view text, const std::string& operator_name,
                           const std::string& bay) {
    IMPRINT_TRY(const auto ledger, open_());
    ScanPlace place{
        .bays = bench_.bays(), .lot = worker_.now()->shared().lot, .serial_template = {}};
    if (!place.lot.empty()) {
        IMPRINT_TRY(const auto lot, ledger->find_lot(place.lot));
        if (lot) place.serial_template = lot->facts.serial_template;
    }
    IMPRINT_TRY(Scan scan, read_scan(text, place, *ledger));
    if (const auto* key = std::get_if<BenchKey>(&scan)) IMPRINT_CHECK(press(bench_, *key));
    if (const auto* lot = std::get_if<LotScan>(&scan))
        IMPRINT_CHECK(worker_.choose(lot->lot, operator_name));
    if (const auto* serial = std::get_if<SerialScan>(&scan))
        IMPRINT_CHECK(bay_is_known(bench_.scan({serial->serial, bay, place.lot}), bay));
    return scan;
}

}  // namespace imprint::station
