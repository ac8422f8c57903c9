#include "station/former_lot.h"

namespace imprint::station {

Result<std::string> lot_of_last_run(ledger::Reports& ledger, const std::string& station,
                                    const std::string& host) {
    const std::string prepares = ledger::RunFacts().command;
    std::string lot;
    ledger::RunId last = 0;
    IMPRINT_CHECK(ledger.each_run([&](const ledger::RunRecord& run) {
        const bool is_its_own = run.station == station && run.host == host && !run.merged;
        // A start that ended before the station had its lot again.
        const bool did_nothing = run.passed == 0 && run.failed == 0 && run.effects == 0;
        const bool is_none = run.lot.empty() && did_nothing;
        // By the order in which they were written: the clock may have been set back.
        if (is_its_own && run.command == prepares && !is_none && run.id > last) {
            last = run.id;
            lot = run.lot;
        }
        return true;
    }));
    return lot;
}

}  // namespace imprint::station
