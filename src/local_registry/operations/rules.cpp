#include "local_registry/operations/rules.h"

#include <algorithm>
#include <fmt/format.h>

#include "local_registry/store/thing_groups.h"
#include "local_registry/store/thing_types.h"

namespace imprint::local_registry::operations {

namespace {

// AWS IoT quotas: attributes of a thing without and with a thing type, and groups of a thing.
constexpr std::size_t most_attributes_untyped = 3;
constexpr std::size_t most_attributes_typed = 50;
constexpr std::size_t most_groups_of_a_thing = 10;

}  // namespace

Outcome<ThingRecord> required_thing(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto record, find_thing(database, name));
    if (!record) return not_found(fmt::format("Thing {} not found", name));
    return *std::move(record);
}

Outcome<CertificateRecord> required_certificate(sqlite::Database& database, const std::string& id) {
    IMPRINT_TRY(auto record, find_certificate(database, id));
    if (!record) return not_found(fmt::format("Certificate {} not found", id));
    return *std::move(record);
}

Outcome<PolicyRecord> required_policy(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto record, find_policy(database, name));
    if (!record) return not_found(fmt::format("Policy {} not found", name));
    return *std::move(record);
}

Outcome<void> check_type(sqlite::Database& database, const std::string& type) {
    IMPRINT_TRY(const auto record, find_thing_type(database, type));
    if (!record) return not_found(fmt::format("Thing type {} not found", type));
    if (record->deprecated)
        return invalid_request(fmt::format(
            "Thing type {} is deprecated: no further thing can be associated with it", type));
    return {};
}

Outcome<void> check_attribute_count(const ThingRecord& record) {
    const std::size_t most = record.type ? most_attributes_typed : most_attributes_untyped;
    if (record.attributes.size() > most)
        return invalid_request(fmt::format("Thing {} would have {} attributes; {} is the most {}",
                                           record.name, record.attributes.size(), most,
                                           record.type ? "for a thing" : "without a thing type"));
    return {};
}

// Developer guide, "Static thing groups", "Add a thing to a static thing group".
Outcome<void> check_room(sqlite::Database& database, const std::string& group,
                         const std::string& thing) {
    IMPRINT_TRY(const auto lineage, thing_group_lineage(database, group));
    IMPRINT_TRY(const auto groups,
                list_groups_of_thing(database, thing, "", most_groups_of_a_thing + 1));
    for (const auto& present : groups) {
        if (present == group) return {};
        IMPRINT_TRY(const auto other, thing_group_lineage(database, present));
        if (other.front() == lineage.front())
            return invalid_request(
                fmt::format("Thing {} is in {} already, which is in the same hierarchy as {}",
                            thing, present, group));
    }
    if (groups.size() >= most_groups_of_a_thing)
        return invalid_request(
            fmt::format("Thing {} is in {} groups already", thing, groups.size()));
    return {};
}

Outcome<void> check_policy_room(sqlite::Database& database, const std::string& policy,
                                const PolicyTarget& target, const std::string& what) {
    IMPRINT_TRY(const auto attached,
                list_policies_of_target(database, target, std::nullopt, true, most_policies));
    if (static_cast<std::int64_t>(attached.size()) == most_policies &&
        std::ranges::none_of(attached, [&](const auto& one) { return one.policy == policy; }))
        return refuse(410, "LimitExceededException",
                      fmt::format("{} policies are attached to {} already", attached.size(), what));
    return {};
}

}  // namespace imprint::local_registry::operations
