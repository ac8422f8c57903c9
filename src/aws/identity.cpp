#include "aws/identity.h"

#include <algorithm>
#include <fmt/format.h>

#include "pki/certificate.h"

namespace imprint::aws {

namespace {

constexpr const char* already_exists = "ResourceAlreadyExistsException";

// An object that is gone is as gone as can be.
Result<void> unless_gone(Result<void> result) {
    if (!result && is_not_found(result.error())) return {};
    return result;
}

// Calls again while an earlier call's effect is not seen yet, for as long as a call may be held
// back. Gives the last answer.
template <typename Passing, typename Call>
std::invoke_result_t<Call> while_it_settles(IotClient& iot, Passing&& is_passing, Call&& call,
                                            Milliseconds most = Milliseconds::max()) {
    for (Patience patience = iot.patience(most);;) {
        auto result = call();
        if (result || !is_passing(result.error()) || !patience.pause()) return result;
    }
}

}  // namespace

Result<void> ensure_thing_type(IotClient& iot, const std::string& name) {
    auto type = iot.describe_thing_type(name);
    if (type) {
        if (!type->deprecated) return {};
        return fail(ErrorKind::registry, "thing_type_deprecated",
                    fmt::format("thing type \"{}\" is deprecated: no thing can be given it", name),
                    fmt::format("set another identity.thing_type, or revive it: aws iot "
                                "deprecate-thing-type --thing-type-name {} --undo-deprecate",
                                name));
    }
    if (!is_not_found(type.error())) return std::unexpected(std::move(type).error());
    auto made = iot.create_thing_type(name);
    if (!made && made.error().code != already_exists)
        return made;  // else another station was first
    return {};
}

Result<void> ensure_groups(IotClient& iot, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        auto group = iot.describe_thing_group(name);
        if (group) continue;
        if (!is_not_found(group.error())) return group;
        auto made = iot.create_thing_group(name);
        if (!made && made.error().code != already_exists) return made;
    }
    return {};
}

Result<void> ensure_thing(IotClient& iot, const std::string& name, const std::string& type,
                          const std::map<std::string, std::string>& attributes,
                          const std::vector<std::string>& groups) {
    // The thing type may have been made a moment ago.
    auto created = while_it_settles(iot, is_not_found,
                                    [&] { return iot.create_thing(name, type, attributes); });
    if (!created) {
        if (created.error().code != already_exists)
            return std::unexpected(std::move(created).error());
        IMPRINT_TRY(const Thing existing,
                    while_it_settles(iot, is_not_found, [&] { return iot.describe_thing(name); }));
        const bool same_attributes = std::ranges::all_of(attributes, [&](const auto& attribute) {
            const auto found = existing.attributes.find(attribute.first);
            return found != existing.attributes.end() && found->second == attribute.second;
        });
        const bool same_type = type.empty() || existing.type == type;
        if (!same_attributes || !same_type)
            IMPRINT_CHECK(iot.update_thing(name, same_type ? "" : type, attributes));
    }
    if (groups.empty()) return {};
    IMPRINT_TRY(const auto in, while_it_settles(iot, is_not_found, [&] {
                    return iot.list_thing_groups_for_thing(name);
                }));
    for (const auto& group : groups)
        if (std::ranges::find(in, group) == in.end())
            IMPRINT_CHECK(while_it_settles(
                iot, is_not_found, [&] { return iot.add_thing_to_thing_group(name, group); }));
    return {};
}

Result<std::string> ensure_registered(IotClient& iot, const std::string& id, const std::string& pem,
                                      const std::string& ca_pem) {
    auto arn = iot.register_certificate(pem, ca_pem);
    if (arn || arn.error().code != already_exists) return arn;
    // Its id is its SHA-256: what is there under it is this very certificate.
    IMPRINT_TRY(const CertificateSummary there,
                while_it_settles(iot, is_not_found, [&] { return iot.describe_certificate(id); }));
    return there.arn;
}

Result<void> attach_identity(IotClient& iot, const std::string& thing,
                             const std::string& certificate_arn, const std::string& policy) {
    IMPRINT_CHECK(while_it_settles(iot, is_not_found,
                                   [&] { return iot.attach_policy(policy, certificate_arn); }));
    return while_it_settles(iot, is_not_found,
                            [&] { return iot.attach_thing_principal(thing, certificate_arn); });
}

Result<std::optional<Principal>> look_at_principal(IotClient& iot,
                                                   const std::set<std::string>& things,
                                                   const std::string& certificate_id) {
    const auto described = iot.describe_certificate(certificate_id);
    if (!described) {
        if (is_not_found(described.error())) return std::optional<Principal>{};
        return std::unexpected(described.error());
    }
    const auto attached = iot.list_principal_things(described->arn);
    if (!attached) {
        if (is_not_found(attached.error())) return std::optional<Principal>{};
        return std::unexpected(attached.error());
    }
    Principal principal;
    principal.id = certificate_id;
    principal.arn = described->arn;
    principal.status = described->status;
    principal.created = described->created;
    principal.changed = std::max(described->created, described->changed);
    for (const auto& name : *attached)
        (things.contains(name) ? principal.own_things : principal.other_things).push_back(name);
    return std::optional(std::move(principal));
}

