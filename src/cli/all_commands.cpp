#include "cli/commands.h"

namespace imprint::cli {

void add_all_commands(Command& root) {
    add_init(root);
}

}  // namespace imprint::cli
