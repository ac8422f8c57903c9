#include "local_registry/store/thing_types.h"

#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::size_t most_searchable = 3;  // AWS IoT quotas: searchable attributes of a thing type

Outcome<ThingTypeRecord> required_type(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto record, find_thing_type(database, name));
    if (!record) return not_found(fmt::format("Thing type {} not found", name));
    return *std::move(record);
}

json describe(const Context& context, const ThingTypeRecord& record) {
    json metadata{{"deprecated", record.deprecated.has_value()},
                  {"creationDate", to_timestamp(record.created)}};
    if (record.deprecated) metadata["deprecationDate"] = to_timestamp(*record.deprecated);
    return {{"thingTypeName", record.name},
            {"thingTypeArn", context.arn(ResourceKind::thing_type, record.name)},
            {"thingTypeProperties",
             {{"thingTypeDescription", record.description},
              {"searchableAttributes", record.searchable}}},
            {"thingTypeMetadata", std::move(metadata)}};
}

Outcome<std::vector<std::string>> read_searchable(const Input& properties) {
    std::vector<std::string> names;
    const auto found = properties.body().find("searchableAttributes");
    if (found == properties.body().end() || found->is_null()) return names;
    if (!found->is_array())
        return refuse(400, "SerializationException", "'searchableAttributes' is not a list");
    for (const json& name : *found) {
        if (!name.is_string())
            return refuse(400, "SerializationException", "'searchableAttributes' has no texts");
        IMPRINT_CHECK(check(member::searchable_attribute, name.get<std::string>()));
        names.push_back(name.get<std::string>());
    }
    if (names.size() > most_searchable)
        return invalid_request(fmt::format("{} searchable attributes are more than {}",
                                           names.size(), most_searchable));
    std::ranges::sort(names);  // their order means nothing
    return names;
}

}  // namespace

Outcome<json> create_thing_type(const Context& context, const Input& input) {
    ThingTypeRecord record;
    record.id = context.new_id();
    record.created = context.now();
    IMPRINT_TRY(record.name, input.required(member::thing_type_name));
    IMPRINT_TRY(const auto properties, input.structure("thingTypeProperties"));
    if (properties) {
        IMPRINT_TRY(const auto description, properties->optional(member::thing_type_description));
        record.description = description.value_or("");
        IMPRINT_TRY(record.searchable, read_searchable(*properties));
    }
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto existing, find_thing_type(database, record.name));
        const std::string arn = context.arn(ResourceKind::thing_type, record.name);
        if (existing && (existing->description != record.description ||
                         existing->searchable != record.searchable))
            return already_exists(
                fmt::format("Thing type {} already exists in account with different properties",
                            record.name),
                existing->id, arn);
        if (!existing) IMPRINT_CHECK(insert_thing_type(database, record));
        return json{{"thingTypeName", record.name},
                    {"thingTypeArn", arn},
                    {"thingTypeId", existing ? existing->id : record.id}};
    });
}

Outcome<json> describe_thing_type(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_type_name));
    IMPRINT_TRY(const auto record, context.store.read([&](sqlite::Database& database) {
        return required_type(database, name);
    }));
    json output = describe(context, record);
    output["thingTypeId"] = record.id;
    return output;
}

Outcome<json> list_thing_types(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto only, input.optional(member::thing_type_name_in_query));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_thing_types(database, page.after, only, page.size + 1);
    }));
    const auto cut =
        cut_page(std::move(records), page, [](const ThingTypeRecord& last) { return last.name; });
    json output{{"thingTypes", json::array()}};
    for (const auto& record : cut.items)
        output["thingTypes"].push_back(describe(context, record));
    add_token(output, "nextToken", cut.next);
    return output;
}

Outcome<json> deprecate_thing_type(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_type_name));
    IMPRINT_TRY(const bool undo, input.flag(member::undo_deprecate));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_type(database, name));
        if (undo == record.deprecated.has_value())
            IMPRINT_CHECK(set_thing_type_deprecated(
                database, name, undo ? std::nullopt : std::optional(context.now())));
        return json::object();
    });
}

Outcome<json> delete_thing_type(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_type_name));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_type(database, name));
        if (!record.deprecated)
            return invalid_request(fmt::format(
                "Can not delete thing type: {}. Thing type must be deprecated before deletion",
                name));
        IMPRINT_TRY(const bool used, is_thing_type_used(database, name));
        if (used)
            return invalid_request(fmt::format(
                "Cannot delete thing type : {}. Thing type still has things associated with it",
                name));
        IMPRINT_CHECK(local_registry::delete_thing_type(database, name));
        return json::object();
    });
}

}  // namespace imprint::local_registry::operations
