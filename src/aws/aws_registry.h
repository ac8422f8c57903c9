// The registry in AWS IoT, or in a service with the same API: each operation is a few idempotent
// calls of IotClient.
#pragma once

#include <memory>
#include <utility>

#include "aws/iot_client.h"
#include "registry/registry.h"

namespace imprint::aws {

class AwsRegistry final : public registry::Registry {
  public:
    explicit AwsRegistry(IotClient iot) : iot_(std::move(iot)) {}

    [[nodiscard]] WallTime now() const override { return iot_.now(); }

    [[nodiscard]] std::string region() const override { return iot_.region(); }

    [[nodiscard]] Patience patience(Milliseconds most) const override {
        return iot_.patience(most);
    }

    Result<std::string> endpoint() override { return iot_.describe_endpoint(); }

    Result<std::optional<ThingType>> find_thing_type(const std::string& name) override;
    Result<std::optional<Thing>> find_thing(const std::string& name) override;
    Result<std::vector<std::string>> things_of_type(const std::string& type) override;
    Result<std::vector<std::string>> groups_of(const std::string& thing) override;
    Result<std::optional<std::size_t>> count_principals(const std::string& thing) override;
    Result<std::vector<std::string>> certificates_of(const std::string& thing,
                                                     const std::string& except = {}) override;
    Result<std::optional<Certificate>> find_certificate(const std::string& id) override;
    Result<std::optional<registry::Attachments>> attachments(
        const std::string& certificate_arn) override;
    Result<void> each_certificate(const std::function<bool(const Certificate&)>& visit) override;
    Result<std::optional<registry::Principal>> look_at(
        const std::string& certificate_id, const std::set<std::string>& things) override;
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
                              const std::vector<std::string>& groups) override;
    Result<void> delete_thing(const std::string& name) override;
    Result<IssuedCertificate> issue(const std::string& csr_pem) override;
    Result<IssuedCertificate> issue_with_key() override;
    Result<std::string> ensure_registered(const std::string& id, const std::string& pem,
                                          const std::string& ca_pem) override;
    Result<void> attach(const std::string& certificate_id, const std::string& certificate_arn,
                        const std::string& thing, const std::string& policy) override;
    Result<void> activate(const std::string& certificate_id) override;
    Result<bool> make_inactive(const std::string& certificate_id) override;
    Result<registry::Deactivated> deactivate(const std::string& certificate_id,
                                             const std::set<std::string>& things) override;
    Result<registry::Retired> retire(const std::string& certificate_id,
                                     const std::set<std::string>& things,
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
    // Repeats a call while the effect of an earlier call is not visible yet, for as long as a call
    // may take with its retries. Returns the last answer.
    template <typename Passing, typename Call>
    std::invoke_result_t<const Call&> while_it_settles(const Passing& is_passing, const Call& call,
                                                       Milliseconds most = Milliseconds::max());
    [[nodiscard]] Result<void> detach(const std::set<std::string>& things,
                                      const registry::Principal& principal);

    IotClient iot_;
};

}  // namespace imprint::aws
