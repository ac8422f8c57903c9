#include "registry/fake_registry.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <ranges>
#include <utility>

#include "pki/key.h"

namespace imprint::registry::testing {

namespace {

constexpr const char* arn_start = "arn:aws:iot:eu-west-1:000000000000:cert/";

std::string id_of(const std::string& arn) {
    return arn.substr(arn.rfind('/') + 1);
}

std::unexpected<Error> not_found(const std::string& what) {
    return fail_as_aws("ResourceNotFoundException", what);
}

}  // namespace

FakeRegistry::FakeRegistry(Clock& clock)
    : clock_(clock),
      authority_(pki::Authority::create("Fake", pki::KeyKind::ec_p256, std::chrono::days(3650),
                                        clock.wall())
                     .value()) {}

template <typename Work>
std::invoke_result_t<Work> FakeRegistry::call(const char* name, Work&& work) {
    const std::lock_guard lock(mutex_);
    const Strike what = strike ? strike(name) : Strike::none;
    if (what == Strike::refused) return fail_as_aws("InternalFailureException", name);
    if (what == Strike::denied) return fail_as_aws("AccessDeniedException", name);
    auto result = work();
    if (after) after(name);
    if (what == Strike::lost) return fail(ErrorKind::registry, "registry_reply_lost", name);
    return result;
}

std::string FakeRegistry::keep(const std::string& pem, CertificateStatus status) {
    HeldCertificate held;
    held.certificate.pem = pem;
    held.certificate.id = pki::inspect_certificate(pem)->id;
    held.certificate.arn = arn_start + held.certificate.id;
    held.certificate.status = status;
    held.certificate.created = clock_.wall();
    held.certificate.changed = clock_.wall();
    const std::string id = held.certificate.id;
    certificates[id] = std::move(held);
    return id;
}

std::string FakeRegistry::issue_pem(const std::string& csr_pem) {
    const auto other = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const std::string request = issues_for_another_key ? other->request("x") : csr_pem;
    return authority_.issue_client(request, std::chrono::days(30), clock_.wall()).value();
}

std::string FakeRegistry::put(CertificateStatus status, const std::set<std::string>& on_things) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const std::string id = keep(issue_pem(key->request("x")), status);
    certificates[id].things = on_things;
    for (const auto& name : on_things)
        things.try_emplace(name, Thing{.name = name, .arn = {}, .type = {}, .attributes = {}});
    return id;
}

std::map<std::string, std::string> FakeRegistry::statuses() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> all;
    for (const auto& [id, held] : certificates)
        all[id] = to_string(held.certificate.status);
    return all;
}

std::set<std::string> FakeRegistry::active() const {
    std::set<std::string> ids;
    for (const auto& [id, status] : statuses())
        if (status == "ACTIVE") ids.insert(id);
    return ids;
}

// --- only asked

Patience FakeRegistry::patience(Milliseconds most) const {
    return {clock_, std::min(most, Milliseconds(5000))};
}

Result<std::string> FakeRegistry::endpoint() {
    return call("endpoint", []() -> Result<std::string> { return "broker.example:8883"; });
}

Result<std::optional<ThingType>> FakeRegistry::find_thing_type(const std::string& name) {
    return call("find_thing_type", [&]() -> Result<std::optional<ThingType>> {
        const auto found = types.find(name);
        if (found == types.end()) return std::optional<ThingType>{};
        return std::optional(found->second);
    });
}

Result<std::optional<Thing>> FakeRegistry::find_thing(const std::string& name) {
    return call("find_thing", [&]() -> Result<std::optional<Thing>> {
        const auto found = things.find(name);
        if (found == things.end()) return std::optional<Thing>{};
        return std::optional(found->second);
    });
}

Result<std::vector<std::string>> FakeRegistry::things_of_type(const std::string& type) {
    return call("things_of_type", [&]() -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        for (const auto& [name, thing] : things)
            if (thing.type == type) names.push_back(name);
        return names;
    });
}

Result<std::vector<std::string>> FakeRegistry::groups_of(const std::string& thing) {
    return call("groups_of", [&]() -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        for (const auto& [name, members] : groups)
            if (members.contains(thing)) names.push_back(name);
        return names;
    });
}

Result<std::optional<std::size_t>> FakeRegistry::count_principals(const std::string& thing) {
    return call("count_principals", [&]() -> Result<std::optional<std::size_t>> {
        if (!things.contains(thing)) return std::optional<std::size_t>{};
        return std::optional(static_cast<std::size_t>(std::ranges::count_if(
            certificates, [&](const auto& one) { return one.second.things.contains(thing); })));
    });
}

