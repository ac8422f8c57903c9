// A command line in parts, as Python's shlex.split has it (POSIX rules, no comments), by which the
// AWS CLI reads credential_process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::aws {

// Nothing where a quotation is not closed, or the line ends in a lone backslash.
[[nodiscard]] std::optional<std::vector<std::string>> split_command_line(std::string_view text);

}  // namespace imprint::aws
