#include "fleet/former.h"

#include "registry/identity.h"

namespace imprint::fleet {

Result<unsigned> retire_former(registry::IotClient& iot, ledger::Ledger& ledger,
                               const ledger::CertificateRecord& kept) {
    IMPRINT_TRY(auto former, registry::list_former_certificates(iot, kept.thing, kept.id));
    IMPRINT_TRY(auto records, ledger.certificates(kept.mac));
    // A later one is not former: the board has been prepared again meanwhile.
    std::erase_if(records, [&](const auto& record) { return record.row > kept.row; });
    ledger::add_living(former, records, kept.id);
    unsigned retired = 0;
    for (const auto& id : former) {
        IMPRINT_CHECK(registry::retire_certificate(iot, kept.thing, id));
        IMPRINT_CHECK(ledger.certificate_gone(id));
        ++retired;
    }
    return retired;
}

}  // namespace imprint::fleet
