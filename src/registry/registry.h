// The interface to a registry of things, between the order of effects and a cloud. src/aws
// implements it for AWS IoT (and for the local registry, which has the same API); tests/registry
// has a fake.
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

// As in AWS IoT (API Reference, CertificateDescription: status).
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

struct ThingGroup {
    std::string name;
    std::string arn;
    std::string root;         // the top of its hierarchy: itself, where nothing is above it
    bool is_dynamic = false;  // a query fills it, and nothing else
};

struct Thing {
    std::string name;
    std::string arn;
    std::string type;  // empty: none
    std::map<std::string, std::string> attributes;
    std::int64_t version = 0;
};

// A certificate that was just issued: INACTIVE.
struct IssuedCertificate {
    std::string id;
    std::string arn;
    std::string pem;
    Secret private_key_pem;  // only from issue_with_key()
};

struct Certificate {
    std::string id;
    std::string arn;
    CertificateStatus status = CertificateStatus::inactive;
    WallTime created;
    WallTime changed;  // of its status, last; not in a listing
    std::string pem;   // not in a listing
};

// A certificate as a principal of a thing. A board may have had several things over time.
struct Principal {
    std::string id;
    std::string arn;
    CertificateStatus status = CertificateStatus::inactive;
    WallTime created;
    WallTime changed;                       // of its status, last
    std::vector<std::string> own_things;    // those of the named things that it is attached to
    std::vector<std::string> other_things;  // that use it as well

    [[nodiscard]] bool is_shared() const { return !other_things.empty(); }
};

struct Attachments {
    std::vector<std::string> things;
    std::vector<std::string> policies;
};

// The outcome of retiring a certificate from a thing.
struct Retired {
    bool was_there = true;
    std::vector<std::string> left_to;  // other things that use it: it was only detached
    // INACTIVE, but not deleted yet: the service did not see the detachment in time. To be retried.
    bool unfinished = false;
};

// The outcome of the first step of that.
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

// An authority whose certificates are registered when their devices first connect: as
// PENDING_ACTIVATION, for somebody's rule to complete; or by a provisioning template that runs in a
// role.
struct JustInTime {
    std::string template_body;  // empty: none
    std::string role_arn;
};

// Read-only calls. An optional is empty only where the comment says when.
// Errors: of kind registry. Their code is the service's own name of the error ("AccessDenied…"), or
// registry_unreachable, registry_reply_lost, registry_answer_damaged.
class Reader {
  public:
    virtual ~Reader() = default;

    // The time of the service's clock, from its last answer; before the first one, this machine's.
    [[nodiscard]] virtual WallTime now() const = 0;
    // For as long as a call may take with its retries, or shorter.
    [[nodiscard]] virtual Patience patience(Milliseconds most = Milliseconds::max()) const = 0;

    // AWS's name of the region that it is in.
    [[nodiscard]] virtual std::string region() const = 0;
    // The broker's endpoint: "host" or, from a local registry, "host:port".
    [[nodiscard]] virtual Result<std::string> endpoint() = 0;

