// This process's own streams, and what kind of reader is at the other end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/output/reporter.h"

namespace imprint::cli::output {

// Writes to the file descriptors without a buffer. Output that is lost is no reason to stop in the
// middle of a board: it is dropped, and told of at the end (Streams::lost). A reader that has gone
// away, or a stream that was closed on purpose, has lost nothing.
[[nodiscard]] Streams process_streams();

using Variable = std::function<std::optional<std::string>(const std::string&)>;

// NO_COLOR (https://no-color.org), TERM=dumb, COLUMNS, the locale, and the terminal itself.
[[nodiscard]] bool draws_on_terminal(const Variable& variable);
[[nodiscard]] Style style_of_process(const Variable& variable, bool verbose);

}  // namespace imprint::cli::output
