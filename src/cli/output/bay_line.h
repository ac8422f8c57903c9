// One bay's live line on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "events/bench_state.h"

namespace imprint::cli::output {

struct LineStyle {
    std::size_t width = 80;     // columns available for the line
    std::size_t bay_width = 4;  // length of the longest bay name
    bool unicode = true;
    bool colour = false;
};

[[nodiscard]] std::string render(const events::BayState& bay, const LineStyle& style);

struct Row {
    std::string text;
    std::size_t columns = 0;  // that it takes
};

// A line for each bay, in their order; if there are more than rows, several bays share a line, one
// below the other as in a table. What has no room even so is counted in the last line.
[[nodiscard]] std::vector<Row> arrange(const std::vector<const events::BayState*>& bays,
                                       std::size_t rows, const LineStyle& style);

}  // namespace imprint::cli::output
