#include "cli/commands.h"

namespace imprint::cli {

void add_all_commands(CLI::App& root, Invocation& invocation) {
    add_init(root, invocation);
}

}  // namespace imprint::cli
