// A policy's versions: AWS IoT keeps five, and uses the default one (AWS IoT Developer Guide,
// "AWS IoT Core policies").
#pragma once

#include <string>

#include "base/error.h"
#include "events/words.h"
#include "prepare/recorded_registry.h"

namespace imprint::fleet {

using events::PolicyChange;

struct PolicyPutReport {
    PolicyChange change = PolicyChange::none;
    std::string version;  // the default one now; empty where it was created
    std::string pruned;   // version that was deleted to make room; empty: none
};

// Makes the document the policy's default version. If there are five versions, the oldest one that
// is not the default is deleted. Safe to repeat after any interruption.
[[nodiscard]] Result<PolicyPutReport> put_policy(prepare::RecordedRegistry& registry,
                                                 const std::string& name,
                                                 const std::string& document);

}  // namespace imprint::fleet
