// This process's own streams, and which kind of reader they have.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/output/reporter.h"

namespace imprint::cli::output {

// Writes to the file descriptors without a buffer. Lost output is no reason to stop in the middle
// of a board: it is dropped, and reported at the end (Streams::lost). If the reader has gone away,
// or a stream was closed on purpose, nothing counts as lost.
[[nodiscard]] Streams process_streams();

using Variable = std::function<std::optional<std::string>(const std::string&)>;

// Considers NO_COLOR (https://no-color.org), TERM=dumb, COLUMNS, the locale, and the terminal
// itself.
[[nodiscard]] bool draws_on_terminal(const Variable& variable);
[[nodiscard]] Style style_of_process(const Variable& variable, bool verbose);

}  // namespace imprint::cli::output
