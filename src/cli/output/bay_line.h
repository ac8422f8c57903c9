// One bay's live line on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "events/bench_state.h"

namespace imprint::cli::output {

struct LineStyle {
    std::size_t width = 80;     // columns available for the line
    std::size_t bay_width = 4;  // length of the longest bay name
    bool unicode = true;
    bool colour = false;
};

// name: of the bay, as it is shown.
[[nodiscard]] std::string render(const events::BayState& bay, std::string_view name,
                                 const LineStyle& style);

// Names of at most that many columns that can still be told apart: what all of them begin and end
// with goes first.
[[nodiscard]] std::vector<std::string> short_names(const std::vector<std::string>& names,
                                                   std::size_t width);

struct Row {
    std::string text;
    std::size_t columns = 0;  // that it takes

    bool operator==(const Row&) const = default;
};

// A line for each bay, in their order; if there are more than rows, several bays share a line, one
// below the other as in a table, with what matters: which bay, and how it stands. What has no room
// even so is counted in the last line.
[[nodiscard]] std::vector<Row> arrange(const std::vector<const events::BayState*>& bays,
                                       std::size_t rows, const LineStyle& style);

}  // namespace imprint::cli::output
