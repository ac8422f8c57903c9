// How everything that a command has to say is shown: on a person's terminal, into a pipe, or as one
// JSON event a line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "events/event.h"

namespace imprint::cli::output {

// The two streams of a process; each call is one piece, written whole. A call waits for whoever
// reads them.
struct Streams {
    std::function<void(std::string_view)> out;
    std::function<void(std::string_view)> err;
    // Whether something of `out` was lost, and why (errno); 0: nothing.
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
    std::function<TerminalSize()> size;  // asked again at each drawing: windows change
};

// Called by one thread at a time (output.h).
class Reporter {
  public:
    virtual ~Reporter() = default;
    // Also a command's result (events::Event::text), a line of the log, and what ended a command.
    virtual void event(const events::Event& event) = 0;
    // Lines of the log are missing: nobody read the others in time.
    virtual void missed(std::uint64_t lines) = 0;
    // Bytes as they are: a file that goes to standard output.
    virtual void raw(std::string_view bytes) = 0;
    // Takes away what was only drawn for now. Called once, at the end.
    virtual void finish() = 0;
};

[[nodiscard]] std::unique_ptr<Reporter> make_json_reporter(Streams streams);
[[nodiscard]] std::unique_ptr<Reporter> make_plain_reporter(Streams streams, const Style& style);
[[nodiscard]] std::unique_ptr<Reporter> make_terminal_reporter(Streams streams, const Style& style,
                                                               Clock& clock);

}  // namespace imprint::cli::output
