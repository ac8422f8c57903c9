#include "local_registry/store/thing_groups.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/store/things.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

// AWS IoT quotas for thing groups.
constexpr std::size_t most_attributes = 50;
constexpr std::size_t deepest = 7;

Outcome<ThingGroupRecord> required_group(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto record, find_thing_group(database, name));
    if (!record) return not_found(fmt::format("Thing group {} not found", name));
    return *std::move(record);
}

json name_and_arn(const Context& context, const std::string& group) {
    return {{"groupName", group}, {"groupArn", context.arn(ResourceKind::thing_group, group)}};
}

// Named by name, by ARN, or by both when they agree.
Outcome<std::string> read_reference(const Context& context, const Input& input,
                                    const Member& by_name, const Member& by_arn,
                                    ResourceKind kind) {
    IMPRINT_TRY(const auto name, input.optional(by_name));
    IMPRINT_TRY(const auto arn, input.optional(by_arn));
    if (!arn) return input.required(by_name);
    auto resource = parse_arn(context.region, *arn);
    if (!resource || resource->kind != kind)
        return invalid_request(fmt::format("'{}' is no {}", *arn, by_arn.name));
    if (name && *name != resource->name)
        return invalid_request(
            fmt::format("{} and {} name different things", by_name.name, by_arn.name));
    return std::move(resource->name);
}

struct Membership {
    std::string group;
    std::string thing;
};

Outcome<Membership> read_membership(const Context& context, const Input& input) {
    Membership membership;
    IMPRINT_TRY(membership.group,
                read_reference(context, input, member::thing_group_name_in_body,
                               member::thing_group_arn, ResourceKind::thing_group));
    IMPRINT_TRY(membership.thing, read_reference(context, input, member::thing_name_in_body,
                                                 member::thing_arn, ResourceKind::thing));
    return membership;
}

}  // namespace

Outcome<json> create_thing_group(const Context& context, const Input& input) {
    ThingGroupRecord record;
    record.id = context.new_id();
    record.created = context.now();
    IMPRINT_TRY(record.name, input.required(member::thing_group_name));
    IMPRINT_TRY(record.parent, input.optional(member::parent_group_name));
    IMPRINT_TRY(const auto properties, input.structure("thingGroupProperties"));
    if (properties) {
        IMPRINT_TRY(const auto description, properties->optional(member::thing_group_description));
        record.description = description.value_or("");
        IMPRINT_TRY(const auto payload, read_attributes(*properties));
        record.attributes = apply(payload, {});
    }
    if (record.attributes.size() > most_attributes)
        return invalid_request(
            fmt::format("Thing group {} would have {} attributes; {} is the most", record.name,
                        record.attributes.size(), most_attributes));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto existing, find_thing_group(database, record.name));
        const std::string arn = context.arn(ResourceKind::thing_group, record.name);
        if (existing &&
            (existing->parent != record.parent || existing->description != record.description ||
             existing->attributes != record.attributes))
            return already_exists(
                fmt::format("Thing group {} already exists in account with different properties",
                            record.name),
                existing->id, arn);
        if (!existing) {
            if (record.parent) {
                IMPRINT_TRY(const auto lineage, thing_group_lineage(database, *record.parent));
                if (lineage.empty())
                    return invalid_request(
                        fmt::format("Parent thing group {} not found", *record.parent));
                if (lineage.size() >= deepest)
                    return invalid_request(fmt::format(
                        "Thing group {} would be deeper than {} levels", record.name, deepest));
            }
            IMPRINT_CHECK(insert_thing_group(database, record));
        }
        return json{{"thingGroupName", record.name},
                    {"thingGroupArn", arn},
                    {"thingGroupId", existing ? existing->id : record.id}};
    });
}

