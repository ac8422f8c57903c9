// The options of `imprint lot open` and `set`.
#pragma once

#include <memory>

#include "cli/command.h"
#include "prepare/lot_words.h"

namespace imprint::cli {

// Adds them, but for the name and --first-number.
void add_lot_options(Command& command, const std::shared_ptr<prepare::LotWords>& words);

}  // namespace imprint::cli
