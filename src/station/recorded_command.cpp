#include "station/recorded_command.h"

#include "aws/credentials.h"
#include "ledger/effect_log.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::station {

Result<RecordedCommand> RecordedCommand::reach(const prepare::Settings& settings, Clock& clock,
                                               const Log& log, const std::stop_token& stop) {
    RecordedCommand made(settings, clock, log);
    IMPRINT_TRY(auto access, find_registry(settings.registry, settings.credentials.root_ca,
                                           aws::CredentialEnvironment::of_this_process(),
                                           clock.wall(), log, stop));
    made.plain_ = open_registry(access, clock, log);
    made.shadows_ = open_shadows(access, clock, log);
    made.root_ca_ = std::move(access.root_ca);
    return made;
}

Result<void> RecordedCommand::begin(const ledger::RunFacts& facts) {
    IMPRINT_TRY(ledger_, ledger::open_ledger(path_, *clock_, {.log = log_}));
    IMPRINT_TRY(run_, ledger_->begin_run(facts));
    recorded_ = std::make_unique<prepare::RecordedRegistry>(
        *plain_, ledger::EffectLog(*ledger_, ledger::Doer{.run = run_}, log_));
    return {};
}

RecordedCommand::~RecordedCommand() {
    if (!ledger_ || run_ == 0 || ended_) return;
    if (auto kept = end(0, 0); !kept)
        log_.warning("the end of the command is not in the ledger: {}", kept.error().describe());
}

Result<void> RecordedCommand::end(unsigned passed, unsigned failed) {
    ended_ = true;
    return ledger_->end_run(run_, passed, failed);
}

}  // namespace imprint::station
