// Registrations that a station owes since it worked offline: carried out from the ledger's queue.
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
    std::string ca_pem;  // for those that are registered with their authority
    prepare::RivalRules rivals = {};
    Log log = {};
    unsigned workers = 1;
    std::function<bool()> stopped = [] { return false; };
};

struct PushReport {
    std::string thing;
    std::string certificate_id;
    bool superseded = false;  // a later certificate of the board has taken its place
    unsigned retired = 0;     // former certificates of the thing that went
};

struct PushSummary {
    std::size_t pushed = 0;
    std::size_t superseded = 0;
    std::size_t failed = 0;
    bool stopped = false;
};

// Drains the ledger's queue: thing, certificate (INACTIVE), policy and thing attached, ACTIVE,
// former certificates away. Each of it may have been done before: killed anywhere, it goes on where
// it was. visit gets each identity with what became of it, from any worker, one at a time; one that
// fails stays in the queue. Error: the ledger's, and what makes all fail alike (credentials).
[[nodiscard]] Result<PushSummary> push_queue(
    prepare::RecordedRegistry& registry, ledger::Ledger& ledger, const PushOptions& options,
    const std::function<void(const ledger::QueuedRegistration&, const Result<PushReport>&)>& visit);

}  // namespace imprint::fleet
