#include "local_registry/plugin/admission.h"

#include <algorithm>
#include <fmt/format.h>

namespace imprint::local_registry {

Verdict admit_connect(const std::optional<CertificateFacts>& facts, std::string_view client_id) {
    if (!facts) return {.admitted = false, .reason = "the certificate is not registered"};
    if (facts->status != "ACTIVE")
        return {.admitted = false, .reason = fmt::format("the certificate is {}", facts->status)};
    if (std::ranges::find(facts->things, client_id) == facts->things.end())
        return {.admitted = false,
                .reason = "the certificate is not attached to a thing of the client id's name"};
    if (facts->policies.empty())
        return {.admitted = false, .reason = "the certificate has no policy"};
    return {.admitted = true, .reason = {}};
}

}  // namespace imprint::local_registry
