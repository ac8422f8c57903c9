// Splits a command line like Python's shlex.split (POSIX rules, no comments), with which the AWS
// CLI reads credential_process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::aws {

// Nothing if a quotation is not closed, or the line ends in a single backslash.
[[nodiscard]] std::optional<std::vector<std::string>> split_command_line(std::string_view text);

}  // namespace imprint::aws
