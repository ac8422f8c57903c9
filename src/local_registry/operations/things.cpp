#include "local_registry/store/things.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/store/certificates.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

Outcome<void> check_version(const ThingRecord& record, std::optional<std::int64_t> expected) {
    if (expected && *expected != record.version)
        return version_conflict(fmt::format("The version for thing {} is {}, not the expected {}",
                                            record.name, record.version, *expected));
    return {};
}

}  // namespace

Outcome<json> create_thing(const Context& context, const Input& input) {
    ThingRecord record;
    record.id = context.new_id();
    record.created = context.now();
    IMPRINT_TRY(record.name, input.required(member::thing_name));
    IMPRINT_TRY(record.type, input.optional(member::thing_type_name_in_body));
    IMPRINT_TRY(const auto payload, read_attributes(input));
    record.attributes = apply(payload, {});
    IMPRINT_TRY(const auto billing_group, input.optional(member::billing_group_name));
    if (billing_group)
        return not_found(
            fmt::format("Billing group {} not found: there are none here", *billing_group));
    IMPRINT_CHECK(check_attribute_count(record));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto existing, find_thing(database, record.name));
        const std::string arn = context.arn(ResourceKind::thing, record.name);
        if (existing &&
            (existing->type != record.type || existing->attributes != record.attributes))
            return already_exists(
                fmt::format("Thing {} already exists in account with different {}", record.name,
                            existing->type != record.type ? "thing type" : "attributes"),
                existing->id, arn);
        if (!existing) {
            if (record.type) IMPRINT_CHECK(check_type(database, *record.type));
            IMPRINT_CHECK(insert_thing(database, record));
        }
        return json{{"thingName", record.name},
                    {"thingArn", arn},
                    {"thingId", existing ? existing->id : record.id}};
    });
}

Outcome<json> describe_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_name));
    IMPRINT_TRY(const auto record, context.store.read([&](sqlite::Database& database) {
        return required_thing(database, name);
    }));
    json output{{"defaultClientId", record.name},
                {"thingName", record.name},
                {"thingId", record.id},
                {"thingArn", context.arn(ResourceKind::thing, record.name)},
                {"attributes", record.attributes},
                {"version", record.version}};
    if (record.type) output["thingTypeName"] = *record.type;
    return output;
}

Outcome<json> update_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_name));
    IMPRINT_TRY(const auto type, input.optional(member::thing_type_name_in_body));
    IMPRINT_TRY(const bool untype, input.flag(member::remove_thing_type));
    IMPRINT_TRY(const auto expected, input.number(member::expected_version));
    IMPRINT_TRY(const auto payload, read_attributes(input));
    if (type && untype)
        return invalid_request("thingTypeName and removeThingType exclude each other");
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(ThingRecord record, required_thing(database, name));
        IMPRINT_CHECK(check_version(record, expected));
        if (type && type != record.type) IMPRINT_CHECK(check_type(database, *type));
        if (type) record.type = type;
        if (untype) record.type.reset();
        record.attributes = apply(payload, std::move(record.attributes));
        IMPRINT_CHECK(check_attribute_count(record));
        ++record.version;
        IMPRINT_CHECK(local_registry::update_thing(database, record));
        return json::object();
    });
}

// A thing that is not there is as good as deleted (API reference, DeleteThing).
Outcome<json> delete_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_name));
    IMPRINT_TRY(const auto expected, input.number(member::expected_version_in_query));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, find_thing(database, name));
        if (!record) return json::object();
        IMPRINT_CHECK(check_version(*record, expected));
        IMPRINT_TRY(const auto principals,
                    list_attachments_of_thing(database, name, std::nullopt, "", 1));
        if (!principals.empty())
            return invalid_request(fmt::format(
                "Cannot delete. Thing {} is still attached to one or more principals", name));
        IMPRINT_CHECK(local_registry::delete_thing(database, name));
        return json::object();
    });
}

Outcome<json> list_things(const Context& context, const Input& input) {
    ThingFilter filter;
    IMPRINT_TRY(filter.type, input.optional(member::thing_type_name_in_query));
    IMPRINT_TRY(filter.attribute, input.optional(member::attribute_name_in_query));
    IMPRINT_TRY(filter.value, input.optional(member::attribute_value_in_query));
    IMPRINT_TRY(filter.prefix, input.flag(member::use_prefix));
    if (filter.value && !filter.attribute)
        return invalid_request("attributeValue needs an attributeName");
    // What AWS IoT answers to it (aws/aws-sdk-js#4237).
    if (filter.type && filter.attribute)
        return invalid_request(
            "The combination of thingTypeName and attributeName is not supported: filter by one");
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_things(database, page.after, filter, page.size + 1);
    }));
    const auto cut =
        cut_page(std::move(records), page, [](const ThingRecord& last) { return last.name; });
    json output{{"things", json::array()}};
    for (const auto& record : cut.items) {
        json thing{{"thingName", record.name},
                   {"thingArn", context.arn(ResourceKind::thing, record.name)},
                   {"attributes", record.attributes},
                   {"version", record.version}};
        if (record.type) thing["thingTypeName"] = *record.type;
        output["things"].push_back(std::move(thing));
    }
    add_token(output, "nextToken", cut.next);
    return output;
}

}  // namespace imprint::local_registry::operations
