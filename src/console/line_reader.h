// Splits a board's output into lines, for everything that watches a console. The text is not
// trusted: colours may reach a terminal, other control sequences never do.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace imprint::console {

struct Line {
    // Without colours and control characters; a tab becomes a blank. Invalid UTF-8, such as noise
    // at a wrong baud rate, is kept.
    std::string text;
    std::string coloured;  // the same with its colours (ECMA-48 8.3.117, SGR)
};

// Cleans a raw line or a part of one.
[[nodiscard]] Line clean_line(std::string_view raw);

class LineReader {
  public:
    static constexpr std::size_t longest_line = 4096;  // bytes; a longer one is split

    void take(ByteView bytes);
    // The next complete line; none: not yet.
    [[nodiscard]] std::optional<Line> next();
    // The incomplete line so far: a prompt, or the last text before a crash, may never be ended by
    // a line break.
    [[nodiscard]] std::string unfinished() const;
    // The same, returned as a line; none: it is empty.
    [[nodiscard]] std::optional<Line> take_unfinished();

  private:
    std::string pending_;
};

}  // namespace imprint::console
