// What Imprint needs of a registry of things: the seam between the order of effects and a cloud.
// src/aws is AWS IoT behind it (the local registry too, which speaks the same); tests/support has a
// fake one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "registry/patience.h"

namespace imprint::registry {

// As AWS IoT has them (API Reference, CertificateDescription: status).
enum class CertificateStatus {
    active,
    inactive,
    revoked,
    pending_transfer,
    register_inactive,
    pending_activation
};
[[nodiscard]] std::string_view to_string(CertificateStatus status);  // "ACTIVE"

struct ThingType {
    std::string name;
    bool deprecated = false;
};

struct Thing {
    std::string name;
    std::string arn;
    std::string type;  // empty: none
    std::map<std::string, std::string> attributes;
    std::int64_t version = 0;
};

// A certificate as it was issued just now: INACTIVE.
struct IssuedCertificate {
    std::string id;
    std::string arn;
    std::string pem;
    Secret private_key_pem;  // of issue_with_key() only
};

struct Certificate {
    std::string id;
    std::string arn;
    CertificateStatus status = CertificateStatus::inactive;
    WallTime created;
    WallTime changed;  // its status, last; not in a listing
    std::string pem;   // not in a listing
};

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

struct Attachments {
    std::vector<std::string> things;
    std::vector<std::string> policies;
};

// What became of a certificate that was to be taken from a thing.
struct Retired {
    bool was_there = true;
    std::vector<std::string> left_to;  // other things that use it: it was only detached
    // INACTIVE, but not deleted yet: the service had not seen its detachment in time. For later.
    bool unfinished = false;
};

// As the first step of that.
struct Deactivated {
    bool was_there = true;
    std::vector<std::string> left_to;  // other things that use it: nothing was done
};

struct Policy {
    std::string name;
    std::string arn;
    std::string document;
};

struct PolicyVersion {
    std::string id;  // "3"
    bool is_default = false;
    WallTime created;
};

// An authority whose certificates register when their devices first connect: PENDING_ACTIVATION,
// and somebody's rule does the rest; or by a provisioning template, carried out in a role.
struct JustInTime {
    std::string template_body;  // empty: none
    std::string role_arn;
};

// Asking changes nothing. What may be missing is an optional; only where it says so.
// Errors: of kind registry. Their code is the service's own name of the error ("AccessDenied…"), or
// registry_unreachable, registry_reply_lost, registry_answer_damaged.
class Reader {
  public:
    virtual ~Reader() = default;

    // What the service's own clock says, by its last answer; before one, this machine's.
    [[nodiscard]] virtual WallTime now() const = 0;
    // For as long as a call may be held back, or shorter.
    [[nodiscard]] virtual Patience patience(Milliseconds most = Milliseconds::max()) const = 0;

    // The broker of its things: "host" or, from a local registry, "host:port".
    [[nodiscard]] virtual Result<std::string> endpoint() = 0;

