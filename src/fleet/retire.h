// Takes a thing out of service: lost, returned, scrapped. Its certificates are made INACTIVE,
// detached and deleted, so that nobody can connect with them again; the reason is kept in the
// ledger.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"

namespace imprint::fleet {

struct Retirement {
    std::string thing;
    std::string reason;         // for the ledger; not empty
    bool delete_thing = false;  // false: it stays, without a certificate
};

struct RetireReport {
    std::vector<std::string> certificates;  // those that existed
    bool thing_deleted = false;
};

// Safe to repeat after any interruption. Errors: those of registry and ledger; thing_unknown
// (registry): neither of them knows it.
[[nodiscard]] Result<RetireReport> retire(prepare::RecordedRegistry& registry,
                                          ledger::Ledger& ledger, const Retirement& what,
                                          const Log& log = {});

}  // namespace imprint::fleet
