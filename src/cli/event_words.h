// Converts the states of other layers to the words of the events.
#pragma once

#include "aws/iot_client.h"
#include "events/words.h"
#include "ledger/ledger.h"
#include "policy/evaluate.h"
#include "prepare/outcomes.h"

namespace imprint::cli {

[[nodiscard]] events::RegistryStatus told(registry::CertificateStatus status);
using prepare::told;
[[nodiscard]] events::BoardStanding told(ledger::BoardState state);
[[nodiscard]] events::BoardVerdict told(ledger::Verdict verdict);
[[nodiscard]] events::LotState told(ledger::LotState state);
[[nodiscard]] events::CertificateState told(ledger::CertificateState state);
[[nodiscard]] events::PolicyOutcome told(policy::Outcome outcome);

}  // namespace imprint::cli
