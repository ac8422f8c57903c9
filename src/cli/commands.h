// One function for each file of commands: it defines them below `root`. The parsed options of a
// command are stored with its action.
#pragma once

#include "cli/command.h"

namespace imprint::cli {

void add_init(Command& root);
void add_doctor(Command& root);
void add_report(Command& root);
void add_prepare(Command& root);
void add_station(Command& root);
void add_board(Command& root);
void add_image(Command& root);
void add_registry(Command& root);
void add_registry_policy(Command& registry);  // below it: `registry policy …`
void add_lot(Command& root);
void add_ledger(Command& root);
void add_label(Command& root);
void add_simulate(Command& root);
void add_demo(Command& root);
void add_completion(Command& root);
void add_reference(Command& root);

void add_image_nvs(Command& image);  // below it

void add_lot_report(Command& lot);        // below it
void add_ledger_backup(Command& ledger);  // below it
void add_ledger_export(Command& ledger);

void add_simulate_bench(Command& simulate);

// Below `imprint station`.
void add_station_setup(Command& station);
void add_station_user(Command& station);

// Below `imprint registry`.
void add_fleet(Command& registry);
void add_mint(Command& registry);
void add_push(Command& registry);
void add_rotate(Command& registry);

// All of them, in the order of the help.
void add_all_commands(Command& root);

}  // namespace imprint::cli
