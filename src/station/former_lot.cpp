#include "station/former_lot.h"

namespace imprint::station {

Result<std::string> lot_of_last_run(ledger::Reports& ledger, const std::string& station) {
    const std::string prepares = ledger::RunFacts().command;
    std::string lot;
    IMPRINT_CHECK(ledger.each_run([&](const ledger::RunRecord& run) {
        if (run.merged || run.command != prepares || run.station != station) return true;
        // A start that the power ended before the station had its lot again.
        const bool did_nothing = run.passed == 0 && run.failed == 0 && run.effects == 0;
        if (run.lot.empty() && !run.ended && did_nothing) return true;
        lot = run.lot;
        return false;
    }));
    return lot;
}

}  // namespace imprint::station
