// Who may connect: the rule, apart from the broker that asks and the database that knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::local_registry {

// What the registry knows of a certificate.
struct CertificateFacts {
    std::string status;                 // "ACTIVE"
    std::vector<std::string> things;    // that it is attached to
    std::vector<std::string> policies;  // documents in force: its own and its things' groups'
};

struct Verdict {
    bool admitted = false;
    std::string reason;  // of a refusal, for the log
};

// Admitted is an ACTIVE certificate with a policy, for the client id that is its thing's name.
// What the policies say is not weighed yet: that it has one is what counts.
[[nodiscard]] Verdict admit_connect(const std::optional<CertificateFacts>& facts,
                                    std::string_view client_id);

}  // namespace imprint::local_registry
