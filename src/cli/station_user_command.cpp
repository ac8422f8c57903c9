#include "cli/commands.h"

namespace imprint::cli {

void add_station_user(Command&) {}

}  // namespace imprint::cli
