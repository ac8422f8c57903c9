#include "prepare/recorded_registry.h"

#include <fmt/ranges.h>

#include "pki/certificate.h"

namespace imprint::prepare {

// --- only asked

Result<std::string> RecordedRegistry::endpoint() {
    return inner_.endpoint();
}

Result<std::optional<registry::ThingType>> RecordedRegistry::find_thing_type(
    const std::string& name) {
    return inner_.find_thing_type(name);
}

Result<std::optional<registry::Thing>> RecordedRegistry::find_thing(const std::string& name) {
    return inner_.find_thing(name);
}

Result<std::vector<std::string>> RecordedRegistry::things_of_type(const std::string& type) {
    return inner_.things_of_type(type);
}

Result<std::vector<std::string>> RecordedRegistry::groups_of(const std::string& thing) {
    return inner_.groups_of(thing);
}

Result<std::optional<std::size_t>> RecordedRegistry::count_principals(const std::string& thing) {
    return inner_.count_principals(thing);
}

Result<std::vector<std::string>> RecordedRegistry::certificates_of(const std::string& thing,
                                                                   const std::string& except) {
    return inner_.certificates_of(thing, except);
}

Result<std::optional<registry::Certificate>> RecordedRegistry::find_certificate(
    const std::string& id) {
    return inner_.find_certificate(id);
}

Result<std::optional<registry::Attachments>> RecordedRegistry::attachments(
    const std::string& certificate_arn) {
    return inner_.attachments(certificate_arn);
}

Result<void> RecordedRegistry::each_certificate(
    const std::function<bool(const registry::Certificate&)>& visit) {
    return inner_.each_certificate(visit);
}

Result<std::optional<registry::Principal>> RecordedRegistry::look_at(
    const std::string& certificate_id, const std::set<std::string>& things) {
    return inner_.look_at(certificate_id, things);
}

Result<void> RecordedRegistry::await_in_force(const std::string& thing,
                                              const std::string& certificate_id,
                                              Milliseconds most) {
    return inner_.await_in_force(thing, certificate_id, most);
}

Result<std::optional<std::string>> RecordedRegistry::find_orphan(const std::string& public_pem,
                                                                 WallTime not_before) {
    return inner_.find_orphan(public_pem, not_before);
}

Result<std::optional<registry::Policy>> RecordedRegistry::find_policy(const std::string& name) {
    return inner_.find_policy(name);
}

Result<std::optional<registry::ThingGroup>> RecordedRegistry::find_group(const std::string& name) {
    return inner_.find_group(name);
}

Result<std::optional<std::vector<std::string>>> RecordedRegistry::policies_of_group(
    const registry::ThingGroup& group) {
    return inner_.policies_of_group(group);
}

Result<std::vector<registry::PolicyVersion>> RecordedRegistry::policy_versions(
    const std::string& name) {
    return inner_.policy_versions(name);
}

Result<std::string> RecordedRegistry::policy_document(const std::string& name,
                                                      const std::string& version) {
    return inner_.policy_document(name, version);
}

Result<std::string> RecordedRegistry::registration_code() {
    return inner_.registration_code();
}

Result<registry::IssuedCertificate> RecordedRegistry::issue(const std::string& csr_pem) {
    return inner_.issue(csr_pem);
}

Result<registry::IssuedCertificate> RecordedRegistry::issue_with_key() {
    return inner_.issue_with_key();
}

// --- effects; their kinds are in docs/ledger.md

Result<void> RecordedRegistry::ensure_thing_type(const std::string& name) {
    return effects_.record("create_thing_type", name,
                           [&] { return inner_.ensure_thing_type(name); });
}

Result<void> RecordedRegistry::ensure_groups(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    return effects_.record("create_groups", fmt::format("{}", fmt::join(names, " ")),
                           [&] { return inner_.ensure_groups(names); });
}

Result<void> RecordedRegistry::ensure_thing(const std::string& name, const std::string& type,
                                            const std::map<std::string, std::string>& attributes,
                                            const std::vector<std::string>& groups) {
    return effects_.record("create_thing", name,
                           [&] { return inner_.ensure_thing(name, type, attributes, groups); });
}

Result<void> RecordedRegistry::delete_thing(const std::string& name) {
    return effects_.record("delete_thing", name, [&] { return inner_.delete_thing(name); });
}

Result<std::string> RecordedRegistry::ensure_registered(const std::string& id,
                                                        const std::string& pem,
                                                        const std::string& ca_pem) {
    return effects_.record("register", id,
                           [&] { return inner_.ensure_registered(id, pem, ca_pem); });
}

Result<void> RecordedRegistry::attach(const std::string& certificate_id,
                                      const std::string& certificate_arn, const std::string& thing,
                                      const std::string& policy) {
    return effects_.record("attach", certificate_id, [&] {
        return inner_.attach(certificate_id, certificate_arn, thing, policy);
    });
}

Result<void> RecordedRegistry::activate(const std::string& certificate_id) {
    return effects_.record("activate", certificate_id,
                           [&] { return inner_.activate(certificate_id); });
}

Result<bool> RecordedRegistry::make_inactive(const std::string& certificate_id) {
    return effects_.record("deactivate", certificate_id,
                           [&] { return inner_.make_inactive(certificate_id); });
}

Result<registry::Deactivated> RecordedRegistry::deactivate(const std::string& certificate_id,
                                                           const std::set<std::string>& things) {
    return effects_.record("deactivate", certificate_id,
                           [&] { return inner_.deactivate(certificate_id, things); });
}

Result<registry::Retired> RecordedRegistry::retire(const std::string& certificate_id,
                                                   const std::set<std::string>& things,
                                                   Milliseconds most) {
    return effects_.record("retire", certificate_id,
                           [&] { return inner_.retire(certificate_id, things, most); });
}

Result<void> RecordedRegistry::create_policy(const std::string& name, const std::string& document) {
    return effects_.record("create_policy", name,
                           [&] { return inner_.create_policy(name, document); });
}

Result<std::string> RecordedRegistry::add_policy_version(const std::string& name,
                                                         const std::string& document) {
    return effects_.record("create_policy_version", name,
                           [&] { return inner_.add_policy_version(name, document); });
}

Result<void> RecordedRegistry::set_default_policy_version(const std::string& name,
                                                          const std::string& version) {
    return effects_.record("set_default_policy_version", name + " " + version,
                           [&] { return inner_.set_default_policy_version(name, version); });
}

Result<void> RecordedRegistry::delete_policy_version(const std::string& name,
                                                     const std::string& version) {
    return effects_.record("delete_policy_version", name + " " + version,
                           [&] { return inner_.delete_policy_version(name, version); });
}

Result<std::optional<std::string>> RecordedRegistry::register_authority(
    const std::string& ca_pem, const std::string& verification_pem,
    const std::optional<registry::JustInTime>& just_in_time) {
    IMPRINT_TRY(const auto info, pki::inspect_certificate(ca_pem));
    return effects_.record("register_ca", info.id, [&] {
        return inner_.register_authority(ca_pem, verification_pem, just_in_time);
    });
}

Result<void> RecordedRegistry::update_authority(const std::string& id,
                                                const registry::JustInTime& just_in_time) {
    return effects_.record("update_ca", id,
                           [&] { return inner_.update_authority(id, just_in_time); });
}

Result<void> RecordedRegistry::register_by_template(
    const std::string& name, const std::string& template_body,
    const std::map<std::string, std::string>& parameters) {
    return effects_.record("register_thing", name, [&] {
        return inner_.register_by_template(name, template_body, parameters);
    });
}

}  // namespace imprint::prepare
