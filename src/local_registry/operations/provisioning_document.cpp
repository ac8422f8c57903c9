#include "local_registry/operations/provisioning_document.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/digest.h"
#include "local_registry/api/input.h"
#include "local_registry/operations/provisioning_functions.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

std::unexpected<ApiError> wrong(std::string_view what) {
    return invalid_request(fmt::format("templateBody: {}", what));
}

Outcome<json> parse(const std::string& body) {
    json document = json::parse(body, nullptr, false);
    if (!document.is_object()) return wrong("it is not a JSON object");
    const auto resources = document.find("Resources");
    if (resources == document.end() || !resources->is_object() || resources->empty())
        return wrong("it has no Resources");
    for (const char* section : {"Parameters", "Mappings"})
        if (document.contains(section) && !document[section].is_object())
            return wrong(fmt::format("{} is not an object", section));
    return document;
}

// What the caller gave, and for the rest what the template declares.
void add_defaults(const json& document, std::map<std::string, std::string>& parameters) {
    const auto section = document.find("Parameters");
    if (section == document.end()) return;
    for (const auto& [name, declared] : section->items()) {
        if (!declared.is_object()) continue;
        const auto value = declared.find("Default");
        if (value != declared.end() && value->is_string())
            parameters.try_emplace(name, value->get<std::string>());
    }
}

// One resource of the template.
class Resource {
  public:
    Resource(std::string logical, const json& body, const TemplateValues& values)
        : logical_(std::move(logical)),
          properties_(body.value("Properties", json::object())),
          overrides_(body.value("OverrideSettings", json::object())),
          values_(values) {}

    [[nodiscard]] const std::string& logical() const { return logical_; }

    [[nodiscard]] Outcome<void> check_properties(std::span<const std::string_view> known) const {
        if (!properties_.is_object() || !overrides_.is_object())
            return wrong(fmt::format("{}: Properties and OverrideSettings are objects", logical_));
        for (const auto& [name, value] : properties_.items())
            if (std::ranges::find(known, name) == known.end())
                return wrong(fmt::format("{}: there is no property {}", logical_, name));
        return {};
    }

    [[nodiscard]] const json* find(const char* name) const {
        const auto found = properties_.find(name);
        return found == properties_.end() || found->is_null() ? nullptr : &*found;
    }

    [[nodiscard]] Outcome<std::optional<std::string>> text(const char* name) const {
        const json* value = find(name);
        if (value == nullptr) return std::nullopt;
        IMPRINT_TRY(auto result, values_.text(*value, where(name)));
        return std::optional(std::move(result));
    }

    [[nodiscard]] Outcome<std::vector<std::string>> texts(const char* name) const {
        const json* value = find(name);
        if (value == nullptr) return std::vector<std::string>();
        return values_.texts(*value, where(name));
    }

    [[nodiscard]] Outcome<Override> override_of(const char* name, Override otherwise,
                                                bool mergeable) const {
        const auto found = overrides_.find(name);
        if (found == overrides_.end()) return otherwise;
        if (*found == "DO_NOTHING") return Override::do_nothing;
        if (*found == "REPLACE") return Override::replace;
        if (*found == "FAIL") return Override::fail;
        if (*found == "MERGE" && mergeable) return Override::merge;
        return wrong(
            fmt::format("{}.OverrideSettings.{} cannot be {}", logical_, name, found->dump()));
    }

  private:
    [[nodiscard]] std::string where(const char* name) const {
        return fmt::format("{}.{}", logical_, name);
    }

    std::string logical_;
    json properties_;
    json overrides_;
    const TemplateValues& values_;
};

Outcome<ThingPlan> read_thing(const Resource& resource, const TemplateValues& values) {
    static constexpr std::array<std::string_view, 5> known{
        "ThingName", "AttributePayload", "ThingTypeName", "ThingGroups", "BillingGroup"};
    IMPRINT_CHECK(resource.check_properties(known));
    ThingPlan plan{
        .logical = resource.logical(), .name = {}, .type = {}, .attributes = {}, .groups = {}};
    IMPRINT_TRY(const auto name, resource.text("ThingName"));
    if (!name) return wrong(fmt::format("{}: it has no ThingName", plan.logical));
    plan.name = *name;
    IMPRINT_CHECK(check(member::thing_name, plan.name));
    IMPRINT_TRY(plan.type, resource.text("ThingTypeName"));
    if (plan.type) IMPRINT_CHECK(check(member::thing_type_name, *plan.type));
    IMPRINT_TRY(plan.groups, resource.texts("ThingGroups"));
    for (const auto& group : plan.groups)
        IMPRINT_CHECK(check(member::thing_group_name, group));
    if (const json* attributes = resource.find("AttributePayload")) {
        const std::string where = fmt::format("{}.AttributePayload", plan.logical);
        if (!attributes->is_object()) return wrong(fmt::format("{} is not an object", where));
        for (const auto& [key, value] : attributes->items()) {
            IMPRINT_CHECK(check(member::attribute_name, key));
            IMPRINT_TRY(std::string text, values.text(value, fmt::format("{}.{}", where, key)));
            IMPRINT_CHECK(check(member::attribute_value, text));
            if (!text.empty()) plan.attributes.emplace(key, std::move(text));
        }
    }
    if (resource.find("BillingGroup") != nullptr)
        return wrong(fmt::format("{}: there are no billing groups here", plan.logical));
    using enum Override;
    IMPRINT_TRY(plan.for_attributes, resource.override_of("AttributePayload", do_nothing, true));
    IMPRINT_TRY(plan.for_type, resource.override_of("ThingTypeName", do_nothing, false));
    IMPRINT_TRY(plan.for_groups, resource.override_of("ThingGroups", do_nothing, true));
    return plan;
}

