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
