#include "aws/iot_client.h"

#include <array>
#include <fmt/format.h>
#include <utility>

#include "aws/iot_answers.h"
#include "aws/iot_calls.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

using nlohmann::json;

CertificateStatus status_of(std::string_view name) {
    using enum CertificateStatus;
    for (const auto status :
         {active, inactive, revoked, pending_transfer, register_inactive, pending_activation})
        if (to_string(status) == name) return status;
    return inactive;
}

json attribute_payload(const std::map<std::string, std::string>& attributes, bool merge) {
    json payload = {{"attributes", attributes}};
    if (merge) payload["merge"] = true;
    return payload;
}

Certificate summary_of(const json& object) {
    Certificate summary;
    summary.id = text(object, "certificateId");
    summary.arn = text(object, "certificateArn");
    summary.status = status_of(text(object, "status"));
    summary.pem = text(object, "certificatePem");
    summary.created = time_member(object, "creationDate");
    summary.changed = time_member(object, "lastModifiedDate");
    return summary;
}

void add_registration_config(json& body, const JustInTime& just_in_time) {
    if (just_in_time.template_body.empty()) return;
    body["registrationConfig"] = {{"templateBody", just_in_time.template_body},
                                  {"roleArn", just_in_time.role_arn}};
}

std::string thing_path(const std::string& name) {
    return "/things/" + http::percent_encode(name);
}

}  // namespace

bool is_not_found(const Error& error) {
    return error.code == "ResourceNotFoundException";
}

std::optional<std::string> certificate_id_of_arn(const std::string& arn) {
    constexpr std::string_view mark = ":cert/";
    const std::size_t at = arn.rfind(mark);
    if (at == std::string::npos || at + mark.size() == arn.size()) return std::nullopt;
    return arn.substr(at + mark.size());
}

IotClient::IotClient(std::shared_ptr<http::Client> http, CredentialSource credentials,
                     IotClientOptions options, Clock& clock, Log log)
    : calls_(std::make_unique<Calls>(std::move(http), std::move(credentials), std::move(options),
                                     clock, std::move(log))) {}

IotClient::IotClient(IotClient&&) noexcept = default;
IotClient& IotClient::operator=(IotClient&&) noexcept = default;
IotClient::~IotClient() = default;

Patience IotClient::patience(Milliseconds most) const {
    return {calls_->clock(), std::min(most, calls_->retry_deadline()), calls_->stop()};
}

std::string IotClient::region() const {
    return calls_->region();
}

WallTime IotClient::now() const {
    return calls_->service_time();
}

Result<std::string> IotClient::describe_endpoint() {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "DescribeEndpoint",
                                                .subject = "iot:Data-ATS",
                                                .method = "GET",
                                                .path = "/endpoint",
                                                .query = {{"endpointType", "iot:Data-ATS"}}}));
    return required("DescribeEndpoint", answer, "endpointAddress");
}

Result<void> IotClient::create_thing_type(const std::string& name) {
    IMPRINT_CHECK(calls_->run({.operation = "CreateThingType",
                               .subject = name,
                               .method = "POST",
                               .path = "/thing-types/" + http::percent_encode(name),
                               .body = json::object(),
                               .done_before = "ResourceAlreadyExistsException"}));
    return {};
}

Result<ThingType> IotClient::describe_thing_type(const std::string& name) {
    IMPRINT_TRY(const json answer,
                calls_->run({.operation = "DescribeThingType",
                             .subject = name,
                             .method = "GET",
                             .path = "/thing-types/" + http::percent_encode(name)}));
    const json metadata = answer.value("thingTypeMetadata", json::object());
    return ThingType{name,
                     metadata.is_object() && metadata.value("deprecated", json(false)) == true};
}

Result<Thing> IotClient::create_thing(const std::string& name, const std::string& type,
                                      const std::map<std::string, std::string>& attributes) {
    json body = json::object();
    if (!type.empty()) body["thingTypeName"] = type;
    if (!attributes.empty()) body["attributePayload"] = attribute_payload(attributes, false);
    // Creating the same thing again is no error to the service.
    IMPRINT_TRY(const json answer, calls_->run({.operation = "CreateThing",
                                                .subject = name,
                                                .method = "POST",
                                                .path = thing_path(name),
                                                .body = std::move(body)}));
    return Thing{name, text(answer, "thingArn"), type, attributes, 1};
}

