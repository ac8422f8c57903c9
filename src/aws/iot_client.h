// AWS IoT's control plane, and the shadows of its data plane, as far as Imprint uses them: one
// member per operation, named after the service model
// (botocore/data/iot/2015-05-28/service-2.json).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/credential_source.h"
#include "aws/credentials.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/client.h"
#include "registry/registry.h"
#include "registry/shadows.h"

namespace imprint::aws {

using registry::Certificate;
using registry::CertificateStatus;
using registry::IssuedCertificate;
using registry::JustInTime;
using registry::Patience;
using registry::Policy;
using registry::PolicyVersion;
using registry::Shadow;
using registry::Thing;
using registry::ThingGroup;
using registry::ThingType;

struct IotClientOptions {
    std::string endpoint_url;  // empty: https://iot.<region>.amazonaws.com
    std::string
        data_endpoint_url;  // of shadows; empty: https://data-ats.iot.<region>.amazonaws.com
    std::string region;
    Milliseconds call_deadline{20'000};        // of one attempt
    Milliseconds retry_deadline{60'000};       // of a call with its retries
    std::optional<std::uint64_t> jitter_seed;  // random by default
    std::string when_unreachable;  // the hint of registry_unreachable; empty: the default hint
    // Ends the wait between attempts. Calls after it, which roll back what was begun, are attempted
    // once.
    std::stop_token stop = {};
};

// Errors are of kind registry. Their code is the original error name of the service model
// ("ResourceNotFoundException", "ThrottlingException", …), or registry_unreachable,
// registry_reply_lost, registry_answer_damaged. For expired or refused credentials, the error names
// their source and gives a hint; expired ones are renewed once before that. Reads, and writes that
// the service makes idempotent, are retried on throttling, 5xx and lost replies with backoff and
// jitter until the deadline; CreateCertificateFromCsr and CreateKeysAndCertificate are retried only
// if they were certainly not executed.
class IotClient {
  public:
    IotClient(std::shared_ptr<http::Client> http, CredentialSource credentials,
              IotClientOptions options, Clock& clock, Log log = {});
    IotClient(IotClient&&) noexcept;
    IotClient& operator=(IotClient&&) noexcept;
    ~IotClient();

    // For as long as a call may take with its retries, or shorter.
    [[nodiscard]] Patience patience(Milliseconds most = Milliseconds::max()) const;
    [[nodiscard]] std::string region() const;
    // The time of the service's clock, from its last answer; before the first one, this machine's.
    [[nodiscard]] WallTime now() const;

    // "host" or, from a local registry, "host:port".
    [[nodiscard]] Result<std::string> describe_endpoint();  // iot:Data-ATS

    [[nodiscard]] Result<void> create_thing_type(const std::string& name);
    [[nodiscard]] Result<ThingType> describe_thing_type(const std::string& name);

    [[nodiscard]] Result<Thing> create_thing(const std::string& name, const std::string& type,
                                             const std::map<std::string, std::string>& attributes);
    [[nodiscard]] Result<Thing> describe_thing(const std::string& name);
    // Sets type (if not empty) and merges attributes.
    [[nodiscard]] Result<void> update_thing(const std::string& name, const std::string& type,
                                            const std::map<std::string, std::string>& attributes);
    [[nodiscard]] Result<void> delete_thing(const std::string& name);
    [[nodiscard]] Result<std::vector<std::string>> list_things(std::size_t most = 10'000);
    [[nodiscard]] Result<std::vector<std::string>> list_things_of_type(
        const std::string& type, std::size_t most = 10'000'000);
    [[nodiscard]] Result<void> create_thing_group(const std::string& name);
    [[nodiscard]] Result<ThingGroup> describe_thing_group(const std::string& name);
    [[nodiscard]] Result<void> add_thing_to_thing_group(const std::string& thing,
                                                        const std::string& group);
    [[nodiscard]] Result<std::vector<std::string>> list_thing_groups_for_thing(
        const std::string& thing);

    // set_as_active is always false: a certificate is created INACTIVE.
    [[nodiscard]] Result<IssuedCertificate> create_certificate_from_csr(const std::string& csr_pem);
    [[nodiscard]] Result<IssuedCertificate> create_keys_and_certificate();
    // A certificate of another authority, INACTIVE; returns its ARN. If it is registered already,
    // the error is ResourceAlreadyExistsException (AwsRegistry::ensure_registered accepts that).
    // ca_pem empty: RegisterCertificateWithoutCA; else RegisterCertificate, for which AWS has to
    // know the authority.
    [[nodiscard]] Result<std::string> register_certificate(const std::string& pem,
                                                           const std::string& ca_pem);
    // What the owner of an authority has to sign to prove the ownership.
    [[nodiscard]] Result<std::string> get_registration_code();
    // ACTIVE from the start. Returns its id. ResourceAlreadyExistsException: it is registered
    // already.
    [[nodiscard]] Result<std::string> register_ca_certificate(
        const std::string& ca_pem, const std::string& verification_pem,
        const std::optional<JustInTime>& just_in_time);
    // ACTIVE, and its certificates are registered just in time.
    [[nodiscard]] Result<void> update_ca_certificate(const std::string& id,
                                                     const JustInTime& just_in_time);
    // A whole registration in one call, by a provisioning template (AWS IoT Developer Guide,
    // "Provisioning templates"). Returns the resources' ARNs by their logical names.
    [[nodiscard]] Result<std::map<std::string, std::string>> register_thing(
        const std::string& template_body, const std::map<std::string, std::string>& parameters);
    [[nodiscard]] Result<Certificate> describe_certificate(const std::string& id);
    [[nodiscard]] Result<void> update_certificate(const std::string& id, CertificateStatus status);
    [[nodiscard]] Result<void> delete_certificate(const std::string& id);
    // Newest first; visit returns false to stop the paging.
    [[nodiscard]] Result<void> list_certificates(
        const std::function<bool(const Certificate&)>& visit);

    [[nodiscard]] Result<Policy> get_policy(const std::string& name);
    // If a policy of that name has another document, the error is ResourceAlreadyExistsException,
    // even if the first reply was lost.
    [[nodiscard]] Result<Policy> create_policy(const std::string& name,
                                               const std::string& document);
    // Its versions, newest first; a policy has at most five.
    [[nodiscard]] Result<std::vector<PolicyVersion>> list_policy_versions(const std::string& name);
    [[nodiscard]] Result<std::string> get_policy_version(const std::string& name,
                                                         const std::string& version);  // document
    // Returns its number. A lost reply is final: an extra version can be found by its document.
    [[nodiscard]] Result<std::string> create_policy_version(const std::string& name,
                                                            const std::string& document,
                                                            bool set_as_default);
    [[nodiscard]] Result<void> set_default_policy_version(const std::string& name,
                                                          const std::string& version);
    [[nodiscard]] Result<void> delete_policy_version(const std::string& name,
                                                     const std::string& version);
    [[nodiscard]] Result<void> attach_policy(const std::string& policy,
                                             const std::string& target_arn);
    [[nodiscard]] Result<void> detach_policy(const std::string& policy,
                                             const std::string& target_arn);
    [[nodiscard]] Result<std::vector<std::string>> list_attached_policies(
        const std::string& target_arn,
        bool recursive = false);  // names; recursive: of a group's ancestors too

    [[nodiscard]] Result<void> attach_thing_principal(const std::string& thing,
                                                      const std::string& principal_arn);
    [[nodiscard]] Result<void> detach_thing_principal(const std::string& thing,
                                                      const std::string& principal_arn);
    [[nodiscard]] Result<std::vector<std::string>> list_thing_principals(const std::string& thing);
    [[nodiscard]] Result<std::vector<std::string>> list_principal_things(
        const std::string& principal_arn);

    // The data plane (iot-data/2015-05-28). name empty: the classic shadow. Returns the shadow's
    // document; ResourceNotFoundException: there is none.
    [[nodiscard]] Result<Shadow> get_thing_shadow(const std::string& thing,
                                                  const std::string& name);
    // document: JSON, {"state": {"desired" …, "reported" …}}; values that are null are removed.
    // Returns what was accepted. With a "version" that is not the shadow's, ConflictException; a
    // lost reply is then final, since the answer to a repeated request would not tell whose update
    // came first.
    [[nodiscard]] Result<Shadow> update_thing_shadow(const std::string& thing,
                                                     const std::string& name,
                                                     const std::string& document);
    [[nodiscard]] Result<void> delete_thing_shadow(const std::string& thing,
                                                   const std::string& name);

  private:
    class Calls;
    std::unique_ptr<Calls> calls_;
};

[[nodiscard]] bool is_not_found(const Error& error);
// "arn:aws:iot:eu-west-1:123456789012:cert/<id>" → id
[[nodiscard]] std::optional<std::string> certificate_id_of_arn(const std::string& arn);

}  // namespace imprint::aws
