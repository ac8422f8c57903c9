// What preparing, rotating and retiring do in the registry, each a few idempotent calls: any of
// them may be run again from any point at which it was broken off.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "registry/iot_client.h"

namespace imprint::registry {

[[nodiscard]] Result<void> ensure_thing_type(IotClient& iot, const std::string& name);
[[nodiscard]] Result<void> ensure_groups(IotClient& iot, const std::vector<std::string>& names);

// Creates the thing, or brings type and attributes of an existing one in line (attributes that are
// not named stay), and puts it into the groups.
[[nodiscard]] Result<void> ensure_thing(IotClient& iot, const std::string& name,
                                        const std::string& type,
                                        const std::map<std::string, std::string>& attributes,
                                        const std::vector<std::string>& groups);

// A certificate of the owner's authority: registered INACTIVE, or found there already. Gives its
// ARN. ca_pem empty: without the authority known to AWS.
[[nodiscard]] Result<std::string> ensure_registered(IotClient& iot, const std::string& id,
                                                    const std::string& pem,
                                                    const std::string& ca_pem);

// Policy first, thing second: a certificate that is found on a thing has its policy.
[[nodiscard]] Result<void> attach_identity(IotClient& iot, const std::string& thing,
                                           const std::string& certificate_arn,
                                           const std::string& policy);

// Deactivates, detaches from its policies and things, deletes. What is gone already is no error.
[[nodiscard]] Result<void> retire_certificate(IotClient& iot, const std::string& thing,
                                              const std::string& certificate_id);

// Ids of the thing's certificates but for one. A thing that does not exist has none.
[[nodiscard]] Result<std::vector<std::string>> list_former_certificates(IotClient& iot,
                                                                        const std::string& thing,
                                                                        const std::string& keep_id);

// The id of the INACTIVE certificate for this public key, among those made since `not_before` (less
// a few minutes for clocks that differ). Describes 2,000 certificates at the most; more since then
// is error orphan_search_too_long.
[[nodiscard]] Result<std::optional<std::string>> find_orphan_by_public_key(
    IotClient& iot, const std::string& public_pem, WallTime not_before);

}  // namespace imprint::registry