    [[nodiscard]] virtual Result<std::optional<ThingType>> find_thing_type(
        const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::optional<Thing>> find_thing(const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::vector<std::string>> things_of_type(
        const std::string& type) = 0;
    [[nodiscard]] virtual Result<std::vector<std::string>> groups_of(const std::string& thing) = 0;
    // Principals of any kind: certificates and whatever else can be attached to a thing. Nothing:
    // no such thing.
    [[nodiscard]] virtual Result<std::optional<std::size_t>> count_principals(
        const std::string& thing) = 0;
    // Ids of the thing's certificates, except one. A thing that does not exist has none.
    [[nodiscard]] virtual Result<std::vector<std::string>> certificates_of(
        const std::string& thing, const std::string& except = {}) = 0;

    [[nodiscard]] virtual Result<std::optional<Certificate>> find_certificate(
        const std::string& id) = 0;
    // Nothing: the certificate does not exist (any more).
    [[nodiscard]] virtual Result<std::optional<Attachments>> attachments(
        const std::string& certificate_arn) = 0;
    // Newest first; visit returns false to stop.
    [[nodiscard]] virtual Result<void> each_certificate(
        const std::function<bool(const Certificate&)>& visit) = 0;
    // things: all that the certificate's board is or has been.
    [[nodiscard]] virtual Result<std::optional<Principal>> look_at(
        const std::string& certificate_id, const std::set<std::string>& things) = 0;
    // Waits until the certificate is seen to be ACTIVE and attached to its thing, for as long as a
    // call may take with its retries, or shorter. Error: identity_lost: somebody has removed it, or
    // the wait timed out.
    [[nodiscard]] virtual Result<void> await_in_force(const std::string& thing,
                                                      const std::string& certificate_id,
                                                      Milliseconds most = Milliseconds::max()) = 0;
    // The id of the INACTIVE certificate for this public key, among those created since
    // `not_before` (minus a few minutes for clock differences). Error: orphan_search_too_long:
    // there are too many.
    [[nodiscard]] virtual Result<std::optional<std::string>> find_orphan(
        const std::string& public_pem, WallTime not_before) = 0;

    [[nodiscard]] virtual Result<std::optional<Policy>> find_policy(const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::optional<ThingGroup>> find_group(const std::string& name) = 0;
    // The names of those attached to it and to the groups above it. Nothing: it is gone.
    [[nodiscard]] virtual Result<std::optional<std::vector<std::string>>> policies_of_group(
        const ThingGroup& group) = 0;
    // Newest first.
    [[nodiscard]] virtual Result<std::vector<PolicyVersion>> policy_versions(
        const std::string& name) = 0;
    [[nodiscard]] virtual Result<std::string> policy_document(const std::string& name,
                                                              const std::string& version) = 0;
    // What the owner of an authority has to sign to prove the ownership.
    [[nodiscard]] virtual Result<std::string> registration_code() = 0;
};

// Any change may be repeated after an interruption at any point, except issuing: a certificate
// whose request was not answered is found again by find_orphan(). Safe to call from many threads.
class Registry : public Reader {
  public:
    // Error: thing_type_deprecated: no new thing can have this type.
    [[nodiscard]] virtual Result<void> ensure_thing_type(const std::string& name) = 0;
    [[nodiscard]] virtual Result<void> ensure_groups(const std::vector<std::string>& names) = 0;
    // Creates the thing, or updates type and attributes of an existing one (attributes that are not
    // named stay), and adds it to the groups.
    [[nodiscard]] virtual Result<void> ensure_thing(
        const std::string& name, const std::string& type,
        const std::map<std::string, std::string>& attributes,
        const std::vector<std::string>& groups) = 0;
    // Deletes the thing only, not what is attached to it; waits for detachments to take effect.
    [[nodiscard]] virtual Result<void> delete_thing(const std::string& name) = 0;

    // INACTIVE.
    [[nodiscard]] virtual Result<IssuedCertificate> issue(const std::string& csr_pem) = 0;
    [[nodiscard]] virtual Result<IssuedCertificate> issue_with_key() = 0;
    // Registers a certificate of the owner's authority as INACTIVE, or finds it registered already.
    // Returns its ARN. ca_pem empty: the registry does not know the authority.
    [[nodiscard]] virtual Result<std::string> ensure_registered(const std::string& id,
                                                                const std::string& pem,
                                                                const std::string& ca_pem) = 0;
    // Policy first, thing second: a certificate that is found on a thing has its policy. Waits for
    // things and certificates that were just made and are not visible yet.
    [[nodiscard]] virtual Result<void> attach(const std::string& certificate_id,
                                              const std::string& certificate_arn,
                                              const std::string& thing,
                                              const std::string& policy) = 0;
    // Waits for a certificate that was just made.
    [[nodiscard]] virtual Result<void> activate(const std::string& certificate_id) = 0;
    // INACTIVE, whoever uses it. Returns false if it does not exist.
    [[nodiscard]] virtual Result<bool> make_inactive(const std::string& certificate_id) = 0;
    // INACTIVE, unless other things than these use it. A REVOKED certificate stays so.
    [[nodiscard]] virtual Result<Deactivated> deactivate(const std::string& certificate_id,
                                                         const std::set<std::string>& things) = 0;
    // A certificate that only these things use is deactivated, detached from its policies and
    // things, and deleted. If other things use it too, it is detached from these and otherwise left
    // as it is. What is gone already is no error; each step waits for the effect of the one before.
    // most: how long to wait for that.
    [[nodiscard]] virtual Result<Retired> retire(const std::string& certificate_id,
                                                 const std::set<std::string>& things,
                                                 Milliseconds most = Milliseconds::max()) = 0;

    // Error: a policy of that name with another document is ResourceAlreadyExistsException.
    [[nodiscard]] virtual Result<void> create_policy(const std::string& name,
                                                     const std::string& document) = 0;
    // The new version becomes the default. Returns its number.
    [[nodiscard]] virtual Result<std::string> add_policy_version(const std::string& name,
                                                                 const std::string& document) = 0;
    [[nodiscard]] virtual Result<void> set_default_policy_version(const std::string& name,
                                                                  const std::string& version) = 0;
    [[nodiscard]] virtual Result<void> delete_policy_version(const std::string& name,
                                                             const std::string& version) = 0;

    // Registers an authority whose certificates may be registered: ACTIVE from the start. Returns
    // its id; none if it is registered already.
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

// The error for a thing type that no new thing can have.
[[nodiscard]] std::unexpected<Error> thing_type_deprecated(const std::string& name);

// Whether the registry could not be asked, as opposed to having answered.
[[nodiscard]] bool is_out_of_reach(const Error& error);

}  // namespace imprint::registry
