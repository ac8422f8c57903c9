// `imprint ledger backup`: a copy of the record, while the station works.
#include <fmt/format.h>
#include <memory>

#include "cli/commands.h"
#include "cli/output/text.h"
#include "ledger/sqlite_backup.h"

namespace imprint::cli {

namespace {

Result<int> backup(Context& context, const std::filesystem::path& file) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto done,
                ledger::backup_ledger(config.settings.ledger.path, file, {.log = context.log}));
    context.show(events::FileWritten{.path = file.string()},
                 fmt::format("wrote {}: {} attempts, {}\n", file.string(), done.attempts,
                             output::bytes_text(done.bytes)));
    return 0;
}

}  // namespace

void add_ledger_backup(Command& group) {
    const auto file = std::make_shared<std::filesystem::path>();
    Command command = group.command(
        "backup", "A copy of the ledger as it is now, also while stations work with it.",
        "imprint ledger backup /mnt/nas/ledger-$(date +%F).sqlite      # docs/ledger.md: putting "
        "it "
        "back");
    command.option({"FILE", "FILE", "the copy; what is there is replaced", true}, file.get());
    command.config_options().common_options().act(
        [file](Context& context) { return backup(context, *file); });
}

}  // namespace imprint::cli
