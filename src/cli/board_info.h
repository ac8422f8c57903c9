// `imprint board info`: the chip, what is attached to it, and what is locked.
#pragma once

#include "base/error.h"
#include "board_tool/board_tool.h"
#include "cli/command.h"

namespace imprint::cli {

// Starts what is in flash afterwards. The tool may have been opened with look_only.
[[nodiscard]] Result<int> show_board_info(Context& context, board_tool::BoardTool& tool);

}  // namespace imprint::cli