Result<std::vector<std::string>> FakeRegistry::certificates_of(const std::string& thing,
                                                               const std::string& except) {
    return call("certificates_of", [&]() -> Result<std::vector<std::string>> {
        std::vector<std::string> ids;
        for (const auto& [id, held] : certificates)
            if (held.things.contains(thing) && id != except) ids.push_back(id);
        return ids;
    });
}

Result<std::optional<Certificate>> FakeRegistry::find_certificate(const std::string& id) {
    return call("find_certificate", [&]() -> Result<std::optional<Certificate>> {
        const auto found = certificates.find(id);
        if (found == certificates.end()) return std::optional<Certificate>{};
        return std::optional(found->second.certificate);
    });
}

Result<std::optional<Attachments>> FakeRegistry::attachments(const std::string& certificate_arn) {
    return call("attachments", [&]() -> Result<std::optional<Attachments>> {
        const auto found = certificates.find(id_of(certificate_arn));
        if (found == certificates.end()) return std::optional<Attachments>{};
        const HeldCertificate& held = found->second;
        return std::optional(Attachments{{held.things.begin(), held.things.end()},
                                         {held.policies.begin(), held.policies.end()}});
    });
}

Result<void> FakeRegistry::each_certificate(const std::function<bool(const Certificate&)>& visit) {
    return call("each_certificate", [&]() -> Result<void> {
        std::vector<Certificate> all;
        for (const auto& one : certificates)
            all.push_back(one.second.certificate);
        std::ranges::sort(all, std::greater<>(), &Certificate::created);
        for (const auto& one : all)
            if (!visit(one)) return {};
        return {};
    });
}

Result<std::optional<Principal>> FakeRegistry::look_at(const std::string& certificate_id,
                                                       const std::set<std::string>& of) {
    return call("look_at", [&]() -> Result<std::optional<Principal>> {
        const auto found = certificates.find(certificate_id);
        if (found == certificates.end()) return std::optional<Principal>{};
        const Certificate& held = found->second.certificate;
        Principal principal{held.id, held.arn, held.status, held.created, held.changed, {}, {}};
        for (const auto& name : found->second.things)
            (of.contains(name) ? principal.own_things : principal.other_things).push_back(name);
        return std::optional(std::move(principal));
    });
}

Result<void> FakeRegistry::await_in_force(const std::string& thing,
                                          const std::string& certificate_id,
                                          Milliseconds /*most*/) {
    return call("await_in_force", [&]() -> Result<void> {
        const auto found = certificates.find(certificate_id);
        if (found != certificates.end() &&
            found->second.certificate.status == CertificateStatus::active &&
            found->second.things.contains(thing))
            return {};
        return fail(ErrorKind::registry, "identity_lost", certificate_id);
    });
}

Result<std::optional<std::string>> FakeRegistry::find_orphan(const std::string& public_pem,
                                                             WallTime /*not_before*/) {
    return call("find_orphan", [&]() -> Result<std::optional<std::string>> {
        for (const auto& [id, held] : certificates)
            if (held.certificate.status == CertificateStatus::inactive &&
                pki::inspect_certificate(held.certificate.pem)->public_pem == public_pem)
                return std::optional(id);
        return std::optional<std::string>{};
    });
}

Result<std::optional<Policy>> FakeRegistry::find_policy(const std::string& name) {
    return call("find_policy", [&]() -> Result<std::optional<Policy>> {
        const auto found = policies.find(name);
        if (found == policies.end()) return std::optional<Policy>{};
        const std::string arn = "arn:aws:iot:eu-west-1:000000000000:policy/" + name;
        return std::optional(Policy{name, arn, found->second.documents.at(found->second.in_use)});
    });
}

Result<std::optional<ThingGroup>> FakeRegistry::find_group(const std::string& name) {
    return call("find_group", [&]() -> Result<std::optional<ThingGroup>> {
        if (!groups.contains(name)) return std::optional<ThingGroup>{};
        const auto below = group_roots.find(name);
        return std::optional(
            ThingGroup{.name = name,
                       .arn = "arn:aws:iot:eu-west-1:000000000000:thinggroup/" + name,
                       .root = below == group_roots.end() ? name : below->second,
                       .is_dynamic = dynamic_groups.contains(name)});
    });
}

Result<std::optional<std::vector<std::string>>> FakeRegistry::policies_of_group(
    const ThingGroup& group) {
    return call("policies_of_group", [&]() -> Result<std::optional<std::vector<std::string>>> {
        if (!groups.contains(group.name)) return std::optional<std::vector<std::string>>{};
        return std::optional(group_policies[group.name]);
    });
}

