#include "cli/commands.h"

namespace imprint::cli {

void add_station(Command& root) {
    Command command = root.command("station", "The bench in a browser: boards come and go.",
                                   "imprint station --open");
    add_station_setup(command);
    add_station_user(command);
}

}  // namespace imprint::cli
