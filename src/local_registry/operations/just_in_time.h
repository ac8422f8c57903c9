// Just-in-time registration and provisioning, which a device's first connection triggers.
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
    std::string status;  // PENDING_ACTIVATION, or what the authority's template has set
    std::string fault;   // the template's error; the certificate is registered all the same
    std::string topic;   // where and what AWS IoT publishes about it; nothing with a template
    std::string message;
};

// Registers a certificate that was signed by a registered, ACTIVE authority with auto-registration.
// `names` as in policy variables ("Subject.CommonName"): the source of a template's parameters.
// Nothing if it is registered already. Errors: CertificateValidationException if no such authority
// signed it; those of the store.
[[nodiscard]] Outcome<std::optional<Registration>> register_just_in_time(
    const Context& context, const std::string& pem,
    const std::map<std::string, std::vector<std::string>, std::less<>>& names);

}  // namespace imprint::local_registry::operations
