// The output of `--help`, generated from the definitions of the commands, like the man page and the
// completions.
#pragma once

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace imprint::cli {

[[nodiscard]] std::string help_text(const CLI::App& command);

// "imprint board info"
[[nodiscard]] std::string full_name(const CLI::App& command);
// "imprint board flash --port P [ADDRESS FILE]…"
[[nodiscard]] std::string usage_line(const CLI::App& command);
// "-v, --verbose", "--baud N"; for a positional "SIZE"
[[nodiscard]] std::string option_label(const CLI::Option& option);

}  // namespace imprint::cli
