#include "local_registry/operations/provisioning.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/certificate_records.h"
#include "local_registry/operations/rules.h"
#include "local_registry/random.h"
#include "local_registry/store/policies.h"
#include "local_registry/store/thing_groups.h"
#include "local_registry/store/things.h"
#include "policy/document.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

// The model has no ResourceConflictsException, of which the guide speaks.
std::unexpected<ApiError> conflict(const std::string& logical, std::string_view what) {
    return refuse(409, "ConflictingResourceUpdateException",
                  fmt::format("{}: it is there already with another {}", logical, what));
}

// What a single operation would have refused.
template <typename T>
Outcome<T> within_template(Outcome<T> outcome, const std::string& logical) {
    if (outcome || outcome.error().status >= 500 ||
        outcome.error().name == "ConflictingResourceUpdateException")
        return outcome;
    return refuse(
        400, "ResourceRegistrationFailureException",
        fmt::format("{}: {}: {}", logical, outcome.error().name, outcome.error().message));
}

Outcome<void> set_groups(sqlite::Database& database, const ThingPlan& plan, bool existed) {
    IMPRINT_TRY(const auto present, list_groups_of_thing(database, plan.name, "", 100));
    if (existed && plan.for_groups == Override::do_nothing) return {};
    if (existed && plan.for_groups == Override::fail) {
        if (std::ranges::is_permutation(present, plan.groups)) return {};
        return conflict(plan.logical, "list of groups");
    }
    if (existed && plan.for_groups == Override::replace)
        for (const auto& group : present)
            IMPRINT_CHECK(delete_thing_group_member(database, group, plan.name));
    for (const auto& group : plan.groups) {
        IMPRINT_TRY(const auto found, find_thing_group(database, group));
        if (!found) return not_found(fmt::format("Thing group {} not found", group));
        IMPRINT_CHECK(check_room(database, group, plan.name));
        IMPRINT_CHECK(insert_thing_group_member(database, group, plan.name));
    }
    return {};
}

Outcome<void> update_existing(sqlite::Database& database, const ThingPlan& plan,
                              const ThingRecord& present) {
    ThingRecord wanted = present;
    if (present.type != plan.type && plan.for_type == Override::fail)
        return conflict(plan.logical, "thing type");
    if (plan.for_type == Override::replace) wanted.type = plan.type;
    if (present.attributes != plan.attributes && plan.for_attributes == Override::fail)
        return conflict(plan.logical, "set of attributes");
    if (plan.for_attributes == Override::replace) wanted.attributes = plan.attributes;
    if (plan.for_attributes == Override::merge)
        for (const auto& [name, value] : plan.attributes)
            wanted.attributes.insert_or_assign(name, value);
    if (wanted.type == present.type && wanted.attributes == present.attributes) return {};
    if (wanted.type && wanted.type != present.type)
        IMPRINT_CHECK(check_type(database, *wanted.type));
    IMPRINT_CHECK(check_attribute_count(wanted));
    ++wanted.version;
    IMPRINT_CHECK(local_registry::update_thing(database, wanted));
    return {};
}

Outcome<void> make_thing(const Context& context, sqlite::Database& database,
                         const ThingPlan& plan) {
    IMPRINT_TRY(const auto present, find_thing(database, plan.name));
    if (present) {
        IMPRINT_CHECK(update_existing(database, plan, *present));
    } else {
        const ThingRecord record{.name = plan.name,
                                 .id = context.new_id(),
                                 .type = plan.type,
                                 .attributes = plan.attributes,
                                 .created = context.now()};
        if (record.type) IMPRINT_CHECK(check_type(database, *record.type));
        IMPRINT_CHECK(check_attribute_count(record));
        IMPRINT_CHECK(insert_thing(database, record));
    }
    return set_groups(database, plan, present.has_value());
}

// Signed, or read.
Outcome<CertificateRecord> read_certificate(const Context& context, const CertificatePlan& plan) {
    if (plan.csr) return sign_request(context, *plan.csr, plan.status);
    CertificateRecord record;
    if (plan.id) {
        record.id = *plan.id;
        return record;
    }
    IMPRINT_TRY(const auto info, read_certificate_to_register(*plan.pem));
    return make_record(context, info, plan.status, sni_only);
}