Result<Thing> IotClient::describe_thing(const std::string& name) {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "DescribeThing",
                                                .subject = name,
                                                .method = "GET",
                                                .path = thing_path(name)}));
    Thing thing;
    thing.name = name;
    thing.arn = text(answer, "thingArn");
    thing.type = text(answer, "thingTypeName");
    if (const auto version = answer.find("version");
        version != answer.end() && version->is_number_integer())
        thing.version = version->get<std::int64_t>();
    if (const auto attributes = answer.find("attributes");
        attributes != answer.end() && attributes->is_object())
        for (const auto& [key, value] : attributes->items())
            if (value.is_string()) thing.attributes[key] = value.get<std::string>();
    return thing;
}

Result<void> IotClient::update_thing(const std::string& name, const std::string& type,
                                     const std::map<std::string, std::string>& attributes) {
    json body = json::object();
    if (!type.empty()) body["thingTypeName"] = type;
    if (!attributes.empty()) body["attributePayload"] = attribute_payload(attributes, true);
    IMPRINT_CHECK(calls_->run({.operation = "UpdateThing",
                               .subject = name,
                               .method = "PATCH",
                               .path = thing_path(name),
                               .body = std::move(body)}));
    return {};
}

Result<void> IotClient::delete_thing(const std::string& name) {
    IMPRINT_CHECK(calls_->run({.operation = "DeleteThing",
                               .subject = name,
                               .method = "DELETE",
                               .path = thing_path(name),
                               .done_before = "ResourceNotFoundException"}));
    return {};
}

Result<std::vector<std::string>> IotClient::list_things(std::size_t most) {
    return all_names(*calls_,
                     {.operation = "ListThings",
                      .subject = "",
                      .method = "GET",
                      .path = "/things",
                      .query = {{"maxResults", "250"}}},
                     "things", "thingName", "nextToken", "nextToken", most);
}

Result<std::vector<std::string>> IotClient::list_things_of_type(const std::string& type,
                                                                std::size_t most) {
    return all_names(*calls_,
                     {.operation = "ListThings",
                      .subject = type,
                      .method = "GET",
                      .path = "/things",
                      .query = {{"maxResults", "250"}, {"thingTypeName", type}}},
                     "things", "thingName", "nextToken", "nextToken", most);
}

Result<void> IotClient::create_thing_group(const std::string& name) {
    IMPRINT_CHECK(calls_->run({.operation = "CreateThingGroup",
                               .subject = name,
                               .method = "POST",
                               .path = "/thing-groups/" + http::percent_encode(name),
                               .body = json::object(),
                               .done_before = "ResourceAlreadyExistsException"}));
    return {};
}

Result<ThingGroup> IotClient::describe_thing_group(const std::string& name) {
    IMPRINT_TRY(const json answer,
                calls_->run({.operation = "DescribeThingGroup",
                             .subject = name,
                             .method = "GET",
                             .path = "/thing-groups/" + http::percent_encode(name)}));
    ThingGroup group{.name = name, .arn = {}, .root = name};
    IMPRINT_TRY(group.arn, required("DescribeThingGroup", answer, "thingGroupArn"));
    // Only a dynamic group has a query (API Reference, DescribeThingGroup).
    group.is_dynamic = !text(answer, "queryString").empty();
    const auto metadata = answer.find("thingGroupMetadata");
    if (metadata == answer.end()) return group;
    const auto above = metadata->find("rootToParentThingGroups");
    if (above == metadata->end() || !above->is_array() || above->empty()) return group;
    if (std::string root = text(above->front(), "groupName"); !root.empty())
        group.root = std::move(root);
    return group;
}

Result<void> IotClient::add_thing_to_thing_group(const std::string& thing,
                                                 const std::string& group) {
    IMPRINT_CHECK(calls_->run({.operation = "AddThingToThingGroup",
                               .subject = thing,
                               .method = "PUT",
                               .path = "/thing-groups/addThingToThingGroup",
                               .body = {{"thingName", thing}, {"thingGroupName", group}}}));
    return {};
}

