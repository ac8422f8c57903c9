// The names in a certificate, its own and its issuer's, for policy variables.
// Sources: AWS IoT Core developer guide, "X.509 certificate AWS IoT Core policy variables" (names
// of the attributes); RFC 5280 appendix A.1 (which they are). Alternative names are left out.
// Decided: SerialNumber is in lower-case hexadecimal digits; AWS does not say how it is written.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace imprint::local_registry {

// From an X509*: "Subject.CommonName" → values, as in policy::Context.
[[nodiscard]] std::map<std::string, std::vector<std::string>, std::less<>> certificate_names_of(
    const void* x509);

}  // namespace imprint::local_registry
