#include "cli/event_words.h"

namespace imprint::cli {

events::RegistryStatus told(registry::CertificateStatus status) {
    using From = registry::CertificateStatus;
    using To = events::RegistryStatus;
    switch (status) {
        case From::active:
            return To::active;
        case From::inactive:
            return To::inactive;
        case From::revoked:
            return To::revoked;
        case From::pending_transfer:
            return To::pending_transfer;
        case From::register_inactive:
            return To::register_inactive;
        case From::pending_activation:
            return To::pending_activation;
    }
    return To::inactive;
}

events::BoardStanding told(ledger::BoardState state) {
    using From = ledger::BoardState;
    using To = events::BoardStanding;
    switch (state) {
        case From::passed:
            return To::passed;
        case From::failed:
            return To::failed;
        case From::stopped:
            return To::stopped;
        case From::running:
            return To::running;
        case From::killed:
            return To::killed;
        case From::retired:
            return To::retired;
    }
    return To::failed;
}

events::BoardVerdict told(ledger::Verdict verdict) {
    using From = ledger::Verdict;
    using To = events::BoardVerdict;
    switch (verdict) {
        case From::none:
            return To::none;
        case From::running:
            return To::running;
        case From::aborted:
            return To::aborted;
        case From::error:
            return To::error;
        case From::failed:
            return To::failed;
        case From::passed:
            return To::passed;
    }
    return To::none;
}

events::LotState told(ledger::LotState state) {
    using From = ledger::LotState;
    using To = events::LotState;
    switch (state) {
        case From::open:
            return To::open;
        case From::paused:
            return To::paused;
        case From::closed:
            return To::closed;
    }
    return To::closed;
}

events::CertificateState told(ledger::CertificateState state) {
    using From = ledger::CertificateState;
    using To = events::CertificateState;
    switch (state) {
        case From::requested:
            return To::requested;
        case From::inactive:
            return To::inactive;
        case From::staged:
            return To::staged;
        case From::queued:
            return To::queued;
        case From::active:
            return To::active;
        case From::proven:
            return To::proven;
        case From::overwritten:
            return To::overwritten;
        case From::gone:
            return To::gone;
    }
    return To::requested;
}

events::PolicyOutcome told(policy::Outcome outcome) {
    using From = policy::Outcome;
    using To = events::PolicyOutcome;
    switch (outcome) {
        case From::allowed:
            return To::allowed;
        case From::explicitly_denied:
            return To::explicitly_denied;
        case From::implicitly_denied:
            return To::implicitly_denied;
    }
    return To::implicitly_denied;
}

}  // namespace imprint::cli
