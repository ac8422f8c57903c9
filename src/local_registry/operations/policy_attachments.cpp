#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/store/certificates.h"
#include "local_registry/store/policies.h"
#include "local_registry/store/thing_groups.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

Outcome<void> require_target(sqlite::Database& database, const PolicyTarget& target) {
    if (target.kind == PolicyTarget::Kind::certificate) {
        IMPRINT_TRY(const auto certificate, find_certificate(database, target.name));
        if (!certificate) return not_found(fmt::format("Certificate {} not found", target.name));
    } else {
        IMPRINT_TRY(const auto group, find_thing_group(database, target.name));
        if (!group) return not_found(fmt::format("Thing group {} not found", target.name));
    }
    return {};
}

Outcome<PolicyTarget> parse_target(const Context& context, const std::string& text) {
    auto resource = parse_arn(context.region, text);
    if (resource && resource->kind == ResourceKind::certificate)
        return PolicyTarget{.kind = PolicyTarget::Kind::certificate,
                            .name = std::move(resource->name)};
    if (resource && resource->kind == ResourceKind::thing_group)
        return PolicyTarget{.kind = PolicyTarget::Kind::thing_group,
                            .name = std::move(resource->name)};
    return invalid_request(fmt::format(
        "'{}' is not the ARN of a certificate or a thing group in {}", text, context.region));
}

std::string arn_of(const Context& context, const PolicyTarget& target) {
    return context.arn(target.kind == PolicyTarget::Kind::certificate ? ResourceKind::certificate
                                                                      : ResourceKind::thing_group,
                       target.name);
}

json policy_entry(const Context& context, const std::string& policy) {
    return {{"policyName", policy}, {"policyArn", context.arn(ResourceKind::policy, policy)}};
}

std::string number_of(const AttachmentRecord& last) {
    return std::to_string(last.number);
}

Outcome<json> attach(const Context& context, const std::string& policy,
                     const std::string& target_text) {
    IMPRINT_TRY(const auto target, parse_target(context, target_text));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_policy(database, policy));
        IMPRINT_CHECK(require_target(database, target));
        IMPRINT_CHECK(check_policy_room(database, policy, target, target_text));
        IMPRINT_CHECK(local_registry::attach_policy(database, policy, target));
        return json::object();
    });
}

// DetachPolicy knows no ResourceNotFoundException: what is not attached is as good as detached.
Outcome<json> detach(const Context& context, const std::string& policy,
                     const std::string& target_text) {
    IMPRINT_TRY(const auto target, parse_target(context, target_text));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(local_registry::detach_policy(database, policy, target));
        return json::object();
    });
}

// A group's policies and those of its ancestors, each once; few enough for one page.
Outcome<json> list_inherited(const Context& context, sqlite::Database& database,
                             const PolicyTarget& target) {
    IMPRINT_TRY(const auto lineage, thing_group_lineage(database, target.name));
    std::vector<std::string> names;
    for (auto group = lineage.rbegin(); group != lineage.rend(); ++group) {
        IMPRINT_TRY(const auto attached,
                    list_policies_of_target(
                        database, {.kind = PolicyTarget::Kind::thing_group, .name = *group},
                        std::nullopt, true, most_policies));
        for (const auto& one : attached)
            if (std::ranges::find(names, one.policy) == names.end()) names.push_back(one.policy);
    }
    json output{{"policies", json::array()}};
    for (const auto& name : names)
        output["policies"].push_back(policy_entry(context, name));
    return output;
}

Outcome<json> list_of_target(const Context& context, const PolicyTarget& target, const Page& page,
                             bool recursive) {
    IMPRINT_TRY(const auto after, after_number(page));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(require_target(database, target));
        if (recursive && target.kind == PolicyTarget::Kind::thing_group)
            return list_inherited(context, database, target);
        IMPRINT_TRY(auto attached, list_policies_of_target(database, target, after, page.ascending,
                                                           page.size + 1));
        const auto cut = cut_page(std::move(attached), page, number_of);
        json output{{"policies", json::array()}};
        for (const auto& one : cut.items)
            output["policies"].push_back(policy_entry(context, one.policy));
        add_token(output, "nextMarker", cut.next);
        return output;
    });
}

Outcome<json> list_of_policy(const Context& context, const std::string& policy, const Page& page) {
    IMPRINT_TRY(const auto after, after_number(page));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_policy(database, policy));
        IMPRINT_TRY(auto attached,
                    list_targets_of_policy(database, policy, after, page.ascending, page.size + 1));
        const auto cut = cut_page(std::move(attached), page, number_of);
        json arns = json::array();
        for (const auto& one : cut.items)
            arns.push_back(arn_of(context, one.target));
        json output{{"targets", std::move(arns)}};
        add_token(output, "nextMarker", cut.next);
        return output;
    });
}

}  // namespace

Outcome<json> attach_policy(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto policy, input.required(member::policy_name));
    IMPRINT_TRY(const auto target, input.required(member::target));
    return attach(context, policy, target);
}

Outcome<json> detach_policy(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto policy, input.required(member::policy_name));
    IMPRINT_TRY(const auto target, input.required(member::target));
    return detach(context, policy, target);
}

Outcome<json> list_attached_policies(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto text, input.required(member::target_in_path));
    IMPRINT_TRY(const bool recursive, input.flag(member::recursive));
    IMPRINT_TRY(auto page, read_page(input, PageStyle::marker));
    page.ascending = true;  // there is no such parameter here
    IMPRINT_TRY(const auto target, parse_target(context, text));
    return list_of_target(context, target, page, recursive);
}

Outcome<json> list_targets_for_policy(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto policy, input.required(member::policy_name));
    IMPRINT_TRY(auto page, read_page(input, PageStyle::marker));
    page.ascending = true;
    return list_of_policy(context, policy, page);
}

Outcome<json> attach_principal_policy(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto policy, input.required(member::policy_name));
    IMPRINT_TRY(const auto principal, input.required(member::policy_principal));
    return attach(context, policy, principal);
}

}  // namespace imprint::local_registry::operations
