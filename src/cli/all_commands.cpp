#include "cli/commands.h"

namespace imprint::cli {

void add_all_commands(Command& root) {
    add_init(root);
    add_doctor(root);
    add_report(root);
    add_prepare(root);
    add_station(root);
    add_board(root);
    add_image(root);
    add_registry(root);
    add_lot(root);
    add_ledger(root);
    add_label(root);
    add_simulate(root);
    add_demo(root);
    add_completion(root);
    add_reference(root);
}

}  // namespace imprint::cli
