// What the layers below events call their states, as events tell them.
#pragma once

#include "aws/iot_client.h"
#include "events/words.h"
#include "ledger/ledger.h"
#include "policy/evaluate.h"

namespace imprint::cli {

[[nodiscard]] events::RegistryStatus told(registry::CertificateStatus status);
[[nodiscard]] events::AttemptOutcome told(ledger::Outcome outcome);
[[nodiscard]] events::CertificateState told(ledger::CertificateState state);
[[nodiscard]] events::PolicyOutcome told(policy::Outcome outcome);

}  // namespace imprint::cli
