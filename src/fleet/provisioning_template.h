// The configured identity as a provisioning template that AWS IoT executes itself.
// Source: AWS IoT Developer Guide, "Provisioning templates", "Just-in-time provisioning".
#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "minted/store.h"
#include "prepare/settings.h"

namespace imprint::fleet {

// For bulk registration and RegisterThing: thing with type, groups and attributes, certificate
// INACTIVE (no board is verified yet) or ACTIVE, policy.
[[nodiscard]] std::string provisioning_template(const prepare::IdentitySettings& settings,
                                                const std::string& lot, const std::string& ca_pem,
                                                bool active);
// The template's parameters for one identity.
[[nodiscard]] std::map<std::string, std::string> template_parameters(
    const prepare::IdentitySettings& settings, const minted::MintedIdentity& identity);

// For an authority whose certificates are registered just in time: the same, ACTIVE, with the
// thing's name and the board's MAC taken from the certificate's subject, which must contain them.
// Error: just_in_time_subject (config).
[[nodiscard]] Result<std::string> just_in_time_template(const prepare::IdentitySettings& settings,
                                                        const std::string& lot);

}  // namespace imprint::fleet
