// `imprint board info`: the chip, the flash and ports attached to it, and its security locks.
#pragma once

#include "base/error.h"
#include "board_tool/board_tool.h"
#include "cli/command.h"

namespace imprint::cli {

// Starts what is in flash afterwards. The tool may have been opened with look_only.
[[nodiscard]] Result<int> show_board_info(Context& context, board_tool::BoardTool& tool);

}  // namespace imprint::cli
