#include "local_registry/store/policies.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/random.h"
#include "policy/document.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::size_t most_versions = 5;

Outcome<PolicyVersionRecord> require_version(sqlite::Database& database, const std::string& policy,
                                             std::int64_t version) {
    IMPRINT_TRY(auto record, find_policy_version(database, policy, version));
    if (!record) return not_found(fmt::format("Policy {} has no version {}", policy, version));
    return *std::move(record);
}

Outcome<std::string> read_document(const Input& input) {
    IMPRINT_TRY(std::string document, input.required(member::policy_document));
    const auto parsed = policy::parse(document);
    if (!parsed)
        return refuse(400, "MalformedPolicyException",
                      fmt::format("Policy document is malformed: {}", parsed.error()));
    return document;
}

Outcome<std::int64_t> read_version(const Input& input) {
    IMPRINT_TRY(const auto text, input.required(member::policy_version_id));
    std::int64_t version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    return version;
}

}  // namespace

Outcome<json> create_policy(const Context& context, const Input& input) {
    const std::int64_t now = context.now();
    PolicyRecord record;
    record.created = now;
    record.modified = now;
    record.generation = random_uuid();
    IMPRINT_TRY(record.name, input.required(member::policy_name));
    IMPRINT_TRY(const auto document, read_document(input));
    const std::string arn = context.arn(ResourceKind::policy, record.name);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto existing, find_policy(database, record.name));
        if (existing)
            return already_exists(
                fmt::format("Policy cannot be created - name already exists (name={})",
                            record.name),
                record.name, arn);
        IMPRINT_CHECK(insert_policy(database, record));
        IMPRINT_CHECK(insert_policy_version(database, record.name,
                                            {.version = 1, .document = document, .created = now}));
        return json{{"policyName", record.name},
                    {"policyArn", arn},
                    {"policyDocument", document},
                    {"policyVersionId", "1"}};
    });
}

Outcome<json> get_policy(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_policy(database, name));
        IMPRINT_TRY(const auto version, require_version(database, name, record.default_version));
        return json{{"policyName", name},
                    {"policyArn", context.arn(ResourceKind::policy, name)},
                    {"policyDocument", version.document},
                    {"defaultVersionId", std::to_string(record.default_version)},
                    {"creationDate", to_timestamp(record.created)},
                    {"lastModifiedDate", to_timestamp(record.modified)},
                    {"generationId", record.generation}};
    });
}

Outcome<json> list_policies(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::marker));
    IMPRINT_TRY(const auto after, after_number(page));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_policies(database, after, page.ascending, page.size + 1);
    }));
    const auto cut = cut_page(std::move(records), page,
                              [](const PolicyRecord& last) { return std::to_string(last.number); });
    json output{{"policies", json::array()}};
    for (const auto& record : cut.items)
        output["policies"].push_back(
            {{"policyName", record.name},
             {"policyArn", context.arn(ResourceKind::policy, record.name)}});
    add_token(output, "nextMarker", cut.next);
    return output;
}

Outcome<json> delete_policy(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_policy(database, name));
        IMPRINT_TRY(const auto targets,
                    list_targets_of_policy(database, name, std::nullopt, true, 1));
        if (!targets.empty())
            return delete_conflict(
                fmt::format("The policy cannot be deleted as the policy is "
                            "attached to one or more principals (name={})",
                            name));
        IMPRINT_TRY(const auto versions, local_registry::list_policy_versions(database, name));
        if (versions.size() > 1)
            return delete_conflict(
                fmt::format("Cannot delete the policy because it has one or "
                            "more policy versions attached to it (name={})",
                            name));
        IMPRINT_CHECK(local_registry::delete_policy(database, name));
        return json::object();
    });
}

Outcome<json> create_policy_version(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    IMPRINT_TRY(const auto document, read_document(input));
    IMPRINT_TRY(const bool as_default, input.flag(member::set_as_default));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(PolicyRecord record, required_policy(database, name));
        IMPRINT_TRY(const auto versions, local_registry::list_policy_versions(database, name));
        if (versions.size() >= most_versions)
            return refuse(
                409, "VersionsLimitExceededException",
                fmt::format("The policy {} already has the maximum number of versions ({})", name,
                            most_versions));
        record.modified = context.now();
        ++record.last_version;
        if (as_default) record.default_version = record.last_version;
        IMPRINT_CHECK(insert_policy_version(
            database, name,
            {.version = record.last_version, .document = document, .created = record.modified}));
        IMPRINT_CHECK(update_policy(database, record));
        return json{{"policyArn", context.arn(ResourceKind::policy, name)},
                    {"policyDocument", document},
                    {"policyVersionId", std::to_string(record.last_version)},
                    {"isDefaultVersion", as_default}};
    });
}

Outcome<json> get_policy_version(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    IMPRINT_TRY(const auto number, read_version(input));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_policy(database, name));
        IMPRINT_TRY(const auto version, require_version(database, name, number));
        return json{{"policyArn", context.arn(ResourceKind::policy, name)},
                    {"policyName", name},
                    {"policyDocument", version.document},
                    {"policyVersionId", std::to_string(number)},
                    {"isDefaultVersion", number == record.default_version},
                    {"creationDate", to_timestamp(version.created)},
                    {"lastModifiedDate", to_timestamp(version.created)},
                    {"generationId", record.generation}};
    });
}

Outcome<json> list_policy_versions(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_policy(database, name));
        IMPRINT_TRY(const auto versions, local_registry::list_policy_versions(database, name));
        json output{{"policyVersions", json::array()}};
        for (const auto& version : versions)
            output["policyVersions"].push_back(
                {{"versionId", std::to_string(version.version)},
                 {"isDefaultVersion", version.version == record.default_version},
                 {"createDate", to_timestamp(version.created)}});
        return output;
    });
}

Outcome<json> delete_policy_version(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    IMPRINT_TRY(const auto number, read_version(input));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_policy(database, name));
        IMPRINT_CHECK(require_version(database, name, number));
        if (number == record.default_version)
            return delete_conflict(
                fmt::format("Cannot delete the default version of policy {}", name));
        IMPRINT_CHECK(local_registry::delete_policy_version(database, name, number));
        return json::object();
    });
}

Outcome<json> set_default_policy_version(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::policy_name));
    IMPRINT_TRY(const auto number, read_version(input));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(PolicyRecord record, required_policy(database, name));
        IMPRINT_CHECK(require_version(database, name, number));
        record.default_version = number;
        record.modified = context.now();
        IMPRINT_CHECK(update_policy(database, record));
        return json::object();
    });
}

}  // namespace imprint::local_registry::operations
