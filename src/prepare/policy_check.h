// What is said, before the first board, of the policies that boards will have: their own, and those
// of the groups that their things go into; and of those groups themselves.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "policy/places.h"
#include "prepare/settings.h"
#include "registry/registry.h"

namespace imprint::prepare {

struct BoardPolicy {
    std::string where;     // for a person: "policy \"lamps\" of thing group \"lamps\""
    std::string document;  // as it is in the registry, or will be
    ErrorKind kind = ErrorKind::registry;
};

// The document of identity.policy.document; empty: none is set. Error: policy_document (config).
[[nodiscard]] Result<std::string> policy_document(const PolicySettings& settings);

// Those of identity.thing_groups that are there, once for all boards. What these credentials may
// not read becomes a note, here and below.
[[nodiscard]] Result<std::vector<registry::ThingGroup>> find_groups(
    registry::Reader& registry, const IdentitySettings& settings, std::vector<std::string>& notes);

// Error: thing_groups_unfit (config): no thing can be in all of them, whichever board it is.
[[nodiscard]] Result<void> check_groups(std::span<const registry::ThingGroup> groups);

// Those of the groups, and of the groups above them.
[[nodiscard]] Result<std::vector<BoardPolicy>> policies_of_groups(
    registry::Reader& registry, std::span<const registry::ThingGroup> groups,
    const IdentitySettings& settings, std::vector<std::string>& notes);

// Weighs what a board will have all together; what is amiss and not refused becomes a note. place:
// where boards connect. Errors, of the policy's kind: policy_wide (as wide as iot:* on *, and
// allow_wide is not set), policy_elsewhere (nothing of it is in this place). A document that this
// program cannot read is not its to refuse: the registry took it.
[[nodiscard]] Result<void> check_policies(std::span<const BoardPolicy> policies,
                                          const PolicySettings& settings,
                                          const policy::Place& place,
                                          std::vector<std::string>& notes);

}  // namespace imprint::prepare
