// One bay's live line on a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "events/bench_state.h"

namespace imprint::cli::output {

struct LineStyle {
    std::size_t width = 80;     // columns available for the line
    std::size_t bay_width = 4;  // length of the longest bay name
    bool unicode = true;
    bool colour = false;
};

[[nodiscard]] std::string render(const events::BayState& bay, const LineStyle& style);

}  // namespace imprint::cli::output
