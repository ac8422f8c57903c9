// The ledger against the registry: what the station recorded, and what the cloud has made of it
// since.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "ledger/ledger.h"
#include "registry/iot_client.h"

namespace imprint::fleet {

struct Difference {
    std::string thing;
    std::string certificate;
    std::string in_ledger;    // "proven"
    std::string in_registry;  // "missing", "INACTIVE", "ACTIVE, attached to no thing", …
    std::string mend;
};

struct Reconciled {
    std::size_t certificates = 0;  // that were compared
    std::size_t differences = 0;
};

// Changes nothing. thing_type: things of it that the ledger has never heard of are differences too;
// empty: not asked for. Errors: those of registry and ledger.
[[nodiscard]] Result<Reconciled> reconcile(registry::IotClient& iot, ledger::Ledger& ledger,
                                           const std::string& thing_type,
                                           const std::function<void(const Difference&)>& visit);

}  // namespace imprint::fleet
