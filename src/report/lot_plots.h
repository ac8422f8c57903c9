// The plots of a lot's page, as SVG.
#pragma once

#include <string>
#include <vector>

#include "report/lot_figures.h"

namespace imprint::report {

// Columns of boards by the hour of their first judgement, and the share of them that passed.
[[nodiscard]] std::string plot_of_spans(const std::vector<Span>& spans);

// Bars, the most frequent cause first: at most twelve, the last of them all others together.
[[nodiscard]] std::string plot_of_causes(const std::vector<Cause>& causes);

}  // namespace imprint::report
