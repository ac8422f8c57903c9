// Registrations that a station owes because it worked offline: executed from the ledger's queue.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"
#include "prepare/rivals.h"

namespace imprint::fleet {

struct PushOptions {
    std::string ca_pem;  // for certificates that are registered with their authority
    prepare::RivalRules rivals = {};
    Log log = {};
    unsigned workers = 1;
    std::function<bool()> stopped = [] { return false; };
};

struct PushReport {
    std::string thing;
    std::string certificate_id;
    bool superseded = false;  // the board has a later certificate
    unsigned retired = 0;     // former certificates of the thing that were retired
};

struct PushSummary {
    std::size_t pushed = 0;
    std::size_t superseded = 0;
    std::size_t failed = 0;
    bool stopped = false;
};

// Processes the ledger's queue: creates the thing and the certificate (INACTIVE), attaches policy
// and thing, activates, retires former certificates. Any of these steps may have been done before:
// if it is killed, the next call continues from there. visit gets each identity with its outcome,
// from any worker, one at a time; one that fails stays in the queue. Error: the ledger's, and what
// makes all fail alike (credentials).
[[nodiscard]] Result<PushSummary> push_queue(
    prepare::RecordedRegistry& registry, ledger::Ledger& ledger, const PushOptions& options,
    const std::function<void(const ledger::QueuedRegistration&, const Result<PushReport>&)>& visit);

}  // namespace imprint::fleet
