// What the registry needs to know for a board's registration: at once, or later from the queue of a
// station that worked offline.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/mac.h"
#include "prepare/settings.h"

namespace imprint::prepare {

struct ThingFacts {
    std::string thing;
    std::string type;
    std::map<std::string, std::string> attributes;
    std::vector<std::string> groups;
    std::string policy;
    bool with_ca = false;  // RegisterCertificate instead of RegisterCertificateWithoutCA

    friend bool operator==(const ThingFacts&, const ThingFacts&) = default;
};

// The settings for one board, with the placeholders filled in. An attribute that comes to nothing
// is left out.
[[nodiscard]] ThingFacts thing_facts(const IdentitySettings& settings, const MacAddress& mac,
                                     const std::string& thing, const std::string& lot,
                                     const std::string& serial = {});

// As stored in the ledger: {"thing", "type", "attributes", "groups", "policy", "with_ca"}.
[[nodiscard]] std::string to_json(const ThingFacts& facts);
// Error: ledger_damaged (ledger).
[[nodiscard]] Result<ThingFacts> facts_from_json(const std::string& text);

}  // namespace imprint::prepare
