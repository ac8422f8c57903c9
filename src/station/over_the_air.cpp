#include "station/over_the_air.h"

#include <utility>

#include "prepare/own_files.h"
#include "prepare/shared_values.h"
#include "station/signing_command.h"

namespace imprint::station {

Result<fleet::AirSum> rotate_over_the_air(const prepare::Settings& settings,
                                          const OverTheAirOptions& options, Clock& clock,
                                          const fleet::AirListener& listener, const Log& log,
                                          const std::stop_token& stop) {
    IMPRINT_CHECK(fleet::check_over_the_air(settings.identity));
    IMPRINT_CHECK(prepare::check_shared_values(settings.identity, {}));
    IMPRINT_CHECK(prepare::check_records(settings));
    IMPRINT_TRY(auto command, SigningCommand::reach(settings, clock, log, stop));
    log.warnings(command.cloud().notes);
    ledger::RunFacts facts;
    facts.command = "registry rotate --over-the-air";
    IMPRINT_CHECK(command.begin(std::move(facts)));
    auto& recorded = command.recorded();
    for (const auto& thing : options.things)
        // One that nobody knows fails alone.
        if (const auto mac = fleet::board_of(recorded.ledger(), thing))
            IMPRINT_CHECK(fleet::check_policy_over_the_air(command.cloud(), thing, *mac));
    const prepare::IdentityTools identity = command.tools(options.take_over);
    const fleet::AirTools tools{{identity, options.lot, recorded.run(), log},
                                recorded.registry(),
                                recorded.shadows(),
                                identity.rivals};
    fleet::AirSum sum = fleet::rotate_over_the_air(
        tools, options.things,
        {.clock = clock, .most = options.most, .pause = options.pause, .stop = stop}, listener);
    IMPRINT_CHECK(recorded.end(sum.finished, sum.failed));
    return sum;
}

}  // namespace imprint::station
