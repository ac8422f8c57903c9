// What a shell has to load so that it asks this program: `imprint completion SHELL` prints it. It
// knows no command and no option, so it never goes stale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imprint::cli::shell {

[[nodiscard]] std::vector<std::string> shells();  // "bash", "fish", "zsh"
// Empty: there is none for this shell.
[[nodiscard]] std::string_view completion_script(std::string_view shell);

}  // namespace imprint::cli::shell
