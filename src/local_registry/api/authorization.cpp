#include "local_registry/api/authorization.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <vector>

#include "local_registry/api/arn.h"
#include "local_registry/api/members.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/partition.h"

namespace imprint::local_registry {

namespace {

// A member of an operation's input that names what the operation is weighed by.
struct Named {
    Member member;
    std::optional<ResourceKind> kind;  // none: the member is an ARN itself
};

constexpr Named name_of(const Member& member, ResourceKind kind) {
    return {.member = member, .kind = kind};
}

constexpr Named arn_of(const Member& member) {
    return {.member = member, .kind = {}};
}

constexpr std::array thing{name_of(member::thing_name, ResourceKind::thing)};
constexpr std::array thing_type{name_of(member::thing_type_name, ResourceKind::thing_type)};
constexpr std::array group{name_of(member::thing_group_name, ResourceKind::thing_group)};
// Each may be named in two ways, and in both at once.
constexpr std::array membership{
    name_of(member::thing_name_in_body, ResourceKind::thing), arn_of(member::thing_arn),
    name_of(member::thing_group_name_in_body, ResourceKind::thing_group),
    arn_of(member::thing_group_arn)};
constexpr std::array certificate{name_of(member::certificate_id, ResourceKind::certificate)};
constexpr std::array authority{name_of(member::ca_certificate_id, ResourceKind::ca_certificate)};
constexpr std::array provisioning{
    name_of(member::template_name, ResourceKind::provisioning_template)};
constexpr std::array policy_itself{name_of(member::policy_name, ResourceKind::policy)};
constexpr std::array target{arn_of(member::target)};
constexpr std::array principal{arn_of(member::policy_principal)};
constexpr std::array topic{name_of(member::topic, ResourceKind::topic)};

constexpr std::array job{name_of(member::job_id, ResourceKind::job)};
constexpr std::array execution{name_of(member::job_id, ResourceKind::job),
                               name_of(member::thing_name, ResourceKind::thing)};

struct Weighed {
    std::string_view operation;
    std::span<const Named> by;  // none: "*"
    bool of_devices = false;    // of the jobs' data plane, whose actions are called iotjobsdata:…
};

// Each operation that is served, by the resource types of the reference. What else a request holds
// has no part in it.
constexpr std::array table{
    Weighed{"DescribeEndpoint", {}},
    Weighed{"CreateThingType", thing_type},
    Weighed{"DescribeThingType", thing_type},
    Weighed{"ListThingTypes", {}},
    Weighed{"DeprecateThingType", thing_type},
    Weighed{"DeleteThingType", thing_type},
    Weighed{"CreateThing", thing},
    Weighed{"DescribeThing", thing},
    Weighed{"UpdateThing", thing},
    Weighed{"DeleteThing", thing},
    Weighed{"ListThings", {}},
    Weighed{"CreateThingGroup", group},
    Weighed{"DescribeThingGroup", group},
    Weighed{"ListThingGroups", {}},
    Weighed{"DeleteThingGroup", group},
    Weighed{"AddThingToThingGroup", membership},
    Weighed{"RemoveThingFromThingGroup", membership},
    Weighed{"ListThingGroupsForThing", thing},
    Weighed{"ListThingsInThingGroup", group},
    Weighed{"CreateCertificateFromCsr", {}},
    Weighed{"CreateKeysAndCertificate", {}},
    Weighed{"RegisterCertificateWithoutCA", {}},
    Weighed{"RegisterCertificate", {}},
    Weighed{"ListCertificatesByCA", authority},
    Weighed{"DescribeCertificate", certificate},
    Weighed{"UpdateCertificate", certificate},
    Weighed{"DeleteCertificate", certificate},
    Weighed{"ListCertificates", {}},
    Weighed{"GetRegistrationCode", {}},
    Weighed{"RegisterCACertificate", {}},
    Weighed{"DescribeCACertificate", authority},
    Weighed{"ListCACertificates", {}},
    Weighed{"UpdateCACertificate", authority},
    Weighed{"DeleteCACertificate", authority},
    Weighed{"CreateProvisioningTemplate", {}},
    Weighed{"DescribeProvisioningTemplate", provisioning},
    Weighed{"ListProvisioningTemplates", {}},
    Weighed{"DeleteProvisioningTemplate", provisioning},
    Weighed{"RegisterThing", {}},
    Weighed{"CreatePolicy", {}},
    Weighed{"GetPolicy", policy_itself},
    Weighed{"ListPolicies", {}},
    Weighed{"DeletePolicy", policy_itself},
    Weighed{"CreatePolicyVersion", policy_itself},
    Weighed{"GetPolicyVersion", policy_itself},
    Weighed{"ListPolicyVersions", {}},
    Weighed{"DeletePolicyVersion", policy_itself},
    Weighed{"SetDefaultPolicyVersion", policy_itself},
    Weighed{"AttachPolicy", target},
    Weighed{"DetachPolicy", target},
    Weighed{"ListAttachedPolicies", {}},
    Weighed{"ListTargetsForPolicy", policy_itself},
    Weighed{"AttachPrincipalPolicy", principal},
    Weighed{"AttachThingPrincipal", {}},
    Weighed{"DetachThingPrincipal", {}},
    Weighed{"ListThingPrincipals", {}},
    Weighed{"ListPrincipalThings", {}},
    Weighed{"CreateJob", job},
    Weighed{"DescribeJob", job},
    Weighed{"GetJobDocument", job},
    Weighed{"ListJobs", {}},
    Weighed{"CancelJob", job},
    Weighed{"DeleteJob", job},
    Weighed{"DescribeJobExecution", execution},
    Weighed{"CancelJobExecution", execution},
    Weighed{"ListJobExecutionsForJob", job},
    Weighed{"ListJobExecutionsForThing", thing},
    Weighed{"GetPendingJobExecutions", thing, true},
    Weighed{"StartNextPendingJobExecution", thing, true},
    Weighed{"DescribeJobExecution", thing, true},
    Weighed{"UpdateJobExecution", thing, true},
    Weighed{"GetThingShadow", thing},
    Weighed{"UpdateThingShadow", thing},
    Weighed{"DeleteThingShadow", thing},
    Weighed{"ListNamedShadowsForThing", thing},
    Weighed{"Publish", topic},
    Weighed{"RetainPublish", topic},
};

// Certificates' ids are taken in either case, and written in one.
std::string as_written(ResourceKind kind, std::string name) {
    if (kind == ResourceKind::certificate || kind == ResourceKind::ca_certificate)
        for (char& c : name)
            if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return name;
}

Outcome<std::vector<std::string>> resources_of(const Weighed& weighed, const Input& input,
                                               std::string_view region) {
    std::vector<std::string> arns;
    for (const auto& [member, kind] : weighed.by) {
        IMPRINT_TRY(auto given, input.optional(member));
        if (!given) continue;
        arns.push_back(kind ? make_arn(region, *kind, as_written(*kind, *std::move(given)))
                            : *std::move(given));
    }
    if (arns.empty()) arns.emplace_back("*");
    return arns;
}

std::unexpected<ApiError> denied(const std::string& key_id, std::string_view action,
                                 std::string_view resource, std::string_view region) {
    return refuse(403, "AccessDeniedException",
                  fmt::format("User: arn:{}:sts::{}:assumed-role/station/{} is not authorized to "
                              "perform: {} on resource: {}",
                              policy::partition_of(region).id, account, key_id, action, resource));
}

}  // namespace

Outcome<void> authorize(const std::string& key_id, const std::string& policy,
                        std::string_view operation, const Input& input, std::string_view region,
                        Plane plane) {
    if (policy.empty()) return {};
    // ListThingPrincipalsV2 and ListPrincipalThingsV2 ask for the permission of their elders (API
    // reference).
    if (operation.ends_with("V2")) operation.remove_suffix(2);
    if (operation == "Publish") {
        IMPRINT_TRY(const bool retain, input.flag(member::retain));
        if (retain) IMPRINT_CHECK(authorize(key_id, policy, "RetainPublish", input, region));
    }
    const bool of_devices = plane == Plane::jobs_data;
    const std::string action = fmt::format("{}:{}", of_devices ? "iotjobsdata" : "iot", operation);
    const auto document = policy::parse(policy);
    const auto weighed = std::ranges::find_if(table, [&](const Weighed& row) {
        return row.operation == operation && row.of_devices == of_devices;
    });
    if (!document || weighed == table.end()) return denied(key_id, action, "*", region);
    IMPRINT_TRY(const auto resources, resources_of(*weighed, input, region));
    for (const auto& resource : resources)
        if (!policy::evaluate(*document, {.action = action, .resource = resource}, {}).allowed())
            return denied(key_id, action, resource, region);
    return {};
}

std::string fault_of_key_policy(const std::string& document) {
    const auto parsed = policy::parse(document);
    if (!parsed) return parsed.error();
    for (std::size_t i = 0; i < parsed->statements.size(); ++i)
        if (!parsed->statements[i].conditions.empty())
            return fmt::format("{} has conditions, which are not weighed here",
                               policy::name_of(parsed->statements[i], i));
    return {};
}

}  // namespace imprint::local_registry
