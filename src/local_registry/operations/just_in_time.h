// Just-in-time registration and provisioning: what a device's first connection sets off.
// Sources: AWS IoT Core developer guide, "Register a client certificate when the client connects to
// AWS IoT (just-in-time registration)" and "Just-in-time provisioning".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "local_registry/operations/context.h"

namespace imprint::local_registry::operations {

struct Registration {
    std::string certificate_id;
    std::string ca_certificate_id;
    std::string status;  // PENDING_ACTIVATION, or what the authority's template has made of it
    std::string fault;   // of the template; the certificate is registered all the same
    std::string topic;   // where AWS IoT tells of it, and what; nothing with a template
    std::string message;
};

// A certificate that a registered, ACTIVE authority with auto-registration has signed. `names` as
// policy variables have them ("Subject.CommonName"): what a template's parameters are taken from.
// Nothing when it is registered already. Errors: CertificateValidationException when no such
// authority signed it; those of the store.
[[nodiscard]] Outcome<std::optional<Registration>> register_just_in_time(
    const Context& context, const std::string& pem,
    const std::map<std::string, std::vector<std::string>, std::less<>>& names);

}  // namespace imprint::local_registry::operations
