// Lines of a listing, handed to the output many at once: each piece waits until it is written.
#pragma once

#include <string>
#include <string_view>

#include "cli/output/output.h"

namespace imprint::cli::output {

class RawLines {
  public:
    explicit RawLines(Output& out) : out_(out) {}

    ~RawLines() { flush(); }

    RawLines(const RawLines&) = delete;
    RawLines& operator=(const RawLines&) = delete;

    void add(std::string_view line) {
        waiting_ += line;
        if (waiting_.size() >= piece) flush();
    }

    void flush() {
        if (!waiting_.empty()) out_.raw(waiting_);
        waiting_.clear();
    }

  private:
    static constexpr std::size_t piece = 64UL * 1024;

    Output& out_;
    std::string waiting_;
};

}  // namespace imprint::cli::output
