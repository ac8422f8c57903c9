// What the registry knows of one thing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/iot_client.h"
#include "base/error.h"

namespace imprint::station {

struct ThingCertificate {
    std::string id;
    aws::CertificateStatus status = aws::CertificateStatus::inactive;
    WallTime created;
    std::vector<std::string> policies;
};

struct ThingReport {
    aws::Thing thing;
    std::vector<std::string> groups;
    std::vector<ThingCertificate> certificates;
};

// Errors: those of the registry; ResourceNotFoundException for a thing that is not there.
[[nodiscard]] Result<ThingReport> look_up_thing(aws::IotClient& iot, const std::string& name);

}  // namespace imprint::station
