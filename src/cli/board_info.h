// `imprint board info`: the chip, what is attached to it, and what is locked.
#pragma once

#include "board_tool/board_tool.h"
#include "cli/command.h"

namespace imprint::cli {

// The tool may have been opened with look_only.
void show_board_info(Context& context, board_tool::BoardTool& tool);

}  // namespace imprint::cli
