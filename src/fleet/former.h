// What comes last when a board has got another certificate, for this layer's own sources.
#pragma once

#include "base/error.h"
#include "ledger/ledger.h"
#include "registry/iot_client.h"

namespace imprint::fleet {

// Retires the thing's other certificates, and those of the board that only the ledger still knows;
// none that the board has got after `kept`. Gives how many. Safe to run again.
[[nodiscard]] Result<unsigned> retire_former(registry::IotClient& iot, ledger::Ledger& ledger,
                                             const ledger::CertificateRecord& kept);

}  // namespace imprint::fleet