Outcome<void> make_certificate(const Context& context, sqlite::Database& database,
                               const CertificatePlan& plan, CertificateRecord& record) {
    IMPRINT_TRY(auto present, find_certificate(database, record.id));
    if (!present) {
        if (plan.id) return not_found(fmt::format("Certificate {} not found", record.id));
        if (plan.ca_pem) {
            IMPRINT_TRY(const auto info, pki::inspect_certificate(record.pem));
            IMPRINT_CHECK(find_authority(database, info, plan.ca_pem, record));
        }
        IMPRINT_CHECK(insert_certificate(database, record));
        return {};
    }
    record = *std::move(present);
    if (record.status == plan.status || plan.for_status == Override::do_nothing) return {};
    if (plan.for_status == Override::fail) return conflict(plan.logical, "status");
    if (record.status == revoked)
        return certificate_state(fmt::format("Certificate {} is revoked", record.id));
    record.status = plan.status;
    record.modified = context.now();
    ++record.version;
    IMPRINT_CHECK(local_registry::update_certificate(database, record));
    return {};
}

Outcome<void> make_policy(const Context& context, sqlite::Database& database,
                          const PolicyPlan& plan) {
    IMPRINT_TRY(const auto present, find_policy(database, plan.name));
    if (!plan.document) {
        if (!present) return not_found(fmt::format("Policy {} not found", plan.name));
        return {};
    }
    const auto parsed = policy::parse(*plan.document);
    if (!parsed)
        return refuse(400, "MalformedPolicyException",
                      fmt::format("Policy document is malformed: {}", parsed.error()));
    if (present) {
        IMPRINT_TRY(const auto version,
                    find_policy_version(database, plan.name, present->default_version));
        if (!version || version->document != *plan.document)
            return conflict(plan.logical, "document");
        return {};
    }
    const std::int64_t now = context.now();
    IMPRINT_CHECK(insert_policy(
        database,
        {.name = plan.name, .created = now, .modified = now, .generation = random_uuid()}));
    IMPRINT_CHECK(insert_policy_version(
        database, plan.name, {.version = 1, .document = *plan.document, .created = now}));
    return {};
}

Outcome<void> attach(sqlite::Database& database, const PolicyPlan& plan,
                     const std::string& certificate) {
    const PolicyTarget target{.kind = PolicyTarget::Kind::certificate, .name = certificate};
    IMPRINT_CHECK(check_policy_room(database, plan.name, target, certificate));
    IMPRINT_CHECK(local_registry::attach_policy(database, plan.name, target));
    return {};
}

}  // namespace

Outcome<CertificateRecord> prepare_certificate(const Context& context,
                                               const ProvisioningPlan& plan) {
    if (!plan.certificate) return CertificateRecord();
    return within_template(read_certificate(context, *plan.certificate), plan.certificate->logical);
}

Outcome<json> provision(const Context& context, sqlite::Database& database,
                        const ProvisioningPlan& plan, CertificateRecord record) {
    json arns = json::object();
    json output = json::object();
    if (plan.thing) {
        IMPRINT_CHECK(
            within_template(make_thing(context, database, *plan.thing), plan.thing->logical));
        arns[plan.thing->logical] = context.arn(ResourceKind::thing, plan.thing->name);
    }
    if (plan.certificate) {
        IMPRINT_CHECK(
            within_template(make_certificate(context, database, *plan.certificate, record),
                            plan.certificate->logical));
        if (plan.thing)
            IMPRINT_CHECK(insert_thing_principal(database, plan.thing->name, record.id));
        arns[plan.certificate->logical] = context.arn(ResourceKind::certificate, record.id);
        output["certificatePem"] = record.pem;
    }
    for (const auto& one : plan.policies) {
        IMPRINT_CHECK(within_template(make_policy(context, database, one), one.logical));
        if (plan.certificate)
            IMPRINT_CHECK(within_template(attach(database, one, record.id), one.logical));
        arns[one.logical] = context.arn(ResourceKind::policy, one.name);
    }
    output["resourceArns"] = std::move(arns);
    return output;
}

}  // namespace imprint::local_registry::operations
