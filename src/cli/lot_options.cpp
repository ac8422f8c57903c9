#include "cli/lot_options.h"

namespace imprint::cli {

void add_lot_options(Command& command, const std::shared_ptr<prepare::LotWords>& words) {
    command.option({"--code", "CODE", "what is scanned to choose it; otherwise its name"},
                   &words->code);
    command.option({"--target", "N", "how many boards it is to have; 0: none is set"},
                   &words->target);
    command.option({.names = "--chip",
                    .type = "CHIP",
                    .meaning = "the chip that is allowed in it: esp32s3; any",
                    .offers = {"any"}},
                   &words->chip);
    command.option({"--revision-from", "REV", "the earliest revision of the chip: v0.1; any"},
                   &words->least_revision);
    command.option({"--revision-to", "REV", "the latest one: v3.1; any"}, &words->most_revision);
    command.option({.names = "--flash-size",
                    .type = "SIZE",
                    .meaning = "the flash that is allowed: 8MB; any",
                    .offers = flash_sizes({"any"})},
                   &words->flash_size);
    command.option({"--allow-firmware", "SHA256",
                    "the firmware that is allowed, or \"this\": the project's build; any"},
                   &words->firmware);
    command.option({"--serial", "TEMPLATE",
                    "its serial numbers: \"T-{year}{week}-{number:5}\"; {lot}, {mac}; none"},
                   &words->serial);
    command.option({"--failed-serial",
                    "WHAT",
                    "what becomes of a failed board's serial number: it keeps it, or the next "
                    "board gets it",
                    false,
                    {"keep", "free"}},
                   &words->failed_serial);
    command.option({"--golden", "MAC",
                    "a golden sample, which has to pass first in each shift; several times"},
                   &words->golden);
}

}  // namespace imprint::cli