Result<std::vector<std::string>> IotClient::list_thing_groups_for_thing(const std::string& thing) {
    return all_names(*calls_,
                     {.operation = "ListThingGroupsForThing",
                      .subject = thing,
                      .method = "GET",
                      .path = thing_path(thing) + "/thing-groups"},
                     "thingGroups", "groupName", "nextToken", "nextToken");
}

Result<IssuedCertificate> IotClient::create_certificate_from_csr(const std::string& csr_pem) {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "CreateCertificateFromCsr",
                                                .subject = "",
                                                .method = "POST",
                                                .path = "/certificates",
                                                .query = {{"setAsActive", "false"}},
                                                .body = {{"certificateSigningRequest", csr_pem}},
                                                .repeatable = false}));
    IssuedCertificate issued;
    constexpr std::string_view operation = "CreateCertificateFromCsr";
    IMPRINT_TRY(issued.id, required(operation, answer, "certificateId"));
    IMPRINT_TRY(issued.arn, required(operation, answer, "certificateArn"));
    IMPRINT_TRY(issued.pem, required(operation, answer, "certificatePem"));
    return issued;
}

Result<IssuedCertificate> IotClient::create_keys_and_certificate() {
    IssuedCertificate issued;
    constexpr std::string_view operation = "CreateKeysAndCertificate";
    IMPRINT_TRY(const json answer, calls_->run({.operation = operation,
                                                .subject = "",
                                                .method = "POST",
                                                .path = "/keys-and-certificate",
                                                .query = {{"setAsActive", "false"}},
                                                .repeatable = false,
                                                .private_key = &issued.private_key_pem}));
    IMPRINT_TRY(issued.id, required(operation, answer, "certificateId"));
    IMPRINT_TRY(issued.arn, required(operation, answer, "certificateArn"));
    IMPRINT_TRY(issued.pem, required(operation, answer, "certificatePem"));
    if (issued.private_key_pem.empty()) return lacks(operation, "keyPair.PrivateKey");
    return issued;
}

Result<std::string> IotClient::register_certificate(const std::string& pem,
                                                    const std::string& ca_pem) {
    json body = {{"certificatePem", pem}, {"status", to_string(CertificateStatus::inactive)}};
    if (!ca_pem.empty()) body["caCertificatePem"] = ca_pem;
    const std::string_view operation =
        ca_pem.empty() ? "RegisterCertificateWithoutCA" : "RegisterCertificate";
    IMPRINT_TRY(const json answer,
                calls_->run({.operation = operation,
                             .subject = "",
                             .method = "POST",
                             .path = ca_pem.empty() ? "/certificate/register-no-ca"
                                                    : "/certificate/register",
                             .body = std::move(body)}));
    return required(operation, answer, "certificateArn");
}

Result<std::string> IotClient::get_registration_code() {
    IMPRINT_TRY(const json answer, calls_->run({.operation = "GetRegistrationCode",
                                                .subject = "",
                                                .method = "GET",
                                                .path = "/registrationcode"}));
    return required("GetRegistrationCode", answer, "registrationCode");
}

Result<std::string> IotClient::register_ca_certificate(
    const std::string& ca_pem, const std::string& verification_pem,
    const std::optional<JustInTime>& just_in_time) {
    json body = {{"caCertificate", ca_pem}, {"verificationCertificate", verification_pem}};
    if (just_in_time) add_registration_config(body, *just_in_time);
    IMPRINT_TRY(const json answer,
                calls_->run({.operation = "RegisterCACertificate",
                             .subject = "",
                             .method = "POST",
                             .path = "/cacertificate",
                             .query = {{"setAsActive", "true"},
                                       {"allowAutoRegistration", just_in_time ? "true" : "false"}},
                             .body = std::move(body)}));
    return required("RegisterCACertificate", answer, "certificateId");
}

Result<void> IotClient::update_ca_certificate(const std::string& id,
                                              const JustInTime& just_in_time) {
    json body = json::object();
    add_registration_config(body, just_in_time);
    IMPRINT_CHECK(
        calls_->run({.operation = "UpdateCACertificate",
                     .subject = id,
                     .method = "PUT",
                     .path = "/cacertificate/" + http::percent_encode(id),
                     .query = {{"newStatus", "ACTIVE"}, {"newAutoRegistrationStatus", "ENABLE"}},
                     .body = std::move(body)}));
    return {};
}

