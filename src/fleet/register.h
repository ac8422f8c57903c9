// Registers minted identities: INACTIVE, since no board is verified yet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "minted/store.h"
#include "prepare/recorded_registry.h"
#include "prepare/settings.h"

namespace imprint::fleet {

struct RegisterOptions {
    std::string lot;
    std::string ca_pem;     // empty: the registry does not know the authority
    bool one_call = false;  // RegisterThing with a provisioning template
    unsigned workers = 64;
    std::function<bool()> stopped = [] { return false; };
};

struct RegisterSummary {
    std::int64_t registered = 0;
    std::int64_t failed = 0;
    bool stopped = false;
};

// Registers each identity that is not registered yet; one that fails stays unregistered. visit gets
// each with its outcome, from any worker, one at a time. Error: the store's.
[[nodiscard]] Result<RegisterSummary> register_identities(
    prepare::RecordedRegistry& registry, minted::MintedStore& store,
    const prepare::IdentitySettings& settings, const RegisterOptions& options,
    const std::function<void(const minted::MintedIdentity&, const Result<void>&)>& visit);

}  // namespace imprint::fleet
