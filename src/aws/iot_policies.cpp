// Policies and what they are attached to.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "aws/iot_answers.h"
#include "aws/iot_client.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

std::string policy_path(const std::string& name) {
    return "/policies/" + http::percent_encode(name);
}

std::string version_path(const std::string& name, const std::string& version) {
    return policy_path(name) + "/version/" + http::percent_encode(version);
}

}  // namespace

Result<Policy> IotClient::get_policy(const std::string& name) {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "GetPolicy",
                                                .subject = name,
                                                .method = "GET",
                                                .path = policy_path(name)}));
    return Policy{name, text(answer, "policyArn"), text(answer, "policyDocument")};
}

Result<Policy> IotClient::create_policy(const std::string& name, const std::string& document) {
    const auto answer = calls_->run({.operation = "CreatePolicy",
                                     .subject = name,
                                     .method = "POST",
                                     .path = policy_path(name),
                                     .body = {{"policyDocument", document}}});
    if (answer) return Policy{name, text(*answer, "policyArn"), document};
    if (answer.error().code != "ResourceAlreadyExistsException")
        return std::unexpected(answer.error());
    // Its first reply was lost, and the request sent again, perhaps by curl itself over another
    // connection: it is ours. Or somebody else made another one of that name.
    IMPRINT_TRY(Policy found, get_policy(name));
    if (json::parse(found.document, nullptr, false) == json::parse(document, nullptr, false))
        return found;
    return fail_as_aws("ResourceAlreadyExistsException",
                       fmt::format("CreatePolicy {}: there is one with another document", name));
}

Result<void> IotClient::attach_policy(const std::string& policy, const std::string& target_arn) {
    IMPRINT_CHECK(calls_->run({.operation = "AttachPolicy",
                               .subject = policy,
                               .method = "PUT",
                               .path = "/target-policies/" + http::percent_encode(policy),
                               .body = {{"target", target_arn}}}));
    return {};
}

Result<void> IotClient::detach_policy(const std::string& policy, const std::string& target_arn) {
    IMPRINT_CHECK(calls_->run({.operation = "DetachPolicy",
                               .subject = policy,
                               .method = "POST",
                               .path = "/target-policies/" + http::percent_encode(policy),
                               .body = {{"target", target_arn}},
                               .done_before = "ResourceNotFoundException"}));
    return {};
}

Result<std::vector<std::string>> IotClient::list_attached_policies(const std::string& target_arn,
                                                                   bool recursive) {
    std::vector<std::pair<std::string, std::string>> query;
    if (recursive) query.emplace_back("recursive", "true");
    return all_names(*calls_,
                     {.operation = "ListAttachedPolicies",
                      .subject = target_arn,
                      .method = "POST",
                      .path = "/attached-policies/" + http::percent_encode(target_arn),
                      .query = std::move(query)},
                     "policies", "policyName", "nextMarker", "marker");
}

Result<std::vector<PolicyVersion>> IotClient::list_policy_versions(const std::string& name) {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "ListPolicyVersions",
                                                .subject = name,
                                                .method = "GET",
                                                .path = policy_path(name) + "/version"}));
    std::vector<PolicyVersion> versions;
    const auto list = answer.find("policyVersions");
    if (list == answer.end() || !list->is_array()) return versions;
    for (const auto& item : *list) {
        if (!item.is_object()) continue;
        IMPRINT_TRY(std::string id, required("ListPolicyVersions", item, "versionId"));
        versions.push_back({std::move(id), item.value("isDefaultVersion", json(false)) == true,
                            time_member(item, "createDate")});
    }
    // Numbers that grow.
    std::ranges::sort(versions, std::ranges::greater(), [](const PolicyVersion& version) {
        return std::pair(version.id.size(), version.id);
    });
    return versions;
}

Result<std::string> IotClient::get_policy_version(const std::string& name,
                                                  const std::string& version) {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "GetPolicyVersion",
                                                .subject = name + " version " + version,
                                                .method = "GET",
                                                .path = version_path(name, version)}));
    return required("GetPolicyVersion", answer, "policyDocument");
}

Result<std::string> IotClient::create_policy_version(const std::string& name,
                                                     const std::string& document,
                                                     bool set_as_default) {
    IMPRINT_TRY(const json answer,
                calls_->run({.operation = "CreatePolicyVersion",
                             .subject = name,
                             .method = "POST",
                             .path = policy_path(name) + "/version",
                             .query = {{"setAsDefault", set_as_default ? "true" : "false"}},
                             .body = {{"policyDocument", document}},
                             .repeatable = false}));
    return required("CreatePolicyVersion", answer, "policyVersionId");
}

Result<void> IotClient::set_default_policy_version(const std::string& name,
                                                   const std::string& version) {
    IMPRINT_CHECK(calls_->run({.operation = "SetDefaultPolicyVersion",
                               .subject = name + " version " + version,
                               .method = "PATCH",
                               .path = version_path(name, version)}));
    return {};
}

Result<void> IotClient::delete_policy_version(const std::string& name, const std::string& version) {
    IMPRINT_CHECK(calls_->run({.operation = "DeletePolicyVersion",
                               .subject = name + " version " + version,
                               .method = "DELETE",
                               .path = version_path(name, version),
                               .done_before = "ResourceNotFoundException"}));
    return {};
}

}  // namespace imprint::aws
