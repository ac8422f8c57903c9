// The members of the operations' inputs as data: where each comes from and what it may contain.
// Source: the service model of AWS IoT, 2015-05-28 (shape limits and patterns, "locationName").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace imprint::local_registry {

enum class Place : std::uint8_t { path, query, header, body };

enum class Pattern : std::uint8_t {
    anything,
    name,             // [a-zA-Z0-9:_-]+
    attribute_name,   // [a-zA-Z0-9_.,@/:#-]+
    attribute_value,  // the same, also with = [ ], and may be empty
    policy_name,      // [\w+=,.@-]+
    certificate_id,   // [a-fA-F0-9]+
    digits,           // [0-9]+
    base64,           // [A-Za-z0-9+/]+={0,2}
    description,      // printable and the space
    template_name,    // [0-9A-Za-z_-]+
    date,             // [0-9-]+
    shadow_name,      // [$a-zA-Z0-9:_-]+
    job_id,           // [a-zA-Z0-9_-]+
    job_id_or_next,   // the same, or "$next"
    reason_code,      // [\p{Upper}\p{Digit}_]+
};

struct Member {
    std::string_view name;  // as in messages and the body
    Place place = Place::body;
    std::string_view wire;  // its name in the query or the headers
    Pattern pattern = Pattern::anything;
    std::size_t min = 0;  // characters
    std::size_t max = 0;
};

