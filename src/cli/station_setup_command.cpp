#include "cli/commands.h"

namespace imprint::cli {

void add_station_setup(Command&) {}

}  // namespace imprint::cli
