// Converts the states of other layers to the words of the events.
#pragma once

#include "aws/iot_client.h"
#include "events/words.h"
#include "policy/evaluate.h"
#include "prepare/outcomes.h"
#include "report/told.h"

namespace imprint::cli {

[[nodiscard]] events::RegistryStatus told(registry::CertificateStatus status);
using prepare::told;
using report::told;
[[nodiscard]] events::PolicyOutcome told(policy::Outcome outcome);

}  // namespace imprint::cli
