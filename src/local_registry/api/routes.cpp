#include "local_registry/api/routes.h"

#include <array>

#include "http/url.h"
#include "local_registry/operations/operations.h"

namespace imprint::local_registry {

namespace {

// Source: the service model of AWS IoT, 2015-05-28 ("operations", "http").
constexpr std::array table{
    Route{"DescribeEndpoint", "GET", "/endpoint", operations::describe_endpoint},
    Route{"CreateThingType", "POST", "/thing-types/{thingTypeName}", operations::create_thing_type},
    Route{"DescribeThingType", "GET", "/thing-types/{thingTypeName}",
          operations::describe_thing_type},
    Route{"ListThingTypes", "GET", "/thing-types", operations::list_thing_types},
    Route{"DeprecateThingType", "POST", "/thing-types/{thingTypeName}/deprecate",
          operations::deprecate_thing_type},
    Route{"DeleteThingType", "DELETE", "/thing-types/{thingTypeName}",
          operations::delete_thing_type},
    Route{"CreateThing", "POST", "/things/{thingName}", operations::create_thing},
    Route{"DescribeThing", "GET", "/things/{thingName}", operations::describe_thing},
    Route{"UpdateThing", "PATCH", "/things/{thingName}", operations::update_thing},
    Route{"DeleteThing", "DELETE", "/things/{thingName}", operations::delete_thing},
    Route{"ListThings", "GET", "/things", operations::list_things},
    Route{"CreateThingGroup", "POST", "/thing-groups/{thingGroupName}",
          operations::create_thing_group},
    Route{"DescribeThingGroup", "GET", "/thing-groups/{thingGroupName}",
          operations::describe_thing_group},
    Route{"ListThingGroups", "GET", "/thing-groups", operations::list_thing_groups},
    Route{"DeleteThingGroup", "DELETE", "/thing-groups/{thingGroupName}",
          operations::delete_thing_group},
    Route{"AddThingToThingGroup", "PUT", "/thing-groups/addThingToThingGroup",
          operations::add_thing_to_thing_group},
    Route{"RemoveThingFromThingGroup", "PUT", "/thing-groups/removeThingFromThingGroup",
          operations::remove_thing_from_thing_group},
    Route{"ListThingGroupsForThing", "GET", "/things/{thingName}/thing-groups",
          operations::list_thing_groups_for_thing},
    Route{"ListThingsInThingGroup", "GET", "/thing-groups/{thingGroupName}/things",
          operations::list_things_in_thing_group},
    Route{"CreateCertificateFromCsr", "POST", "/certificates",
          operations::create_certificate_from_csr},
    Route{"CreateKeysAndCertificate", "POST", "/keys-and-certificate",
          operations::create_keys_and_certificate},
    Route{"RegisterCertificateWithoutCA", "POST", "/certificate/register-no-ca",
          operations::register_certificate_without_ca},
    Route{"RegisterCertificate", "POST", "/certificate/register", operations::register_certificate},
    Route{"ListCertificatesByCA", "GET", "/certificates-by-ca/{caCertificateId}",
          operations::list_certificates_by_ca},
    Route{"DescribeCertificate", "GET", "/certificates/{certificateId}",
          operations::describe_certificate},
    Route{"UpdateCertificate", "PUT", "/certificates/{certificateId}",
          operations::update_certificate},
    Route{"DeleteCertificate", "DELETE", "/certificates/{certificateId}",
          operations::delete_certificate},
    Route{"ListCertificates", "GET", "/certificates", operations::list_certificates},
    Route{"GetRegistrationCode", "GET", "/registrationcode", operations::get_registration_code},
    Route{"RegisterCACertificate", "POST", "/cacertificate", operations::register_ca_certificate},
    Route{"DescribeCACertificate", "GET", "/cacertificate/{caCertificateId}",
          operations::describe_ca_certificate},
    Route{"ListCACertificates", "GET", "/cacertificates", operations::list_ca_certificates},
    Route{"UpdateCACertificate", "PUT", "/cacertificate/{caCertificateId}",
          operations::update_ca_certificate},
    Route{"DeleteCACertificate", "DELETE", "/cacertificate/{caCertificateId}",
          operations::delete_ca_certificate},
    Route{"CreateProvisioningTemplate", "POST", "/provisioning-templates",
          operations::create_provisioning_template},
    Route{"DescribeProvisioningTemplate", "GET", "/provisioning-templates/{templateName}",
          operations::describe_provisioning_template},
    Route{"ListProvisioningTemplates", "GET", "/provisioning-templates",
          operations::list_provisioning_templates},
    Route{"DeleteProvisioningTemplate", "DELETE", "/provisioning-templates/{templateName}",
          operations::delete_provisioning_template},
    Route{"RegisterThing", "POST", "/things", operations::register_thing},
    Route{"CreatePolicy", "POST", "/policies/{policyName}", operations::create_policy},
    Route{"GetPolicy", "GET", "/policies/{policyName}", operations::get_policy},
    Route{"ListPolicies", "GET", "/policies", operations::list_policies},
    Route{"DeletePolicy", "DELETE", "/policies/{policyName}", operations::delete_policy},
    Route{"CreatePolicyVersion", "POST", "/policies/{policyName}/version",
          operations::create_policy_version},
    Route{"GetPolicyVersion", "GET", "/policies/{policyName}/version/{policyVersionId}",
          operations::get_policy_version},
    Route{"ListPolicyVersions", "GET", "/policies/{policyName}/version",
          operations::list_policy_versions},
    Route{"DeletePolicyVersion", "DELETE", "/policies/{policyName}/version/{policyVersionId}",
          operations::delete_policy_version},
    Route{"SetDefaultPolicyVersion", "PATCH", "/policies/{policyName}/version/{policyVersionId}",
          operations::set_default_policy_version},
    Route{"AttachPolicy", "PUT", "/target-policies/{policyName}", operations::attach_policy},
    Route{"DetachPolicy", "POST", "/target-policies/{policyName}", operations::detach_policy},
    Route{"ListAttachedPolicies", "POST", "/attached-policies/{target}",
          operations::list_attached_policies},
    Route{"ListTargetsForPolicy", "POST", "/policy-targets/{policyName}",
          operations::list_targets_for_policy},
    Route{"AttachPrincipalPolicy", "PUT", "/principal-policies/{policyName}",
          operations::attach_principal_policy},
    Route{"AttachThingPrincipal", "PUT", "/things/{thingName}/principals",
          operations::attach_thing_principal},
    Route{"DetachThingPrincipal", "DELETE", "/things/{thingName}/principals",
          operations::detach_thing_principal},
    Route{"ListThingPrincipals", "GET", "/things/{thingName}/principals",
          operations::list_thing_principals},
    Route{"ListPrincipalThings", "GET", "/principals/things", operations::list_principal_things},
    Route{"ListThingPrincipalsV2", "GET", "/things/{thingName}/principals-v2",
          operations::list_thing_principals_v2},
    Route{"ListPrincipalThingsV2", "GET", "/principals/things-v2",
          operations::list_principal_things_v2},

    Route{"CreateJob", "PUT", "/jobs/{jobId}", operations::create_job},
    Route{"DescribeJob", "GET", "/jobs/{jobId}", operations::describe_job},
    Route{"GetJobDocument", "GET", "/jobs/{jobId}/job-document", operations::get_job_document},
    Route{"ListJobs", "GET", "/jobs", operations::list_jobs},
    Route{"CancelJob", "PUT", "/jobs/{jobId}/cancel", operations::cancel_job},
    Route{"DeleteJob", "DELETE", "/jobs/{jobId}", operations::delete_job},
    Route{"DescribeJobExecution", "GET", "/things/{thingName}/jobs/{jobId}",
          operations::describe_job_execution},
    Route{"CancelJobExecution", "PUT", "/things/{thingName}/jobs/{jobId}/cancel",
          operations::cancel_job_execution},
    Route{"ListJobExecutionsForJob", "GET", "/jobs/{jobId}/things",
          operations::list_job_executions_for_job},
    Route{"ListJobExecutionsForThing", "GET", "/things/{thingName}/jobs",
          operations::list_job_executions_for_thing},

    // The service model of AWS IoT Jobs Data Plane, 2017-09-29.
    Route{"GetPendingJobExecutions", "GET", "/things/{thingName}/jobs",
          operations::get_pending_job_executions, Plane::jobs_data},
    Route{"StartNextPendingJobExecution", "PUT", "/things/{thingName}/jobs/$next",
          operations::start_next_pending_job_execution, Plane::jobs_data},
    Route{"DescribeJobExecution", "GET", "/things/{thingName}/jobs/{jobId}",
          operations::describe_job_execution_of_device, Plane::jobs_data},
    Route{"UpdateJobExecution", "POST", "/things/{thingName}/jobs/{jobId}",
          operations::update_job_execution, Plane::jobs_data},

    // The service model of AWS IoT Data Plane, 2015-05-28.
    Route{"GetThingShadow", "GET", "/things/{thingName}/shadow", operations::get_thing_shadow,
          Plane::data},
    Route{"UpdateThingShadow", "POST", "/things/{thingName}/shadow",
          operations::update_thing_shadow, Plane::data, BodyForm::payload},
    Route{"DeleteThingShadow", "DELETE", "/things/{thingName}/shadow",
          operations::delete_thing_shadow, Plane::data},
    Route{"ListNamedShadowsForThing", "GET",
          "/api/things/shadow/ListNamedShadowsForThing/{thingName}",
          operations::list_named_shadows_for_thing, Plane::data},
    Route{"Publish", "POST", "/topics/{topic+}", operations::publish, Plane::data,
          BodyForm::payload},
};

// The next segment of a path, without its slash.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

std::optional<http::Fields> match_path(std::string_view pattern, std::string_view path) {
    http::Fields places;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const std::string_view wanted = take_segment(pattern);
        if (wanted.ends_with("+}")) {
            auto rest = http::percent_decode(path.substr(1));
            if (!rest) return std::nullopt;
            places.emplace_back(wanted.substr(1, wanted.size() - 3), *std::move(rest));
            return places;
        }
        auto given = http::percent_decode(take_segment(path));
        if (!given) return std::nullopt;
        if (wanted.starts_with('{'))
            places.emplace_back(wanted.substr(1, wanted.size() - 2), *std::move(given));
        else if (wanted != *given)
            return std::nullopt;
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return places;
}

}  // namespace

std::span<const Route> routes() {
    return table;
}

std::optional<RouteMatch> match_route(std::string_view method, std::string_view raw_path,
                                      Plane plane) {
    for (const auto& route : table) {
        if (route.method != method || route.plane != plane) continue;
        if (auto places = match_path(route.path, raw_path))
            return RouteMatch{.route = &route, .places = *std::move(places)};
    }
    return std::nullopt;
}

}  // namespace imprint::local_registry
