// A provisioning template's body and parameters, parsed into a plan of what to create.
// Source: AWS IoT Core developer guide, "Provisioning templates".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "local_registry/api/api_error.h"
#include "local_registry/store/json_columns.h"

namespace imprint::local_registry::operations {

// OverrideSettings: what to do with something that exists already.
enum class Override : std::uint8_t { do_nothing, replace, merge, fail };

struct ThingPlan {
    std::string logical;  // its name in the template
    std::string name;
    std::optional<std::string> type;
    Attributes attributes;
    std::vector<std::string> groups;
    // The guide does not say what happens without a setting; here the default is to do nothing.
    Override for_attributes = Override::do_nothing;
    Override for_type = Override::do_nothing;
    Override for_groups = Override::do_nothing;
};

// Either a request, or the id of a registered one, or the certificate itself.
struct CertificatePlan {
    std::string logical;
    std::optional<std::string> csr;
    std::optional<std::string> id;
    std::optional<std::string> pem;
    std::optional<std::string> ca_pem;  // if missing, pem is registered without a CA
    std::string status = "ACTIVE";
    // Without a setting, a certificate gets the template's status: that is how fleet provisioning
    // templates activate one.
    Override for_status = Override::replace;
};

struct PolicyPlan {
    std::string logical;
    std::string name;  // if missing: the document's SHA-256 in hex
    std::optional<std::string> document;
};

struct ProvisioningPlan {
    std::optional<ThingPlan> thing;
    std::optional<CertificatePlan> certificate;
    std::vector<PolicyPlan> policies;
};

// Checks whether it is a template at all. Error: InvalidRequestException.
[[nodiscard]] Outcome<void> check_document(const std::string& body);
// Error: InvalidRequestException.
[[nodiscard]] Outcome<ProvisioningPlan> read_plan(const std::string& body,
                                                  std::map<std::string, std::string> parameters);

}  // namespace imprint::local_registry::operations