Outcome<json> describe_thing_group(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_group_name));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_group(database, name));
        IMPRINT_TRY(auto lineage, thing_group_lineage(database, name));
        lineage.pop_back();
        json metadata{{"creationDate", to_timestamp(record.created)},
                      {"rootToParentThingGroups", json::array()}};
        if (record.parent) metadata["parentGroupName"] = *record.parent;
        for (const auto& ancestor : lineage)
            metadata["rootToParentThingGroups"].push_back(name_and_arn(context, ancestor));
        return json{{"thingGroupName", name},
                    {"thingGroupId", record.id},
                    {"thingGroupArn", context.arn(ResourceKind::thing_group, name)},
                    {"version", record.version},
                    {"thingGroupProperties",
                     {{"thingGroupDescription", record.description},
                      {"attributePayload", {{"attributes", record.attributes}}}}},
                    {"thingGroupMetadata", std::move(metadata)}};
    });
}

Outcome<json> list_thing_groups(const Context& context, const Input& input) {
    ThingGroupFilter filter;
    IMPRINT_TRY(filter.parent, input.optional(member::parent_group));
    IMPRINT_TRY(filter.prefix, input.optional(member::name_prefix_filter));
    IMPRINT_TRY(filter.recursive, input.flag(member::recursive));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        if (filter.parent) IMPRINT_CHECK(required_group(database, *filter.parent));
        IMPRINT_TRY(auto names,
                    local_registry::list_thing_groups(database, page.after, filter, page.size + 1));
        const auto cut =
            cut_page(std::move(names), page, [](const std::string& last) { return last; });
        json output{{"thingGroups", json::array()}};
        for (const auto& name : cut.items)
            output["thingGroups"].push_back(name_and_arn(context, name));
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

Outcome<json> delete_thing_group(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto name, input.required(member::thing_group_name));
    IMPRINT_TRY(const auto expected, input.number(member::expected_version_in_query));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, find_thing_group(database, name));
        if (!record) return json::object();
        if (expected && *expected != record->version)
            return version_conflict(
                fmt::format("The version for thing group {} is {}, not the expected {}", name,
                            record->version, *expected));
        IMPRINT_TRY(const bool children, has_child_groups(database, name));
        if (children)
            return invalid_request(
                fmt::format("Cannot delete thing group : {} when there are "
                            "still child groups attached to it",
                            name));
        IMPRINT_CHECK(local_registry::delete_thing_group(database, name));
        return json::object();
    });
}

Outcome<json> add_thing_to_thing_group(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto membership, read_membership(context, input));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_group(database, membership.group));
        IMPRINT_CHECK(required_thing(database, membership.thing));
        IMPRINT_CHECK(check_room(database, membership.group, membership.thing));
        IMPRINT_CHECK(insert_thing_group_member(database, membership.group, membership.thing));
        return json::object();
    });
}

Outcome<json> remove_thing_from_thing_group(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto membership, read_membership(context, input));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_group(database, membership.group));
        IMPRINT_CHECK(required_thing(database, membership.thing));
        IMPRINT_CHECK(delete_thing_group_member(database, membership.group, membership.thing));
        return json::object();
    });
}

Outcome<json> list_thing_groups_for_thing(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto thing, input.required(member::thing_name));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_thing(database, thing));
        IMPRINT_TRY(auto groups, list_groups_of_thing(database, thing, page.after, page.size + 1));
        const auto cut =
            cut_page(std::move(groups), page, [](const std::string& last) { return last; });
        json output{{"thingGroups", json::array()}};
        for (const auto& group : cut.items)
            output["thingGroups"].push_back(name_and_arn(context, group));
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

Outcome<json> list_things_in_thing_group(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto group, input.required(member::thing_group_name));
    IMPRINT_TRY(const bool recursive, input.flag(member::recursive));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::token));
    return context.store.read([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(required_group(database, group));
        IMPRINT_TRY(auto things,
                    list_things_of_group(database, group, recursive, page.after, page.size + 1));
        const auto cut =
            cut_page(std::move(things), page, [](const std::string& last) { return last; });
        json output{{"things", cut.items}};
        add_token(output, "nextToken", cut.next);
        return output;
    });
}

}  // namespace imprint::local_registry::operations
