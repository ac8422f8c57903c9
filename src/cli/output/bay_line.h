// One bay's live line on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "prepare/event.h"

namespace imprint::cli::output {

struct BayLine {
    std::string bay;
    std::string mac;   // empty until the board is identified
    std::string step;  // of the last board_step
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: this step has no bar
    WallTime step_began;
    WallTime last;

    // Takes what the event says of this bay.
    void follow(const prepare::Event& event);
    [[nodiscard]] unsigned percent() const;       // 0 to 100
    [[nodiscard]] double bytes_a_second() const;  // over this step; 0: not known yet
};

struct LineStyle {
    std::size_t width = 80;     // columns that the line may take
    std::size_t bay_width = 4;  // of the longest bay's name
    bool unicode = true;
    bool colour = false;
};

[[nodiscard]] std::string render(const BayLine& line, const LineStyle& style);

}  // namespace imprint::cli::output
