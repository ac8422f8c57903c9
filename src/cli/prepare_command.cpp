#include <memory>

#include "cli/commands.h"
#include "station/run.h"

namespace imprint::cli {

void add_prepare(Command& root) {
    const auto options = std::make_shared<station::RunOptions>();
    Command command = root.command(
        "prepare",
        "Prepare boards: identity in AWS IoT, firmware and credentials into flash, proof, record.",
        "imprint prepare --port /dev/ttyUSB0\n"
        "imprint prepare --all --lot order-17\n"
        "imprint prepare --dry-run      # say what would be done");
    command.option({"-p,--port", "PORT", "a board's serial port; may be given several times"},
                   &options->ports);
    command.option({"--all", "", "every port with a board that is found"}, &options->all);
    command.option({"--lot", "NAME", "the production order that the boards belong to"},
                   &options->lot);
    command.option({"--take-over", "",
                    "the boards are here: retire what another station gave them a moment ago"},
                   &options->take_over);
    command.option({"--dry-run", "", "check everything, change nothing"}, &options->dry_run);
    const auto offline = std::make_shared<bool>(false);
    command.option({"--offline", "", "own-ca: without the registry; push registers them later"},
                   offline.get());
    command.config_options().common_options();
    command.act([options, offline](Context& context) -> Result<int> {
        if (*offline) context.sources.flags.emplace_back("registry.offline", "always");
        IMPRINT_TRY(const config::Config config, context.config());
        IMPRINT_TRY(const auto summary,
                    station::prepare_boards(config.settings, *options, context.clock,
                                            context.out.sink(), context.log, context.stop));
        if (summary.interrupted) return exit_code(ErrorKind::interrupted);
        return summary.failed == 0 ? 0 : 1;
    });
}

}  // namespace imprint::cli
