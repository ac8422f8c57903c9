#include "local_registry/store/provisioning_templates.h"

#include <array>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/provisioning_document.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::string_view fleet = "FLEET_PROVISIONING";
constexpr std::array<std::string_view, 2> types{fleet, "JITP"};
constexpr int only_version = 1;  // UpdateProvisioningTemplate and versions do not exist here

Outcome<ProvisioningTemplateRecord> required_template(sqlite::Database& database,
                                                      const std::string& name) {
    IMPRINT_TRY(auto record, find_provisioning_template(database, name));
    if (!record) return not_found(fmt::format("Provisioning template {} not found", name));
    return *std::move(record);
}

Outcome<std::optional<std::string>> read_hook(const Input& input) {
    IMPRINT_TRY(const auto hook, input.structure("preProvisioningHook"));
    if (!hook) return std::nullopt;
    IMPRINT_TRY(const auto version, hook->optional(member::payload_version));
    IMPRINT_TRY(const auto target, hook->required(member::target_arn));
    json kept{{"targetArn", target}};
    if (version) kept["payloadVersion"] = *version;
    return kept.dump();
}

json summary(const Context& context, const ProvisioningTemplateRecord& record) {
    return {{"templateArn", context.arn(ResourceKind::provisioning_template, record.name)},
            {"templateName", record.name},
            {"description", record.description},
            {"creationDate", to_timestamp(record.created)},
            {"lastModifiedDate", to_timestamp(record.modified)},
            {"enabled", record.enabled},
            {"type", record.type}};
}

}  // namespace

Outcome<json> create_provisioning_template(const Context& context, const Input& input) {
    const std::int64_t now = context.now();
    ProvisioningTemplateRecord record;
    record.created = now;
    record.modified = now;
    IMPRINT_TRY(record.name, input.required(member::template_name_in_body));
    IMPRINT_TRY(const auto description, input.optional(member::template_description));
    record.description = description.value_or("");
    IMPRINT_TRY(record.body, input.required(member::template_body));
    IMPRINT_TRY(record.enabled, input.flag(member::enabled));
    IMPRINT_TRY(record.role, input.required(member::provisioning_role_arn));
    IMPRINT_TRY(const auto type, input.choice(member::template_type, types));
    record.type = type.value_or(std::string(fleet));
    IMPRINT_TRY(record.hook, read_hook(input));
    if (record.hook && record.type != fleet)
        return invalid_request("preProvisioningHook is for templates of type FLEET_PROVISIONING");
    IMPRINT_CHECK(check_document(record.body));
    const std::string arn = context.arn(ResourceKind::provisioning_template, record.name);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto existing, find_provisioning_template(database, record.name));
        if (existing)
            return already_exists(
                fmt::format("Provisioning template {} already exists", record.name), record.name,
                arn);
        IMPRINT_CHECK(insert_provisioning_template(database, record));
        return json{{"templateArn", arn},
                    {"templateName", record.name},
                    {"defaultVersionId", only_version}};
    });
}

Outcome<json> describe_provisioning_template(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::template_name));
    IMPRINT_TRY(const auto record, context.store.read([&](sqlite::Database& database) {
        return required_template(database, name);
    }));
    json output = summary(context, record);
    output["defaultVersionId"] = only_version;
    output["templateBody"] = record.body;
    output["provisioningRoleArn"] = record.role;
    if (record.hook) output["preProvisioningHook"] = json::parse(*record.hook, nullptr, false);
    return output;
}

Outcome<json> list_provisioning_templates(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_provisioning_templates(database, page.after, page.size + 1);
    }));
    const auto cut = cut_page(std::move(records), page,
                              [](const ProvisioningTemplateRecord& last) { return last.name; });
    json output{{"templates", json::array()}};
    for (const auto& record : cut.items)
        output["templates"].push_back(summary(context, record));
    add_token(output, "nextToken", cut.next);
    return output;
}

Outcome<json> delete_provisioning_template(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::template_name));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_template(database, name));
        IMPRINT_CHECK(local_registry::delete_provisioning_template(database, name));
        return json::object();
    });
}

}  // namespace imprint::local_registry::operations
