#include "aws/aws_registry.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pki/certificate.h"

namespace imprint::aws {

namespace {

constexpr const char* already_exists = "ResourceAlreadyExistsException";

// An object that is gone is as gone as can be.
Result<void> unless_gone(Result<void> result) {
    if (!result && is_not_found(result.error())) return {};
    return result;
}

// Nothing, where there is no such object.
template <typename Found>
Result<std::optional<Found>> if_found(Result<Found> answer) {
    if (answer) return std::optional<Found>(std::move(*answer));
    if (is_not_found(answer.error())) return std::optional<Found>{};
    return std::unexpected(std::move(answer).error());
}

}  // namespace

template <typename Passing, typename Call>
std::invoke_result_t<const Call&> AwsRegistry::while_it_settles(const Passing& is_passing,
                                                                const Call& call,
                                                                Milliseconds most) {
    for (Patience waiting = iot_.patience(most);;) {
        auto result = call();
        if (result || !is_passing(result.error()) || !waiting.pause()) return result;
    }
}

Result<std::optional<ThingType>> AwsRegistry::find_thing_type(const std::string& name) {
    return if_found(iot_.describe_thing_type(name));
}

Result<std::optional<Thing>> AwsRegistry::find_thing(const std::string& name) {
    return if_found(iot_.describe_thing(name));
}

Result<std::vector<std::string>> AwsRegistry::things_of_type(const std::string& type) {
    return iot_.list_things_of_type(type);
}

Result<std::vector<std::string>> AwsRegistry::groups_of(const std::string& thing) {
    return iot_.list_thing_groups_for_thing(thing);
}

Result<std::optional<Certificate>> AwsRegistry::find_certificate(const std::string& id) {
    return if_found(iot_.describe_certificate(id));
}

Result<std::optional<registry::Attachments>> AwsRegistry::attachments(
    const std::string& certificate_arn) {
    IMPRINT_TRY(auto things, if_found(iot_.list_principal_things(certificate_arn)));
    IMPRINT_TRY(auto policies, if_found(iot_.list_attached_policies(certificate_arn)));
    if (!things || !policies) return std::optional<registry::Attachments>{};
    return std::optional(registry::Attachments{*std::move(things), *std::move(policies)});
}

Result<void> AwsRegistry::each_certificate(const std::function<bool(const Certificate&)>& visit) {
    return iot_.list_certificates(visit);
}

Result<std::optional<Policy>> AwsRegistry::find_policy(const std::string& name) {
    return if_found(iot_.get_policy(name));
}

Result<std::optional<ThingGroup>> AwsRegistry::find_group(const std::string& name) {
    return if_found(iot_.describe_thing_group(name));
}

Result<std::optional<std::vector<std::string>>> AwsRegistry::policies_of_group(
    const ThingGroup& group) {
    return if_found(iot_.list_attached_policies(group.arn, true));
}

Result<std::vector<PolicyVersion>> AwsRegistry::policy_versions(const std::string& name) {
    return iot_.list_policy_versions(name);
}

Result<std::string> AwsRegistry::policy_document(const std::string& name,
                                                 const std::string& version) {
    return iot_.get_policy_version(name, version);
}

Result<std::string> AwsRegistry::registration_code() {
    return iot_.get_registration_code();
}

Result<IssuedCertificate> AwsRegistry::issue(const std::string& csr_pem) {
    return iot_.create_certificate_from_csr(csr_pem);
}

Result<IssuedCertificate> AwsRegistry::issue_with_key() {
    return iot_.create_keys_and_certificate();
}

Result<bool> AwsRegistry::make_inactive(const std::string& certificate_id) {
    const auto done = iot_.update_certificate(certificate_id, CertificateStatus::inactive);
    if (done) return true;
    if (is_not_found(done.error())) return false;
    return std::unexpected(done.error());
}

Result<void> AwsRegistry::create_policy(const std::string& name, const std::string& document) {
    IMPRINT_CHECK(iot_.create_policy(name, document));
    return {};
}

Result<std::string> AwsRegistry::add_policy_version(const std::string& name,
                                                    const std::string& document) {
    return iot_.create_policy_version(name, document, true);
}

Result<void> AwsRegistry::set_default_policy_version(const std::string& name,
                                                     const std::string& version) {
    return iot_.set_default_policy_version(name, version);
}

Result<void> AwsRegistry::delete_policy_version(const std::string& name,
                                                const std::string& version) {
    return iot_.delete_policy_version(name, version);
}

Result<std::optional<std::string>> AwsRegistry::register_authority(
    const std::string& ca_pem, const std::string& verification_pem,
    const std::optional<JustInTime>& just_in_time) {
    auto id = iot_.register_ca_certificate(ca_pem, verification_pem, just_in_time);
    if (id) return std::optional(*std::move(id));
    if (id.error().code == already_exists) return std::optional<std::string>{};
    return std::unexpected(std::move(id).error());
}

Result<void> AwsRegistry::update_authority(const std::string& id, const JustInTime& just_in_time) {
    return iot_.update_ca_certificate(id, just_in_time);
}

Result<void> AwsRegistry::register_by_template(
    const std::string& /*name*/, const std::string& template_body,
    const std::map<std::string, std::string>& parameters) {
    IMPRINT_CHECK(iot_.register_thing(template_body, parameters));
    return {};
}

Result<void> AwsRegistry::ensure_thing_type(const std::string& name) {
    auto type = iot_.describe_thing_type(name);
    if (type) {
        if (!type->deprecated) return {};
        return registry::thing_type_deprecated(name);
    }
    if (!is_not_found(type.error())) return std::unexpected(std::move(type).error());
    auto made = iot_.create_thing_type(name);
    if (!made && made.error().code != already_exists)
        return made;  // else another station was first
    return {};
}

Result<void> AwsRegistry::ensure_groups(const std::vector<std::string>& names) {
    for (const auto& name : names) {
        auto group = iot_.describe_thing_group(name);
        if (group) continue;
        if (!is_not_found(group.error())) return std::unexpected(std::move(group).error());
        auto made = iot_.create_thing_group(name);
        if (!made && made.error().code != already_exists) return made;
    }
    return {};
}

Result<void> AwsRegistry::ensure_thing(const std::string& name, const std::string& type,
                                       const std::map<std::string, std::string>& attributes,
                                       const std::vector<std::string>& groups) {
    // The thing type may have been made a moment ago.
    auto created =
        while_it_settles(is_not_found, [&] { return iot_.create_thing(name, type, attributes); });
    if (!created) {
        if (created.error().code != already_exists)
            return std::unexpected(std::move(created).error());
        IMPRINT_TRY(const Thing existing,
                    while_it_settles(is_not_found, [&] { return iot_.describe_thing(name); }));
        const bool same_attributes = std::ranges::all_of(attributes, [&](const auto& attribute) {
            const auto found = existing.attributes.find(attribute.first);
            return found != existing.attributes.end() && found->second == attribute.second;
        });
        const bool same_type = type.empty() || existing.type == type;
        if (!same_attributes || !same_type)
            IMPRINT_CHECK(iot_.update_thing(name, same_type ? "" : type, attributes));
    }
    if (groups.empty()) return {};
    IMPRINT_TRY(const auto in, while_it_settles(is_not_found, [&] {
                    return iot_.list_thing_groups_for_thing(name);
                }));
    for (const auto& group : groups) {
        if (std::ranges::find(in, group) != in.end()) continue;
        auto added = while_it_settles(is_not_found,
                                      [&] { return iot_.add_thing_to_thing_group(name, group); });
        if (added) continue;
        // A thing is in one group of a hierarchy. Out of another it is not ours to take.
        if (added.error().code == "InvalidRequestException" && !in.empty())
            added.error().hint = fmt::format(
                "if the board has moved, take its thing out of its former group first: aws iot "
                "remove-thing-from-thing-group --thing-name {} --thing-group-name {}",
                name, fmt::join(in, " or "));
        return added;
    }
    return {};
}

Result<std::string> AwsRegistry::ensure_registered(const std::string& id, const std::string& pem,
                                                   const std::string& ca_pem) {
    auto arn = iot_.register_certificate(pem, ca_pem);
    if (arn && certificate_id_of_arn(*arn) != id) {
        // All that follows names it by its id: what nobody could activate or find again goes.
        const std::string other = certificate_id_of_arn(*arn).value_or(*arn);
        const auto gone = iot_.delete_certificate(other);
        return fail(
            ErrorKind::registry, "registry_answer_damaged",
            fmt::format("the registry calls certificate {} {}, and AWS IoT's id of one is "
                        "its SHA-256{}",
                        id, other, gone ? "" : "; it could not be deleted there, and is INACTIVE"),
            "it is no AWS IoT: check registry.endpoint_url, and its own settings");
    }
    if (arn || arn.error().code != already_exists) return arn;
    // Its id is its SHA-256: what is there under it is this very certificate.
    IMPRINT_TRY(const Certificate there,
                while_it_settles(is_not_found, [&] { return iot_.describe_certificate(id); }));
    return there.arn;
}

Result<void> AwsRegistry::attach(const std::string& /*certificate_id*/,
                                 const std::string& certificate_arn, const std::string& thing,
                                 const std::string& policy) {
    IMPRINT_CHECK(while_it_settles(is_not_found,
                                   [&] { return iot_.attach_policy(policy, certificate_arn); }));
    return while_it_settles(is_not_found,
                            [&] { return iot_.attach_thing_principal(thing, certificate_arn); });
}

Result<std::optional<registry::Principal>> AwsRegistry::look_at(
    const std::string& certificate_id, const std::set<std::string>& things) {
    IMPRINT_TRY(const auto described, find_certificate(certificate_id));
    if (!described) return std::optional<registry::Principal>{};
    IMPRINT_TRY(const auto attached, if_found(iot_.list_principal_things(described->arn)));
    if (!attached) return std::optional<registry::Principal>{};
    registry::Principal principal;
    principal.id = certificate_id;
    principal.arn = described->arn;
    principal.status = described->status;
    principal.created = described->created;
    principal.changed = std::max(described->created, described->changed);
    for (const auto& name : *attached)
        (things.contains(name) ? principal.own_things : principal.other_things).push_back(name);
    return std::optional(std::move(principal));
}

Result<void> AwsRegistry::activate(const std::string& certificate_id) {
    return while_it_settles(is_not_found, [&] {
        return iot_.update_certificate(certificate_id, CertificateStatus::active);
    });
}

Result<void> AwsRegistry::await_in_force(const std::string& thing,
                                         const std::string& certificate_id, Milliseconds most) {
    std::string missing;
    for (Patience waiting = iot_.patience(most);;) {
        const auto described = iot_.describe_certificate(certificate_id);
        if (!described && !is_not_found(described.error()))
            return std::unexpected(described.error());
        if (!described) {
            missing = "does not know it";
        } else if (described->status != CertificateStatus::active) {
            missing = fmt::format("has it as {}", to_string(described->status));
        } else {
            const auto principals = iot_.list_thing_principals(thing);
            if (!principals && !is_not_found(principals.error()))
                return std::unexpected(principals.error());
            if (principals && std::ranges::find(*principals, described->arn) != principals->end())
                return {};
            missing = fmt::format("does not have it on the thing \"{}\"", thing);
        }
        if (!waiting.pause()) break;
    }
    return fail(
        ErrorKind::registry, "identity_lost",
        fmt::format("certificate {} was made, but the registry {}", certificate_id, missing),
        "somebody has taken it away, or another station prepares a board of this name: "
        "prepare the board again");
}

// Also from a thing that the registry's answer does not name yet.
Result<void> AwsRegistry::detach(const std::set<std::string>& things,
                                 const registry::Principal& principal) {
    std::set<std::string> names(principal.own_things.begin(), principal.own_things.end());
    if (names.empty()) names = things;
    for (const auto& name : names)
        if (!name.empty())
            IMPRINT_CHECK(unless_gone(iot_.detach_thing_principal(name, principal.arn)));
    return {};
}

namespace {

// Of a certificate that is not deleted yet because an earlier step is not seen yet.
bool is_still_in_use(const Error& error) {
    return error.code == "DeleteConflictException" || error.code == "CertificateStateException";
}

}  // namespace

Result<registry::Deactivated> AwsRegistry::deactivate(const std::string& certificate_id,
                                                      const std::set<std::string>& things) {
    IMPRINT_TRY(const auto there, look_at(certificate_id, things));
    if (!there) return registry::Deactivated{.was_there = false, .left_to = {}};
    // Also one that is INACTIVE: an activation may not be seen yet. What somebody has revoked stays
    // so.
    if (!there->is_shared() && there->status != CertificateStatus::revoked)
        IMPRINT_CHECK(
            unless_gone(iot_.update_certificate(certificate_id, CertificateStatus::inactive)));
    return registry::Deactivated{.was_there = true, .left_to = there->other_things};
}

Result<registry::Retired> AwsRegistry::retire(const std::string& certificate_id,
                                              const std::set<std::string>& things,
                                              Milliseconds most) {
    registry::Retired retired;
    IMPRINT_TRY(const auto there, look_at(certificate_id, things));
    if (!there) {
        retired.was_there = false;
        return retired;
    }
    if (there->is_shared()) {
        retired.left_to = there->other_things;
        IMPRINT_CHECK(detach(things, *there));
        return retired;
    }
    if (there->status == CertificateStatus::active)
        IMPRINT_CHECK(
            unless_gone(iot_.update_certificate(certificate_id, CertificateStatus::inactive)));
    IMPRINT_TRY(const auto policies, iot_.list_attached_policies(there->arn));
    for (const auto& policy : policies)
        IMPRINT_CHECK(unless_gone(iot_.detach_policy(policy, there->arn)));
    IMPRINT_CHECK(detach(things, *there));
    auto gone = while_it_settles(
        is_still_in_use, [&] { return unless_gone(iot_.delete_certificate(certificate_id)); },
        most);
    if (!gone && is_still_in_use(gone.error())) {
        retired.unfinished = true;
        return retired;
    }
    if (!gone) return std::unexpected(std::move(gone).error());
    return retired;
}

Result<void> AwsRegistry::delete_thing(const std::string& thing) {
    // "Thing … is still attached to one or more principals".
    const auto is_attached = [](const Error& error) {
        return error.code == "InvalidRequestException" || error.code == "DeleteConflictException";
    };
    return while_it_settles(is_attached, [&] { return unless_gone(iot_.delete_thing(thing)); });
}

Result<std::optional<std::size_t>> AwsRegistry::count_principals(const std::string& thing) {
    IMPRINT_TRY(const auto principals, if_found(iot_.list_thing_principals(thing)));
    if (!principals) return std::optional<std::size_t>{};
    return std::optional(principals->size());
}

Result<std::vector<std::string>> AwsRegistry::certificates_of(const std::string& thing,
                                                              const std::string& except) {
    IMPRINT_TRY(const auto principals, if_found(iot_.list_thing_principals(thing)));
    if (!principals) return std::vector<std::string>{};
    std::vector<std::string> ids;
    for (const auto& arn : *principals)
        if (const auto id = certificate_id_of_arn(arn); id && *id != except) ids.push_back(*id);
    return ids;
}

Result<std::optional<std::string>> AwsRegistry::find_orphan(const std::string& public_pem,
                                                            WallTime not_before) {
    constexpr std::size_t most = 2000;
    const WallTime oldest = not_before - std::chrono::minutes(10);
    std::vector<std::string> candidates;
    bool too_many = false;
    IMPRINT_CHECK(iot_.list_certificates([&](const Certificate& certificate) {
        if (certificate.created < oldest) return false;
        if (certificate.status == CertificateStatus::inactive) candidates.push_back(certificate.id);
        too_many = candidates.size() > most;
        return !too_many;
    }));
    if (too_many)
        return fail(ErrorKind::registry, "orphan_search_too_long",
                    fmt::format("more than {} INACTIVE certificates were made since {}", most,
                                to_iso8601(oldest)),
                    "remove the INACTIVE certificates that no board has, then run again");
    for (const auto& id : candidates) {
        auto described = iot_.describe_certificate(id);
        if (!described) {
            if (is_not_found(described.error())) continue;
            return std::unexpected(std::move(described).error());
        }
        const auto info = pki::inspect_certificate(described->pem);
        if (info && info->public_pem == public_pem) return id;
    }
    return std::optional<std::string>{};
}

}  // namespace imprint::aws
