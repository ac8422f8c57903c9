// One clear line for an invalid command line.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace imprint::cli {

// The deepest command that was recognised.
[[nodiscard]] const CLI::App& chosen_command(const CLI::App& root);

// Errors (usage): unknown_command and unknown_option, with the nearest known one; bad_usage.
[[nodiscard]] Error usage_error(const CLI::App& root, const CLI::ParseError& problem);
// Nothing, or the error (bad_usage) for the first of these words that is a port: a shell has put
// several into the place of one -p.
[[nodiscard]] Result<void> check_no_ports(const std::vector<std::string>& words);
// Options whose values are wrong, or do not go together (bad_usage).
[[nodiscard]] std::unexpected<Error> misused(std::string message, std::string hint = {});
// The error for a group without a command.
[[nodiscard]] Error missing_command(const CLI::App& group);

}  // namespace imprint::cli
