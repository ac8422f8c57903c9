#include "fleet/former.h"

#include <set>
#include <string>
#include <vector>

#include "prepare/retirement.h"

namespace imprint::fleet {

Result<prepare::Rivals> look_for_rivals(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                                        const ledger::CertificateRecord& kept,
                                        const prepare::RivalRules& rules, const Log& log) {
    IMPRINT_TRY(const auto records, ledger.certificates(kept.mac));
    prepare::KnownCertificates known = prepare::known_of(records);
    known.living.insert(kept.id);
    prepare::Rivals rivals(registry, kept.thing, rules, log);
    IMPRINT_CHECK(rivals.look(known));
    return rivals;
}

Result<void> put_in_force(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                          const ledger::CertificateRecord& record, const prepare::Rivals& rivals) {
    IMPRINT_TRY(const auto records, ledger.certificates(record.mac));
    const auto known = prepare::known_of(records);
    IMPRINT_CHECK(registry.activate(record.id));
    auto alone = registry.await_in_force(record.thing, record.id);
    if (alone) alone = rivals.settle(record.id, known);
    if (!alone) IMPRINT_CHECK(registry.for_rollback().make_inactive(record.id));
    return alone;
}

Result<unsigned> retire_former(prepare::RecordedRegistry& registry, ledger::Ledger& ledger,
                               const ledger::CertificateRecord& kept, const prepare::Rivals& rivals,
                               const Log& log) {
    std::vector<std::string> former;
    for (const auto& one : rivals.former())
        former.push_back(one.id);
    IMPRINT_TRY(auto records, ledger.certificates(kept.mac));
    // A later one is not former: the board has been prepared again meanwhile.
    std::erase_if(records, [&](const auto& record) { return record.row > kept.row; });
    ledger::add_living(former, records, kept.id);
    unsigned retired = 0;
    for (const auto& id : former) {
        IMPRINT_TRY(const auto one,
                    prepare::retire_and_record(registry, ledger, kept.thing, id, log));
        if (one.was_there && one.left_to.empty()) ++retired;
    }
    return retired;
}

}  // namespace imprint::fleet
