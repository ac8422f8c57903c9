#include "local_registry/api/authorization.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "local_registry/api/arn.h"
#include "policy/document.h"
#include "policy/evaluate.h"

namespace imprint::local_registry {

namespace {

using nlohmann::json;

struct ResourceOf {
    std::string_view member;  // of the path, or else of the body
    ResourceKind kind;
};

constexpr std::array resource_members{
    ResourceOf{"thingName", ResourceKind::thing},
    ResourceOf{"thingGroupName", ResourceKind::thing_group},
    ResourceOf{"thingTypeName", ResourceKind::thing_type},
    ResourceOf{"certificateId", ResourceKind::certificate},
    ResourceOf{"caCertificateId", ResourceKind::ca_certificate},
    ResourceOf{"policyName", ResourceKind::policy},
    ResourceOf{"templateName", ResourceKind::provisioning_template},
};

// Operations that name such a thing and have no resource type in the reference all the same.
constexpr std::array<std::string_view, 9> without_resource = {
    "CreatePolicy",         "ListPolicyVersions",         "ListThingPrincipals",
    "AttachThingPrincipal", "DetachThingPrincipal",       "ListPrincipalThings",
    "ListAttachedPolicies", "CreateProvisioningTemplate", "ListThings"};

// Those that are weighed against what they attach to.
constexpr std::array<std::string_view, 2> of_a_target = {"AttachPolicy", "DetachPolicy"};

std::optional<std::string> member_of(const Asked& asked, std::string_view name) {
    if (const auto place = find_field(asked.places, name)) return place;
    const auto found = asked.body.is_object() ? asked.body.find(name) : asked.body.end();
    if (!asked.body.is_object() || found == asked.body.end() || !found->is_string())
        return std::nullopt;
    return found->get<std::string>();
}

std::vector<std::string> resources_of(const Asked& asked, std::string_view region) {
    if (std::ranges::find(of_a_target, asked.operation) != of_a_target.end())
        return {member_of(asked, "target").value_or("*")};
    std::vector<std::string> arns;
    if (std::ranges::find(without_resource, asked.operation) == without_resource.end())
        for (const auto& [member, kind] : resource_members) {
            // CreateThing and UpdateThing name their type in the body, and are weighed by the
            // thing.
            if (!arns.empty() && kind != ResourceKind::thing_group) continue;
            if (const auto name = member_of(asked, member))
                arns.push_back(make_arn(region, kind, *name));
        }
    if (arns.empty()) arns.emplace_back("*");
    return arns;
}

}  // namespace

Outcome<void> authorize(const std::string& key_id, const std::string& policy, const Asked& asked,
                        std::string_view region) {
    if (policy.empty()) return {};
    const auto document = policy::parse(policy);
    const std::string action = fmt::format("iot:{}", asked.operation);
    for (const auto& resource : resources_of(asked, region)) {
        const bool allowed =
            document &&
            policy::evaluate(*document, {.action = action, .resource = resource}, {}).allowed();
        if (!allowed)
            return std::unexpected(ApiError(
                403, "AccessDeniedException",
                fmt::format("User: arn:aws:sts::{}:assumed-role/station/{} is not authorized to "
                            "perform: {} on resource: {}",
                            account, key_id, action, resource)));
    }
    return {};
}

std::string fault_of_key_policy(const std::string& document) {
    const auto parsed = policy::parse(document);
    if (!parsed) return parsed.error();
    for (std::size_t i = 0; i < parsed->statements.size(); ++i)
        if (!parsed->statements[i].conditions.empty())
            return fmt::format("{} has conditions, which are not weighed here",
                               policy::name_of(parsed->statements[i], i));
    return {};
}

}  // namespace imprint::local_registry
