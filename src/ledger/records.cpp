#include "ledger/records.h"

#include <algorithm>

#include "ledger/ledger.h"
#include "ledger/record_names.h"

namespace imprint::ledger {

std::string_view to_string(CertificateState state) {
    return name_of(state_names, state);
}

std::string_view to_string(Outcome outcome) {
    return name_of(outcome_names, outcome);
}

void add_living(std::vector<std::string>& ids, const std::vector<CertificateRecord>& records,
                const std::string& keep) {
    for (const CertificateRecord& record : records)
        if (!record.id.empty() && record.id != keep && record.state != CertificateState::gone &&
            std::ranges::find(ids, record.id) == ids.end())
            ids.push_back(record.id);
}

Result<std::vector<AttemptRecord>> attempts(Reports& ledger, const std::optional<MacAddress>& mac,
                                            std::size_t most) {
    std::vector<AttemptRecord> records;
    if (most == 0) return records;
    IMPRINT_CHECK(ledger.each_attempt(mac, [&](const AttemptRecord& record) {
        records.push_back(record);
        return records.size() < most;
    }));
    return records;
}

}  // namespace imprint::ledger
