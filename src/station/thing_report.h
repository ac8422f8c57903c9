// The registry's data of one thing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "registry/registry.h"

namespace imprint::station {

struct ThingCertificate {
    std::string id;
    registry::CertificateStatus status = registry::CertificateStatus::inactive;
    WallTime created;
    std::vector<std::string> policies;
};

struct ThingReport {
    registry::Thing thing;
    std::vector<std::string> groups;
    std::vector<ThingCertificate> certificates;
};

// Errors: those of the registry; ResourceNotFoundException if the thing does not exist.
[[nodiscard]] Result<ThingReport> look_up_thing(registry::Reader& registry,
                                                const std::string& name);

}  // namespace imprint::station
