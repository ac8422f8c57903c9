// What preparing, rotating and retiring do in the registry, each a few idempotent calls: any of
// them may be run again from any point at which it was broken off.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aws/iot_client.h"
#include "base/clock.h"
#include "base/error.h"

namespace imprint::aws {

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

// Policy first, thing second: a certificate that is found on a thing has its policy. What was made
// a moment ago, and is not seen yet, is waited for.
[[nodiscard]] Result<void> attach_identity(IotClient& iot, const std::string& thing,
                                           const std::string& certificate_arn,
                                           const std::string& policy);

// A certificate as one of a thing's principals. A board may have had several things, one after the
// other.
struct Principal {
    std::string id;
    std::string arn;
    CertificateStatus status = CertificateStatus::inactive;
    WallTime created;
    WallTime changed;                       // its status, last
    std::vector<std::string> own_things;    // of those that were named, it is attached to
    std::vector<std::string> other_things;  // that use it as well

    [[nodiscard]] bool is_shared() const { return !other_things.empty(); }
};

// Nothing: there is no such certificate (any more).
[[nodiscard]] Result<std::optional<Principal>> look_at_principal(
    IotClient& iot, const std::set<std::string>& things, const std::string& certificate_id);

// Waits for a certificate that was made a moment ago.
[[nodiscard]] Result<void> activate_certificate(IotClient& iot, const std::string& certificate_id);

// ACTIVE, and attached to its thing, and seen to be both: waits for it, as long as a call may be
// held back or shorter. Error: identity_lost (registry): somebody has taken it away, or it does not
// come about in time.
[[nodiscard]] Result<void> await_in_force(IotClient& iot, const std::string& thing,
                                          const std::string& certificate_id,
                                          Milliseconds most = Milliseconds::max());

// What became of a certificate that was to be taken from a thing.
struct Retired {
    bool was_there = true;
    std::vector<std::string> left_to;  // other things that use it: it was only detached
    // INACTIVE, but not deleted yet: the service had not seen its detachment in time. For later.
    bool unfinished = false;
};

// One that is the thing's alone is deactivated, detached from its policies and the thing, deleted.
// One that other things use as well is detached from this thing, and else left as it is. What is
// gone already is no error; each step waits for the effect of the one before.
// most: how long to wait for that.
[[nodiscard]] Result<Retired> retire_certificate(IotClient& iot,
                                                 const std::set<std::string>& things,
                                                 const std::string& certificate_id,
                                                 Milliseconds most = Milliseconds::max());

// As the first step of that.
struct Deactivated {
    bool was_there = true;
    std::vector<std::string> left_to;  // other things that use it: nothing was done
};

[[nodiscard]] Result<Deactivated> deactivate_certificate(IotClient& iot,
                                                         const std::set<std::string>& things,
                                                         const std::string& certificate_id);

// Without what is attached to it; waits for detachments that are not seen yet.
[[nodiscard]] Result<void> delete_thing(IotClient& iot, const std::string& thing);

// Ids of the thing's certificates but for one. A thing that does not exist has none.
[[nodiscard]] Result<std::vector<std::string>> list_former_certificates(IotClient& iot,
                                                                        const std::string& thing,
                                                                        const std::string& keep_id);

// The id of the INACTIVE certificate for this public key, among those made since `not_before` (less
// a few minutes for clocks that differ). Describes 2,000 certificates at the most; more since then
// is error orphan_search_too_long.
[[nodiscard]] Result<std::optional<std::string>> find_orphan_by_public_key(
    IotClient& iot, const std::string& public_pem, WallTime not_before);

}  // namespace imprint::aws
