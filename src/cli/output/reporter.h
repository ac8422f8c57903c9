// Where everything that a command has to say goes: a person's terminal, a pipe, or one JSON event a
// line. Events, log lines and errors may come from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "prepare/event.h"

namespace imprint::cli::output {

// The two streams of a process; each call is one piece, written whole.
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

class Reporter {
  public:
    virtual ~Reporter() = default;
    virtual void event(const prepare::Event& event) = 0;
    // A command's result: what a program reads, and what a person reads (whole lines).
    virtual void result(const prepare::Event& event, std::string_view text) = 0;
    // Bytes as they are: a file that goes to standard output.
    virtual void raw(std::string_view bytes) = 0;
    // What ended the command.
    virtual void error(const Error& error) = 0;
    // Shown with --verbose; warnings always.
    virtual void log(LogLevel level, std::string_view line) = 0;
    // Takes away what was only drawn for now. Called once, at the end.
    virtual void finish() = 0;
};

[[nodiscard]] std::unique_ptr<Reporter> make_json_reporter(Streams streams, const Style& style,
                                                           Clock& clock);
[[nodiscard]] std::unique_ptr<Reporter> make_plain_reporter(Streams streams, const Style& style);
[[nodiscard]] std::unique_ptr<Reporter> make_terminal_reporter(Streams streams, const Style& style,
                                                               Clock& clock);

}  // namespace imprint::cli::output
