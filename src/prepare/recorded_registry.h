// A registry that records every effect in the ledger as intended before it is tried. prepare and
// fleet only get this one, so that no record can be forgotten. Queries are passed through, and so
// is a request for a certificate, whose row in the ledger is its intent
// (Certificates::certificate_requested).
#pragma once

#include <utility>

#include "ledger/effect_log.h"
#include "registry/registry.h"

namespace imprint::prepare {

class RecordedRegistry final : public registry::Registry {
  public:
    // inner and the ledger of effects outlive it.
    RecordedRegistry(registry::Registry& inner, ledger::EffectLog effects)
        : inner_(inner), effects_(std::move(effects)) {}

    // For rollbacks: an effect that cannot be recorded is done all the same (ledger::Unwritten).
    [[nodiscard]] RecordedRegistry for_rollback() const {
        return {inner_, effects_.for_rollback()};
    }

    [[nodiscard]] WallTime now() const override { return inner_.now(); }

    [[nodiscard]] std::string region() const override { return inner_.region(); }

    [[nodiscard]] registry::Patience patience(Milliseconds most) const override {
        return inner_.patience(most);
    }

    Result<std::string> endpoint() override;
    Result<std::optional<registry::ThingType>> find_thing_type(const std::string& name) override;
    Result<std::optional<registry::Thing>> find_thing(const std::string& name) override;
    Result<std::vector<std::string>> things_of_type(const std::string& type) override;
    Result<std::vector<std::string>> groups_of(const std::string& thing) override;
    Result<std::optional<std::size_t>> count_principals(const std::string& thing) override;
    Result<std::vector<std::string>> certificates_of(const std::string& thing,
                                                     const std::string& except = {}) override;
    Result<std::optional<registry::Certificate>> find_certificate(const std::string& id) override;
    Result<std::optional<registry::Attachments>> attachments(
        const std::string& certificate_arn) override;
    Result<void> each_certificate(
        const std::function<bool(const registry::Certificate&)>& visit) override;
    Result<std::optional<registry::Principal>> look_at(
        const std::string& certificate_id, const std::set<std::string>& things) override;
    Result<void> await_in_force(const std::string& thing, const std::string& certificate_id,
                                Milliseconds most = Milliseconds::max()) override;
    Result<std::optional<std::string>> find_orphan(const std::string& public_pem,
                                                   WallTime not_before) override;
    Result<std::optional<registry::Policy>> find_policy(const std::string& name) override;
    Result<std::optional<registry::ThingGroup>> find_group(const std::string& name) override;
    Result<std::optional<std::vector<std::string>>> policies_of_group(
        const registry::ThingGroup& group) override;
    Result<std::vector<registry::PolicyVersion>> policy_versions(const std::string& name) override;
    Result<std::string> policy_document(const std::string& name,
                                        const std::string& version) override;
    Result<std::string> registration_code() override;

    Result<void> ensure_thing_type(const std::string& name) override;
    Result<void> ensure_groups(const std::vector<std::string>& names) override;
    Result<void> ensure_thing(const std::string& name, const std::string& type,
                              const std::map<std::string, std::string>& attributes,
                              const std::vector<std::string>& groups) override;
    Result<void> delete_thing(const std::string& name) override;
    Result<registry::IssuedCertificate> issue(const std::string& csr_pem) override;
    Result<registry::IssuedCertificate> issue_with_key() override;
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
        const std::optional<registry::JustInTime>& just_in_time) override;
    Result<void> update_authority(const std::string& id,
                                  const registry::JustInTime& just_in_time) override;
    Result<void> register_by_template(
        const std::string& name, const std::string& template_body,
        const std::map<std::string, std::string>& parameters) override;

  private:
    registry::Registry& inner_;
    ledger::EffectLog effects_;
};

}  // namespace imprint::prepare
