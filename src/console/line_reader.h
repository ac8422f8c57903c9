// What a board prints, as lines: the one reader for whoever watches a console. A board's text comes
// from outside: colours may go to a terminal, nothing else that steers one goes anywhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace imprint::console {

struct Line {
    // Without colours and control characters; a tab is a blank. Bytes that are no UTF-8, as noise
    // at another rate makes them, stay.
    std::string text;
    std::string coloured;  // the same, with the colours (ECMA-48 8.3.117, SGR) that there were
};

// Of a line or a part of one, as it came.
[[nodiscard]] Line clean_line(std::string_view raw);

class LineReader {
  public:
    static constexpr std::size_t longest_line = 4096;  // bytes; a longer one is cut into several

    void take(ByteView bytes);
    // The next line whose end has come; none: not yet.
    [[nodiscard]] std::optional<Line> next();
    // What there is of the one after: a prompt, or what comes before a crash, may never get its
    // line break.
    [[nodiscard]] std::string unfinished() const;
    // The same, given out as a line; none: nothing is there.
    [[nodiscard]] std::optional<Line> take_unfinished();

  private:
    std::string pending_;
};

}  // namespace imprint::console