Outcome<CertificatePlan> read_certificate(const Resource& resource) {
    static constexpr std::array<std::string_view, 5> known{"CertificateSigningRequest",
                                                           "CertificateId", "CertificatePem",
                                                           "CACertificatePem", "Status"};
    IMPRINT_CHECK(resource.check_properties(known));
    CertificatePlan plan{
        .logical = resource.logical(), .csr = {}, .id = {}, .pem = {}, .ca_pem = {}};
    IMPRINT_TRY(plan.csr, resource.text("CertificateSigningRequest"));
    IMPRINT_TRY(plan.id, resource.text("CertificateId"));
    IMPRINT_TRY(plan.pem, resource.text("CertificatePem"));
    IMPRINT_TRY(plan.ca_pem, resource.text("CACertificatePem"));
    if (plan.csr.has_value() + plan.id.has_value() + plan.pem.has_value() != 1)
        return wrong(
            fmt::format("{}: give one of CertificateSigningRequest, CertificateId and "
                        "CertificatePem",
                        plan.logical));
    if (plan.id) {
        IMPRINT_CHECK(check(member::certificate_id, *plan.id));
        for (char& c : *plan.id)
            if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    IMPRINT_TRY(const auto status, resource.text("Status"));
    if (status) {
        plan.status = *status;  // the guide's examples have "Active" too
        for (char& c : plan.status)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (plan.status != "ACTIVE" && plan.status != "INACTIVE" &&
            plan.status != "PENDING_ACTIVATION")
            return wrong(fmt::format("{}: a status cannot be '{}'", plan.logical, *status));
    }
    IMPRINT_TRY(plan.for_status, resource.override_of("Status", Override::replace, false));
    return plan;
}

Outcome<PolicyPlan> read_policy(const Resource& resource) {
    static constexpr std::array<std::string_view, 2> known{"PolicyName", "PolicyDocument"};
    IMPRINT_CHECK(resource.check_properties(known));
    PolicyPlan plan{.logical = resource.logical(), .name = {}, .document = {}};
    IMPRINT_TRY(const auto name, resource.text("PolicyName"));
    // The guide has it as text; as an object it can mean nothing else.
    if (const json* document = resource.find("PolicyDocument");
        document != nullptr && document->is_object() && document->contains("Statement")) {
        plan.document = document->dump();
    } else {
        IMPRINT_TRY(plan.document, resource.text("PolicyDocument"));
    }
    if (!name && !plan.document)
        return wrong(fmt::format("{}: it has neither PolicyName nor PolicyDocument", plan.logical));
    plan.name = name ? *name : to_hex(sha256(as_bytes(*plan.document)));
    IMPRINT_CHECK(check(member::policy_name, plan.name));
    return plan;
}

}  // namespace

Outcome<void> check_document(const std::string& body) {
    IMPRINT_CHECK(parse(body));
    return {};
}

Outcome<ProvisioningPlan> read_plan(const std::string& body,
                                    std::map<std::string, std::string> parameters) {
    IMPRINT_TRY(const json document, parse(body));
    add_defaults(document, parameters);
    const TemplateValues values(std::move(parameters), document.value("Mappings", json::object()));
    ProvisioningPlan plan;
    for (const auto& [logical, resource] : document["Resources"].items()) {
        if (!resource.is_object()) return wrong(fmt::format("{} is not an object", logical));
        const json type = resource.value("Type", json());
        const Resource one(logical, resource, values);
        if (type == "AWS::IoT::Thing" && !plan.thing) {
            IMPRINT_TRY(plan.thing, read_thing(one, values));
        } else if (type == "AWS::IoT::Certificate" && !plan.certificate) {
            IMPRINT_TRY(plan.certificate, read_certificate(one));
        } else if (type == "AWS::IoT::Policy") {
            IMPRINT_TRY(auto policy, read_policy(one));
            plan.policies.push_back(std::move(policy));
        } else {
            return wrong(
                fmt::format("{}: its Type {} is not known, or there is another of it "
                            "already",
                            logical, type.dump()));
        }
    }
    return plan;
}

}  // namespace imprint::local_registry::operations
