// Shows a command's output: on a terminal, into a pipe, or as one JSON event per line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "events/event.h"

namespace imprint::cli::output {

// The two streams of a process; each call writes one piece completely. A call waits for the reader.
struct Streams {
    std::function<void(std::string_view)> out;
    std::function<void(std::string_view)> err;
    // The reason (errno) if some of `out` was lost; 0: nothing was lost.
    std::function<int()> lost = {};
};

struct TerminalSize {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

struct Style {
    bool verbose = false;
    bool colour = false;
    bool unicode = false;
    std::function<TerminalSize()> size;  // asked again for each drawing, since windows are resized
};

// Called by one thread at a time (output.h).
class Reporter {
  public:
    virtual ~Reporter() = default;
    // Also a command's result (events::Event::text), a log line, and a command's final error.
    virtual void event(const events::Event& event) = 0;
    // Log lines that were dropped because the reader was too slow.
    virtual void missed(std::uint64_t lines) = 0;
    // Raw bytes: a file that is written to standard output.
    virtual void raw(std::string_view bytes) = 0;

    // The terminal has echoed a line that was typed, and its end.
    virtual void typed(std::string_view line) { static_cast<void>(line); }

    // Whether something is on the screen, or is to be, that changes without an event.
    [[nodiscard]] virtual bool is_drawing() const { return false; }

    // No event has come for a moment: what was put off is drawn.
    virtual void settle() {}

    // Removes what was only drawn temporarily. Called once, at the end.
    virtual void finish() = 0;
};

[[nodiscard]] std::unique_ptr<Reporter> make_json_reporter(Streams streams);
[[nodiscard]] std::unique_ptr<Reporter> make_plain_reporter(Streams streams, const Style& style);
[[nodiscard]] std::unique_ptr<Reporter> make_terminal_reporter(Streams streams, const Style& style,
                                                               Clock& clock);

}  // namespace imprint::cli::output