Result<std::map<std::string, std::string>> IotClient::register_thing(
    const std::string& template_body, const std::map<std::string, std::string>& parameters) {
    const auto name = parameters.find("ThingName");
    IMPRINT_TRY(
        const json answer,
        calls_->run({.operation = "RegisterThing",
                     .subject = name == parameters.end() ? std::string() : name->second,
                     .method = "POST",
                     .path = "/things",
                     .body = {{"templateBody", template_body}, {"parameters", parameters}}}));
    std::map<std::string, std::string> arns;
    if (const auto list = answer.find("resourceArns"); list != answer.end() && list->is_object())
        for (const auto& [key, value] : list->items())
            if (value.is_string()) arns[key] = value.get<std::string>();
    return arns;
}

Result<Certificate> IotClient::describe_certificate(const std::string& id) {
    IMPRINT_TRY(const json answer,
                calls_->run({.operation = "DescribeCertificate",
                             .subject = id,
                             .method = "GET",
                             .path = "/certificates/" + http::percent_encode(id)}));
    const auto description = answer.find("certificateDescription");
    if (description == answer.end() || !description->is_object())
        return lacks("DescribeCertificate", "certificateDescription");
    return summary_of(*description);
}

Result<void> IotClient::update_certificate(const std::string& id, CertificateStatus status) {
    IMPRINT_CHECK(calls_->run({.operation = "UpdateCertificate",
                               .subject = id,
                               .method = "PUT",
                               .path = "/certificates/" + http::percent_encode(id),
                               .query = {{"newStatus", std::string(to_string(status))}}}));
    return {};
}

Result<void> IotClient::delete_certificate(const std::string& id) {
    IMPRINT_CHECK(calls_->run({.operation = "DeleteCertificate",
                               .subject = id,
                               .method = "DELETE",
                               .path = "/certificates/" + http::percent_encode(id),
                               .done_before = "ResourceNotFoundException"}));
    return {};
}

Result<void> IotClient::list_certificates(const std::function<bool(const Certificate&)>& visit) {
    return each_item(*calls_,
                     {.operation = "ListCertificates",
                      .subject = "",
                      .method = "GET",
                      .path = "/certificates",
                      .query = {{"pageSize", "250"}, {"isAscendingOrder", "false"}}},
                     "certificates", "nextMarker", "marker", [&visit](const json& item) {
                         return !item.is_object() || visit(summary_of(item));
                     });
}

Result<void> IotClient::attach_thing_principal(const std::string& thing,
                                               const std::string& principal_arn) {
    IMPRINT_CHECK(calls_->run({.operation = "AttachThingPrincipal",
                               .subject = thing,
                               .method = "PUT",
                               .path = thing_path(thing) + "/principals",
                               .headers = {{"x-amzn-principal", principal_arn}}}));
    return {};
}

Result<void> IotClient::detach_thing_principal(const std::string& thing,
                                               const std::string& principal_arn) {
    IMPRINT_CHECK(calls_->run({.operation = "DetachThingPrincipal",
                               .subject = thing,
                               .method = "DELETE",
                               .path = thing_path(thing) + "/principals",
                               .headers = {{"x-amzn-principal", principal_arn}},
                               .done_before = "ResourceNotFoundException"}));
    return {};
}

Result<std::vector<std::string>> IotClient::list_thing_principals(const std::string& thing) {
    return all_names(*calls_,
                     {.operation = "ListThingPrincipals",
                      .subject = thing,
                      .method = "GET",
                      .path = thing_path(thing) + "/principals"},
                     "principals", "", "nextToken", "nextToken");
}

Result<std::vector<std::string>> IotClient::list_principal_things(
    const std::string& principal_arn) {
    return all_names(*calls_,
                     {.operation = "ListPrincipalThings",
                      .subject = principal_arn,
                      .method = "GET",
                      .path = "/principals/things",
                      .headers = {{"x-amzn-principal", principal_arn}}},
                     "things", "", "nextToken", "nextToken");
}

}  // namespace imprint::aws