    [[nodiscard]] virtual Result<std::optional<ThingType>> find_thing_type(
        const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::optional<Thing>> find_thing(const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::vector<std::string>> things_of_type(
        const std::string& type) = 0;
    [[nodiscard]] virtual Result<std::vector<std::string>> groups_of(const std::string& thing) = 0;
    // Of any kind: certificates, and what else may be attached to a thing. Nothing: no such thing.
    [[nodiscard]] virtual Result<std::optional<std::size_t>> count_principals(
        const std::string& thing) = 0;
    // Ids of the thing's certificates but for one. A thing that does not exist has none.
    [[nodiscard]] virtual Result<std::vector<std::string>> certificates_of(
        const std::string& thing, const std::string& except = {}) = 0;

    [[nodiscard]] virtual Result<std::optional<Certificate>> find_certificate(
        const std::string& id) = 0;
    // Nothing: the certificate is not there (any more).
    [[nodiscard]] virtual Result<std::optional<Attachments>> attachments(
        const std::string& certificate_arn) = 0;
    // Newest first; visit returns false to stop.
    [[nodiscard]] virtual Result<void> each_certificate(
        const std::function<bool(const Certificate&)>& visit) = 0;
    // things: that the certificate's board is, or has been.
    [[nodiscard]] virtual Result<std::optional<Principal>> look_at(
        const std::string& certificate_id, const std::set<std::string>& things) = 0;
    // ACTIVE, and attached to its thing, and seen to be both: waits for it, as long as a call may
    // be held back or shorter. Error: identity_lost: somebody has taken it away, or it does not
    // come about in time.
    [[nodiscard]] virtual Result<void> await_in_force(const std::string& thing,
                                                      const std::string& certificate_id,
                                                      Milliseconds most = Milliseconds::max()) = 0;
    // The id of the INACTIVE certificate for this public key, among those made since `not_before`
    // (less a few minutes for clocks that differ). Error: orphan_search_too_long: there are too
    // many.
    [[nodiscard]] virtual Result<std::optional<std::string>> find_orphan(
        const std::string& public_pem, WallTime not_before) = 0;

    [[nodiscard]] virtual Result<std::optional<Policy>> find_policy(const std::string& name) = 0;
    // Newest first.
    [[nodiscard]] virtual Result<std::vector<PolicyVersion>> policy_versions(
        const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::string> policy_document(const std::string& name,
                                                              const std::string& version) = 0;
    // What an authority's owner has to sign to show that it is theirs.
    [[nodiscard]] virtual Result<std::string> registration_code() = 0;
};

// What is changed may be changed again from any point at which it was broken off, but for what
// issues: a request for a certificate whose answer is lost is found again by find_orphan(). Safe to
// call from many threads.
class Registry : public Reader {
  public:
    // Error: thing_type_deprecated: no thing can be given it.
    [[nodiscard]] virtual Result<void> ensure_thing_type(const std::string& name) = 0;
    [[nodiscard]] virtual Result<void> ensure_groups(const std::vector<std::string>& names) = 0;
    // Creates the thing, or brings type and attributes of an existing one in line (attributes that
    // are not named stay), and puts it into the groups.
    [[nodiscard]] virtual Result<void> ensure_thing(
        const std::string& name, const std::string& type,
        const std::map<std::string, std::string>& attributes,
        const std::vector<std::string>& groups) = 0;
    // Without what is attached to it; waits for detachments that are not seen yet.
    [[nodiscard]] virtual Result<void> delete_thing(const std::string& name) = 0;

    // INACTIVE.
    [[nodiscard]] virtual Result<IssuedCertificate> issue(const std::string& csr_pem) = 0;
    [[nodiscard]] virtual Result<IssuedCertificate> issue_with_key() = 0;
    // A certificate of the owner's authority: registered INACTIVE, or found there already. Gives
    // its ARN. ca_pem empty: without the authority known to the registry.
    [[nodiscard]] virtual Result<std::string> ensure_registered(const std::string& id,
                                                                const std::string& pem,
                                                                const std::string& ca_pem) = 0;
    // Policy first, thing second: a certificate that is found on a thing has its policy. What was
    // made a moment ago, and is not seen yet, is waited for.
    [[nodiscard]] virtual Result<void> attach(const std::string& certificate_id,
                                              const std::string& certificate_arn,
                                              const std::string& thing,
                                              const std::string& policy) = 0;
    // Waits for a certificate that was made a moment ago.
    [[nodiscard]] virtual Result<void> activate(const std::string& certificate_id) = 0;
    // INACTIVE, whoever uses it. Gives false where it is not there.
    [[nodiscard]] virtual Result<bool> make_inactive(const std::string& certificate_id) = 0;
    // INACTIVE, unless other things than these use it. What somebody has revoked stays so.
    [[nodiscard]] virtual Result<Deactivated> deactivate(const std::string& certificate_id,
                                                         const std::set<std::string>& things) = 0;
    // One that is these things' alone is deactivated, detached from its policies and things,
    // deleted. One that other things use as well is detached from these, and else left as it is.
    // What is gone already is no error; each step waits for the effect of the one before.
    // most: how long to wait for that.
    [[nodiscard]] virtual Result<Retired> retire(const std::string& certificate_id,
                                                 const std::set<std::string>& things,
                                                 Milliseconds most = Milliseconds::max()) = 0;

    // Error: a policy of that name with another document is ResourceAlreadyExistsException.
    [[nodiscard]] virtual Result<void> create_policy(const std::string& name,
                                                     const std::string& document) = 0;
    // The new one is the default. Gives its number.
    [[nodiscard]] virtual Result<std::string> add_policy_version(const std::string& name,
                                                                 const std::string& document) = 0;
    [[nodiscard]] virtual Result<void> set_default_policy_version(const std::string& name,
                                                                  const std::string& version) = 0;
    [[nodiscard]] virtual Result<void> delete_policy_version(const std::string& name,
                                                             const std::string& version) = 0;

    // An authority whose certificates may be registered: ACTIVE from the start. Gives its id; none
    // where it is there already.
    [[nodiscard]] virtual Result<std::optional<std::string>> register_authority(
        const std::string& ca_pem, const std::string& verification_pem,
        const std::optional<JustInTime>& just_in_time) = 0;
    [[nodiscard]] virtual Result<void> update_authority(const std::string& id,
                                                        const JustInTime& just_in_time) = 0;
    // A whole registration in one call, by a provisioning template (AWS IoT Developer Guide,
    // "Provisioning templates"). name: of the thing.
    [[nodiscard]] virtual Result<void> register_by_template(
        const std::string& name, const std::string& template_body,
        const std::map<std::string, std::string>& parameters) = 0;
};

// What is said of a thing type that no thing can be given.
[[nodiscard]] std::unexpected<Error> thing_type_deprecated(const std::string& name);

// The registry could not be asked, as against: it has answered.
[[nodiscard]] bool is_out_of_reach(const Error& error);

}  // namespace imprint::registry
