#include "station/signing_command.h"

#include "base/version.h"

namespace imprint::station {

Result<SigningCommand> SigningCommand::reach(const prepare::Settings& settings, Clock& clock,
                                             const Log& log, const std::stop_token& stop) {
    IMPRINT_TRY(auto reached, RecordedCommand::reach(settings, clock, log, stop));
    SigningCommand made(settings, std::move(reached), log);
    IMPRINT_TRY(made.cloud_,
                prepare::look_at_cloud(made.recorded_.plain(), made.recorded_.root_ca(), settings));
    log.warnings(made.recorded_.root_ca().notes);
    if (settings.identity.issue == prepare::Issue::own_ca) {
        IMPRINT_TRY(auto authority, prepare::open_authority(settings.identity.ca, clock.wall()));
        made.authority_.emplace(std::move(authority));
    }
    IMPRINT_TRY(made.ca_pem_, prepare::shown_authority(settings.identity, clock.wall()));
    return made;
}

Result<void> SigningCommand::begin(ledger::RunFacts facts) {
    facts.version = std::string(version);
    facts.endpoint = cloud_.endpoint;
    IMPRINT_CHECK(recorded_.begin(facts));
    return prepare::ensure_cloud(recorded_.registry(), settings_->identity, recorded_.ledger(),
                                 log_);
}

prepare::IdentityTools SigningCommand::tools(bool take_over) {
    return {.settings = settings_->identity,
            .ledger = recorded_.ledger(),
            .registry = &recorded_.plain(),
            .authority = authority_ ? &*authority_ : nullptr,
            .ca_pem = ca_pem_,
            .rivals = prepare::rival_rules(*settings_, take_over)};
}

}  // namespace imprint::station
