// A registry in memory, for tests of the order of effects: what each verb of registry::Registry
// comes to, at once, and what can happen to a call. How AWS IoT comes to it, step by step and
// late, is tested in tests/aws and end to end.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"
#include "registry/registry.h"

namespace imprint::registry::testing {

enum class Strike {
    none,
    refused,  // not carried out, and told so
    denied,   // likewise, for want of a permission
    lost,     // carried out, and the answer never came
};

class FakeRegistry final : public Registry {
  public:
    // clock outlives it.
    explicit FakeRegistry(Clock& clock);

    // Asked before each call, with its name ("activate").
    std::function<Strike(const std::string& call)> strike;
    // Called after each call that was carried out, whatever was heard of it.
    std::function<void(const std::string& call)> after;
    // Answers are of another key than was asked for.
    bool issues_for_another_key = false;
    // What is to be deleted is INACTIVE and off its things, and not seen to be so yet.
    bool deletes_later = false;

    // --- what a test looks at, and puts there
    struct HeldCertificate {
        Certificate certificate;  // with its PEM
        std::set<std::string> things;
        std::set<std::string> policies;
    };

    struct HeldPolicy {
        std::map<unsigned, std::string> documents;  // by version
        unsigned in_use = 1;
        unsigned newest = 1;  // a version's number is never given again
    };

    std::map<std::string, HeldCertificate> certificates;  // by id
    std::map<std::string, Thing> things;
    std::map<std::string, std::set<std::string>> groups;             // things by group
    std::map<std::string, std::vector<std::string>> group_policies;  // their names, by group
    std::map<std::string, std::string> group_roots;  // of those that are below another
    std::set<std::string> dynamic_groups;
    std::map<std::string, ThingType> types;
    std::map<std::string, HeldPolicy> policies;

    // As another station, or a script, makes one. Gives its id.
    std::string put(CertificateStatus status, const std::set<std::string>& on_things);
    // id → "ACTIVE", of all there are.
    [[nodiscard]] std::map<std::string, std::string> statuses() const;
    [[nodiscard]] std::set<std::string> active() const;

    [[nodiscard]] WallTime now() const override { return clock_.wall(); }

    [[nodiscard]] std::string region() const override { return "eu-west-1"; }

    [[nodiscard]] Patience patience(Milliseconds most = Milliseconds::max()) const override;
    Result<std::string> endpoint() override;
    Result<std::optional<ThingType>> find_thing_type(const std::string& name) override;
    Result<std::optional<Thing>> find_thing(const std::string& name) override;
    Result<std::vector<std::string>> things_of_type(const std::string& type) override;
    Result<std::vector<std::string>> groups_of(const std::string& thing) override;
    Result<std::optional<std::size_t>> count_principals(const std::string& thing) override;
    Result<std::vector<std::string>> certificates_of(const std::string& thing,
                                                     const std::string& except = {}) override;
    Result<std::optional<Certificate>> find_certificate(const std::string& id) override;
    Result<std::optional<Attachments>> attachments(const std::string& certificate_arn) override;
    Result<void> each_certificate(const std::function<bool(const Certificate&)>& visit) override;
    Result<std::optional<Principal>> look_at(const std::string& certificate_id,
                                             const std::set<std::string>& of) override;
    Result<void> await_in_force(const std::string& thing, const std::string& certificate_id,
                                Milliseconds most = Milliseconds::max()) override;
    Result<std::optional<std::string>> find_orphan(const std::string& public_pem,
                                                   WallTime not_before) override;
    Result<std::optional<Policy>> find_policy(const std::string& name) override;
    Result<std::optional<ThingGroup>> find_group(const std::string& name) override;
    Result<std::optional<std::vector<std::string>>> policies_of_group(
        const ThingGroup& group) override;
    Result<std::vector<PolicyVersion>> policy_versions(const std::string& name) override;
    Result<std::string> policy_document(const std::string& name,
                                        const std::string& version) override;
    Result<std::string> registration_code() override;

    Result<void> ensure_thing_type(const std::string& name) override;
    Result<void> ensure_groups(const std::vector<std::string>& names) override;
    Result<void> ensure_thing(const std::string& name, const std::string& type,
                              const std::map<std::string, std::string>& attributes,
                              const std::vector<std::string>& in_groups) override;
    Result<void> delete_thing(const std::string& name) override;
    Result<IssuedCertificate> issue(const std::string& csr_pem) override;
    Result<IssuedCertificate> issue_with_key() override;
    Result<std::string> ensure_registered(const std::string& id, const std::string& pem,
                                          const std::string& ca_pem) override;
    Result<void> attach(const std::string& certificate_id, const std::string& certificate_arn,
                        const std::string& thing, const std::string& policy) override;
    Result<void> activate(const std::string& certificate_id) override;
    Result<bool> make_inactive(const std::string& certificate_id) override;
    Result<Deactivated> deactivate(const std::string& certificate_id,
                                   const std::set<std::string>& of) override;
    Result<Retired> retire(const std::string& certificate_id, const std::set<std::string>& of,
                           Milliseconds most = Milliseconds::max()) override;
    Result<void> create_policy(const std::string& name, const std::string& document) override;
    Result<std::string> add_policy_version(const std::string& name,
                                           const std::string& document) override;
    Result<void> set_default_policy_version(const std::string& name,
                                            const std::string& version) override;
    Result<void> delete_policy_version(const std::string& name,
                                       const std::string& version) override;
    Result<std::optional<std::string>> register_authority(
        const std::string& ca_pem, const std::string& verification_pem,
        const std::optional<JustInTime>& just_in_time) override;
    Result<void> update_authority(const std::string& id, const JustInTime& just_in_time) override;
    Result<void> register_by_template(
        const std::string& name, const std::string& template_body,
        const std::map<std::string, std::string>& parameters) override;

  private:
    // The call is met by what strikes it; work gives what it comes to.
    template <typename Work>
    std::invoke_result_t<Work> call(const char* name, Work&& work);
    std::string keep(const std::string& pem, CertificateStatus status);
    [[nodiscard]] std::string issue_pem(const std::string& csr_pem);
    using Documents = std::map<unsigned, std::string>;
    [[nodiscard]] Result<Documents::iterator> document_of(const std::string& policy,
                                                          const std::string& version);

    Clock& clock_;
    pki::Authority authority_;
    mutable std::recursive_mutex mutex_;
};

}  // namespace imprint::registry::testing