Result<void> activate_certificate(IotClient& iot, const std::string& certificate_id) {
    return while_it_settles(iot, is_not_found, [&] {
        return iot.update_certificate(certificate_id, CertificateStatus::active);
    });
}

Result<void> await_in_force(IotClient& iot, const std::string& thing,
                            const std::string& certificate_id, Milliseconds most) {
    std::string missing;
    for (Patience patience = iot.patience(most);;) {
        const auto described = iot.describe_certificate(certificate_id);
        if (!described && !is_not_found(described.error()))
            return std::unexpected(described.error());
        if (!described) {
            missing = "does not know it";
        } else if (described->status != CertificateStatus::active) {
            missing = fmt::format("has it as {}", to_string(described->status));
        } else {
            const auto principals = iot.list_thing_principals(thing);
            if (!principals && !is_not_found(principals.error()))
                return std::unexpected(principals.error());
            if (principals && std::ranges::find(*principals, described->arn) != principals->end())
                return {};
            missing = fmt::format("does not have it on the thing \"{}\"", thing);
        }
        if (!patience.pause()) break;
    }
    return fail(
        ErrorKind::registry, "identity_lost",
        fmt::format("certificate {} was made, but the registry {}", certificate_id, missing),
        "somebody has taken it away, or another station prepares a board of this name: "
        "prepare the board again");
}

namespace {

// Also from a thing that the registry's answer does not name yet.
Result<void> detach(IotClient& iot, const std::set<std::string>& things,
                    const Principal& principal) {
    std::set<std::string> names(principal.own_things.begin(), principal.own_things.end());
    if (names.empty()) names = things;
    for (const auto& name : names)
        if (!name.empty())
            IMPRINT_CHECK(unless_gone(iot.detach_thing_principal(name, principal.arn)));
    return {};
}

// Of a certificate that is not deleted yet because an earlier step is not seen yet.
bool is_still_in_use(const Error& error) {
    return error.code == "DeleteConflictException" || error.code == "CertificateStateException";
}

}  // namespace

Result<Deactivated> deactivate_certificate(IotClient& iot, const std::set<std::string>& things,
                                           const std::string& certificate_id) {
    IMPRINT_TRY(const auto there, look_at_principal(iot, things, certificate_id));
    if (!there) return Deactivated{.was_there = false, .left_to = {}};
    // Also one that is INACTIVE: an activation may not be seen yet. What somebody has revoked stays
    // so.
    if (!there->is_shared() && there->status != CertificateStatus::revoked)
        IMPRINT_CHECK(
            unless_gone(iot.update_certificate(certificate_id, CertificateStatus::inactive)));
    return Deactivated{.was_there = true, .left_to = there->other_things};
}

Result<Retired> retire_certificate(IotClient& iot, const std::set<std::string>& things,
                                   const std::string& certificate_id, Milliseconds most) {
    Retired retired;
    IMPRINT_TRY(const auto there, look_at_principal(iot, things, certificate_id));
    if (!there) {
        retired.was_there = false;
        return retired;
    }
    if (there->is_shared()) {
        retired.left_to = there->other_things;
        IMPRINT_CHECK(detach(iot, things, *there));
        return retired;
    }
    if (there->status == CertificateStatus::active)
        IMPRINT_CHECK(
            unless_gone(iot.update_certificate(certificate_id, CertificateStatus::inactive)));
    IMPRINT_TRY(const auto policies, iot.list_attached_policies(there->arn));
    for (const auto& policy : policies)
        IMPRINT_CHECK(unless_gone(iot.detach_policy(policy, there->arn)));
    IMPRINT_CHECK(detach(iot, things, *there));
    auto gone = while_it_settles(
        iot, is_still_in_use, [&] { return unless_gone(iot.delete_certificate(certificate_id)); },
        most);
    if (!gone && is_still_in_use(gone.error())) {
        retired.unfinished = true;
        return retired;
    }
    if (!gone) return std::unexpected(std::move(gone).error());
    return retired;
}

Result<void> delete_thing(IotClient& iot, const std::string& thing) {
    // "Thing … is still attached to one or more principals".
    const auto is_attached = [](const Error& error) {
        return error.code == "InvalidRequestException" || error.code == "DeleteConflictException";
    };
    return while_it_settles(iot, is_attached, [&] { return unless_gone(iot.delete_thing(thing)); });
}

Result<std::vector<std::string>> list_former_certificates(IotClient& iot, const std::string& thing,
                                                          const std::string& keep_id) {
    auto principals = iot.list_thing_principals(thing);
    if (!principals) {
        if (is_not_found(principals.error())) return std::vector<std::string>{};
        return std::unexpected(std::move(principals).error());
    }
    std::vector<std::string> ids;
    for (const auto& arn : *principals)
        if (const auto id = certificate_id_of_arn(arn); id && *id != keep_id) ids.push_back(*id);
    return ids;
}

Result<std::optional<std::string>> find_orphan_by_public_key(IotClient& iot,
                                                             const std::string& public_pem,
                                                             WallTime not_before) {
    constexpr std::size_t most = 2000;
    const WallTime oldest = not_before - std::chrono::minutes(10);
    std::vector<std::string> candidates;
    bool too_many = false;
    IMPRINT_CHECK(iot.list_certificates([&](const CertificateSummary& certificate) {
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
        auto described = iot.describe_certificate(id);
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