Result<std::vector<PolicyVersion>> FakeRegistry::policy_versions(const std::string& name) {
    return call("policy_versions", [&]() -> Result<std::vector<PolicyVersion>> {
        if (!policies.contains(name)) return not_found(name);
        std::vector<PolicyVersion> versions;
        const HeldPolicy& held = policies.at(name);
        for (const auto& [number, document] : std::views::reverse(held.documents))
            versions.push_back({std::to_string(number), number == held.in_use, {}});
        return versions;
    });
}

Result<std::string> FakeRegistry::policy_document(const std::string& name,
                                                  const std::string& version) {
    return call("policy_document", [&]() -> Result<std::string> {
        IMPRINT_TRY(const auto found, document_of(name, version));
        return found->second;
    });
}

Result<std::string> FakeRegistry::registration_code() {
    return call("registration_code", []() -> Result<std::string> { return "code"; });
}

// --- changed

Result<void> FakeRegistry::ensure_thing_type(const std::string& name) {
    return call("ensure_thing_type", [&]() -> Result<void> {
        const auto [found, made] = types.try_emplace(name, ThingType{name, false});
        if (found->second.deprecated) return thing_type_deprecated(name);
        return {};
    });
}

Result<void> FakeRegistry::ensure_groups(const std::vector<std::string>& names) {
    return call("ensure_groups", [&]() -> Result<void> {
        for (const auto& name : names)
            groups.try_emplace(name);
        return {};
    });
}

Result<void> FakeRegistry::ensure_thing(const std::string& name, const std::string& type,
                                        const std::map<std::string, std::string>& attributes,
                                        const std::vector<std::string>& in_groups) {
    return call("ensure_thing", [&]() -> Result<void> {
        Thing& thing = things[name];
        thing.name = name;
        if (!type.empty()) thing.type = type;
        for (const auto& [key, value] : attributes)
            thing.attributes[key] = value;
        for (const auto& group : in_groups)
            groups[group].insert(name);
        return {};
    });
}

Result<void> FakeRegistry::delete_thing(const std::string& name) {
    return call("delete_thing", [&]() -> Result<void> {
        things.erase(name);
        return {};
    });
}

Result<IssuedCertificate> FakeRegistry::issue(const std::string& csr_pem) {
    return call("issue", [&]() -> Result<IssuedCertificate> {
        IssuedCertificate issued;
        issued.id = keep(issue_pem(csr_pem), CertificateStatus::inactive);
        issued.arn = certificates[issued.id].certificate.arn;
        issued.pem = certificates[issued.id].certificate.pem;
        return issued;
    });
}

Result<IssuedCertificate> FakeRegistry::issue_with_key() {
    return call("issue_with_key", [&]() -> Result<IssuedCertificate> {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        IssuedCertificate issued;
        issued.id = keep(issue_pem(key->request("x")), CertificateStatus::inactive);
        issued.arn = certificates[issued.id].certificate.arn;
        issued.pem = certificates[issued.id].certificate.pem;
        issued.private_key_pem = key->to_pem();
        return issued;
    });
}

Result<std::string> FakeRegistry::ensure_registered(const std::string& id, const std::string& pem,
                                                    const std::string& /*ca_pem*/) {
    return call("ensure_registered", [&]() -> Result<std::string> {
        if (!certificates.contains(id)) keep(pem, CertificateStatus::inactive);
        return certificates.at(id).certificate.arn;
    });
}

Result<void> FakeRegistry::attach(const std::string& certificate_id,
                                  const std::string& /*certificate_arn*/, const std::string& thing,
                                  const std::string& policy) {
    return call("attach", [&]() -> Result<void> {
        const auto found = certificates.find(certificate_id);
        if (found == certificates.end() || !things.contains(thing)) return not_found(thing);
        found->second.policies.insert(policy);
        found->second.things.insert(thing);
        return {};
    });
}

Result<void> FakeRegistry::activate(const std::string& certificate_id) {
    return call("activate", [&]() -> Result<void> {
        const auto found = certificates.find(certificate_id);
        if (found == certificates.end()) return not_found(certificate_id);
        found->second.certificate.status = CertificateStatus::active;
        found->second.certificate.changed = clock_.wall();
        return {};
    });
}

