// What `imprint complete …` says to the shells' scripts. It is for them alone, and may change with
// them. The first line: which paths the shell adds by itself if no candidate fits ("none", "files",
// "folders"), and how many characters of the word are before the path. Then a line a candidate; a
// tab and its meaning behind it, but for bash.
#pragma once

#include <span>
#include <string>

#include "cli/command_table.h"
#include "cli/shell/complete.h"

namespace imprint::cli::shell {

// arguments: "bash", the line up to the cursor, COMP_WORDBREAKS; or "words" and the words behind
// the program's name. Empty where that is not what they are.
[[nodiscard]] std::string answer(const CommandRow& program, std::span<const std::string> arguments,
                                 const LiveValues& live);

}  // namespace imprint::cli::shell