namespace member {

constexpr Member in_path(std::string_view name, Pattern pattern, std::size_t min, std::size_t max) {
    return {.name = name,
            .place = Place::path,
            .wire = name,
            .pattern = pattern,
            .min = min,
            .max = max};
}

constexpr Member in_query(std::string_view name, Pattern pattern, std::size_t min, std::size_t max,
                          std::string_view wire = {}) {
    return {.name = name,
            .place = Place::query,
            .wire = wire.empty() ? name : wire,
            .pattern = pattern,
            .min = min,
            .max = max};
}

// Flags and numbers have no text length to limit.
constexpr Member in_query(std::string_view name, std::string_view wire = {}) {
    return in_query(name, Pattern::anything, 0, 0, wire);
}

constexpr Member in_header(std::string_view name, std::string_view wire, Pattern pattern,
                           std::size_t min, std::size_t max) {
    return {.name = name,
            .place = Place::header,
            .wire = wire,
            .pattern = pattern,
            .min = min,
            .max = max};
}

constexpr Member in_body(std::string_view name, Pattern pattern, std::size_t min, std::size_t max) {
    return {.name = name,
            .place = Place::body,
            .wire = name,
            .pattern = pattern,
            .min = min,
            .max = max};
}

constexpr Member in_body(std::string_view name) {
    return in_body(name, Pattern::anything, 0, 0);
}

inline constexpr std::size_t longest_name = 128;
inline constexpr std::size_t longest_arn = 2048;
inline constexpr std::size_t longest_token = 1024;
inline constexpr std::size_t longest_description = 2028;
inline constexpr std::size_t longest_attribute_value = 800;
inline constexpr std::size_t longest_csr = 4096;
inline constexpr std::size_t longest_pem = 65536;
inline constexpr std::size_t longest_policy = 404600;
inline constexpr std::size_t longest_template = 10240;

inline constexpr Member endpoint_type = in_query("endpointType", Pattern::anything, 0, 128);

inline constexpr Member thing_name = in_path("thingName", Pattern::name, 1, longest_name);
inline constexpr Member thing_name_in_body = in_body("thingName", Pattern::name, 1, longest_name);
inline constexpr Member thing_arn = in_body("thingArn", Pattern::anything, 1, longest_arn);
inline constexpr Member thing_type_name = in_path("thingTypeName", Pattern::name, 1, longest_name);
inline constexpr Member thing_type_name_in_body =
    in_body("thingTypeName", Pattern::name, 1, longest_name);
inline constexpr Member thing_type_name_in_query =
    in_query("thingTypeName", Pattern::name, 1, longest_name);
inline constexpr Member billing_group_name =
    in_body("billingGroupName", Pattern::name, 1, longest_name);
inline constexpr Member attribute_name_in_query =
    in_query("attributeName", Pattern::attribute_name, 1, longest_name);
inline constexpr Member attribute_value_in_query =
    in_query("attributeValue", Pattern::attribute_value, 0, longest_attribute_value);
inline constexpr Member attribute_name =
    in_body("attributes", Pattern::attribute_name, 1, longest_name);
inline constexpr Member attribute_value =
    in_body("attributes", Pattern::attribute_value, 0, longest_attribute_value);
inline constexpr Member use_prefix = in_query("usePrefixAttributeValue");
inline constexpr Member thing_type_description =
    in_body("thingTypeDescription", Pattern::description, 0, longest_description);
inline constexpr Member searchable_attribute =
    in_body("searchableAttributes", Pattern::attribute_name, 1, longest_name);
inline constexpr Member merge = in_body("merge");
inline constexpr Member undo_deprecate = in_body("undoDeprecate");
inline constexpr Member remove_thing_type = in_body("removeThingType");
inline constexpr Member expected_version = in_body("expectedVersion");
inline constexpr Member expected_version_in_query = in_query("expectedVersion");

inline constexpr Member thing_group_name =
    in_path("thingGroupName", Pattern::name, 1, longest_name);
inline constexpr Member thing_group_name_in_body =
    in_body("thingGroupName", Pattern::name, 1, longest_name);
inline constexpr Member thing_group_arn =
    in_body("thingGroupArn", Pattern::anything, 1, longest_arn);
inline constexpr Member parent_group_name =
    in_body("parentGroupName", Pattern::name, 1, longest_name);
inline constexpr Member parent_group = in_query("parentGroup", Pattern::name, 1, longest_name);
inline constexpr Member name_prefix_filter =
    in_query("namePrefixFilter", Pattern::name, 1, longest_name);
inline constexpr Member recursive = in_query("recursive");
inline constexpr Member thing_group_description =
    in_body("thingGroupDescription", Pattern::description, 0, longest_description);

inline constexpr Member certificate_id = in_path("certificateId", Pattern::certificate_id, 64, 64);
inline constexpr Member certificate_signing_request =
    in_body("certificateSigningRequest", Pattern::anything, 1, longest_csr);
inline constexpr Member certificate_pem =
    in_body("certificatePem", Pattern::anything, 1, longest_pem);
inline constexpr Member set_as_active = in_query("setAsActive");
inline constexpr Member status = in_body("status", Pattern::anything, 0, 32);
inline constexpr Member new_status = in_query("newStatus", Pattern::anything, 0, 32);
inline constexpr Member force_delete = in_query("forceDelete");

inline constexpr Member ca_certificate =
    in_body("caCertificate", Pattern::anything, 1, longest_pem);
inline constexpr Member verification_certificate =
    in_body("verificationCertificate", Pattern::anything, 1, longest_pem);
inline constexpr Member ca_certificate_pem =
    in_body("caCertificatePem", Pattern::anything, 1, longest_pem);
inline constexpr Member ca_certificate_id =
    in_path("caCertificateId", Pattern::certificate_id, 64, 64);
inline constexpr Member certificate_mode = in_body("certificateMode", Pattern::anything, 0, 32);
inline constexpr Member allow_auto_registration = in_query("allowAutoRegistration");
inline constexpr Member new_auto_registration_status =
    in_query("newAutoRegistrationStatus", Pattern::anything, 0, 32);
inline constexpr Member remove_auto_registration = in_body("removeAutoRegistration");

inline constexpr Member template_name = in_path("templateName", Pattern::template_name, 1, 36);
inline constexpr Member template_name_in_body =
    in_body("templateName", Pattern::template_name, 1, 36);
inline constexpr Member template_name_in_query =
    in_query("templateName", Pattern::template_name, 1, 36);
inline constexpr Member template_body =
    in_body("templateBody", Pattern::anything, 0, longest_template);
inline constexpr Member template_description = in_body("description", Pattern::description, 0, 500);
inline constexpr Member template_type = in_body("type", Pattern::anything, 0, 32);
inline constexpr Member enabled = in_body("enabled");
inline constexpr Member role_arn = in_body("roleArn", Pattern::anything, 20, longest_arn);
inline constexpr Member provisioning_role_arn =
    in_body("provisioningRoleArn", Pattern::anything, 20, longest_arn);
inline constexpr Member payload_version = in_body("payloadVersion", Pattern::date, 10, 32);
inline constexpr Member target_arn = in_body("targetArn", Pattern::anything, 0, longest_arn);
inline constexpr Member parameter_name = in_body("parameters", Pattern::anything, 0, 2048);
inline constexpr Member parameter_value = in_body("parameters", Pattern::anything, 0, 4096);

inline constexpr Member policy_name = in_path("policyName", Pattern::policy_name, 1, longest_name);
inline constexpr Member policy_document =
    in_body("policyDocument", Pattern::anything, 0, longest_policy);
inline constexpr Member policy_version_id = in_path("policyVersionId", Pattern::digits, 1, 18);
inline constexpr Member set_as_default = in_query("setAsDefault");
inline constexpr Member target = in_body("target", Pattern::anything, 1, longest_arn);
inline constexpr Member target_in_path = in_path("target", Pattern::anything, 1, longest_arn);

inline constexpr Member principal =
    in_header("principal", "x-amzn-principal", Pattern::anything, 1, longest_arn);
inline constexpr Member thing_principal_type =
    in_query("thingPrincipalType", Pattern::anything, 0, 32);
inline constexpr Member policy_principal =
    in_header("principal", "x-amzn-iot-principal", Pattern::anything, 1, longest_arn);

// Of the data plane's model.
inline constexpr Member shadow_name = in_query("shadowName", Pattern::shadow_name, 1, 64, "name");
inline constexpr Member topic = in_path("topic", Pattern::anything, 1, 256);
inline constexpr Member qos = in_query("qos");
inline constexpr Member retain = in_query("retain");

inline constexpr std::size_t longest_job_id = 64;
inline constexpr Member job_id = in_path("jobId", Pattern::job_id, 1, longest_job_id);
inline constexpr Member job_id_or_next =
    in_path("jobId", Pattern::job_id_or_next, 1, longest_job_id);
inline constexpr Member job_id_in_query = in_query("jobId", Pattern::job_id, 1, longest_job_id);
// The model has no limit of its length; a query has one.
inline constexpr Member namespace_id = in_query("namespaceId", Pattern::job_id, 1, 2048);
inline constexpr Member target_selection_in_query = in_query("targetSelection");
inline constexpr Member jobs_group_name = in_query("thingGroupName", Pattern::name, 1, 128);
// The model has no "_" in it.
inline constexpr Member jobs_group_id = in_query("thingGroupId", Pattern::job_id, 1, 128);
inline constexpr Member job_document = in_body("document", Pattern::anything, 1, 32768);
inline constexpr Member job_description =
    in_body("description", Pattern::description, 1, longest_description);
inline constexpr Member target_selection = in_body("targetSelection");
inline constexpr Member in_progress_timeout = in_body("inProgressTimeoutInMinutes");
inline constexpr Member status_in_query = in_query("status");
inline constexpr Member force = in_query("force");
inline constexpr Member reason_code = in_body("reasonCode", Pattern::reason_code, 1, 128);
inline constexpr Member comment = in_body("comment", Pattern::description, 1, longest_description);
inline constexpr Member execution_number = in_query("executionNumber");
inline constexpr Member include_job_document = in_query("includeJobDocument");

inline constexpr Member next_token = in_query("nextToken", Pattern::anything, 0, longest_token);
inline constexpr Member max_results = in_query("maxResults");
inline constexpr Member marker = in_query("marker", Pattern::base64, 0, longest_token);
inline constexpr Member page_size = in_query("pageSize");
inline constexpr Member ascending = in_query("ascendingOrder", "isAscendingOrder");

}  // namespace member

}  // namespace imprint::local_registry