Result<bool> FakeRegistry::make_inactive(const std::string& certificate_id) {
    return call("make_inactive", [&]() -> Result<bool> {
        const auto found = certificates.find(certificate_id);
        if (found == certificates.end()) return false;
        found->second.certificate.status = CertificateStatus::inactive;
        found->second.certificate.changed = clock_.wall();
        return true;
    });
}

Result<Deactivated> FakeRegistry::deactivate(const std::string& certificate_id,
                                             const std::set<std::string>& of) {
    return call("deactivate", [&]() -> Result<Deactivated> {
        const auto found = certificates.find(certificate_id);
        if (found == certificates.end()) return Deactivated{.was_there = false, .left_to = {}};
        Deactivated done;
        std::ranges::set_difference(found->second.things, of, std::back_inserter(done.left_to));
        CertificateStatus& status = found->second.certificate.status;
        if (done.left_to.empty() && status != CertificateStatus::revoked)
            status = CertificateStatus::inactive;
        return done;
    });
}

Result<Retired> FakeRegistry::retire(const std::string& certificate_id,
                                     const std::set<std::string>& of, Milliseconds /*most*/) {
    return call("retire", [&]() -> Result<Retired> {
        const auto found = certificates.find(certificate_id);
        if (found == certificates.end())
            return Retired{.was_there = false, .left_to = {}, .unfinished = false};
        Retired retired;
        std::ranges::set_difference(found->second.things, of, std::back_inserter(retired.left_to));
        if (retired.left_to.empty() && !deletes_later) {
            certificates.erase(found);
            return retired;
        }
        for (const auto& name : of)
            found->second.things.erase(name);
        if (!retired.left_to.empty()) return retired;
        found->second.certificate.status = CertificateStatus::inactive;
        retired.unfinished = true;
        return retired;
    });
}

Result<FakeRegistry::Documents::iterator> FakeRegistry::document_of(const std::string& policy,
                                                                    const std::string& version) {
    const auto held = policies.find(policy);
    if (held == policies.end()) return not_found(policy);
    Documents& documents = held->second.documents;
    const auto found = documents.find(static_cast<unsigned>(std::stoul(version)));
    if (found == documents.end()) return not_found(policy + " version " + version);
    return found;
}

Result<void> FakeRegistry::create_policy(const std::string& name, const std::string& document) {
    return call("create_policy", [&]() -> Result<void> {
        policies.try_emplace(name, HeldPolicy{{{1, document}}, 1, 1});
        return {};
    });
}

Result<std::string> FakeRegistry::add_policy_version(const std::string& name,
                                                     const std::string& document) {
    return call("add_policy_version", [&]() -> Result<std::string> {
        const auto found = policies.find(name);
        if (found == policies.end()) return not_found(name);
        HeldPolicy& held = found->second;
        constexpr std::size_t most = 5;
        if (held.documents.size() >= most)
            return fail_as_aws("VersionsLimitExceededException", name);
        held.in_use = ++held.newest;
        held.documents[held.in_use] = document;
        return std::to_string(held.in_use);
    });
}

Result<void> FakeRegistry::set_default_policy_version(const std::string& name,
                                                      const std::string& version) {
    return call("set_default_policy_version", [&]() -> Result<void> {
        IMPRINT_TRY(const auto found, document_of(name, version));
        policies.at(name).in_use = found->first;
        return {};
    });
}

Result<void> FakeRegistry::delete_policy_version(const std::string& name,
                                                 const std::string& version) {
    return call("delete_policy_version", [&]() -> Result<void> {
        IMPRINT_TRY(const auto found, document_of(name, version));
        HeldPolicy& held = policies.at(name);
        if (found->first == held.in_use) return fail_as_aws("DeleteConflictException", name);
        held.documents.erase(found);
        return {};
    });
}

Result<std::optional<std::string>> FakeRegistry::register_authority(
    const std::string& ca_pem, const std::string& /*verification_pem*/,
    const std::optional<JustInTime>& /*just_in_time*/) {
    return call("register_authority", [&]() -> Result<std::optional<std::string>> {
        return std::optional(pki::inspect_certificate(ca_pem)->id);
    });
}

Result<void> FakeRegistry::update_authority(const std::string& /*id*/,
                                            const JustInTime& /*just_in_time*/) {
    return call("update_authority", []() -> Result<void> { return {}; });
}

Result<void> FakeRegistry::register_by_template(
    const std::string& name, const std::string& /*template_body*/,
    const std::map<std::string, std::string>& /*parameters*/) {
    return call("register_by_template", [&]() -> Result<void> {
        things[name].name = name;
        return {};
    });
}

}  // namespace imprint::registry::testing
