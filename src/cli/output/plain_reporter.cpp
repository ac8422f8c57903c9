#include <fmt/format.h>
#include <mutex>
#include <utility>

#include "cli/output/reporter.h"
#include "cli/output/sentences.h"
#include "cli/output/text.h"

namespace imprint::cli::output {

namespace {

// One sentence a line, nothing drawn: for pipes, files and CI logs.
class PlainReporter final : public Reporter {
  public:
    PlainReporter(Streams streams, const Style& style)
        : streams_(std::move(streams)), verbose_(style.verbose) {}

    void event(const prepare::Event& event) override {
        const auto sentence = sentence_of(event, verbose_);
        if (!sentence) return;
        const std::lock_guard lock(mutex_);
        streams_.out(printable(sentence->text) + '\n');
    }

    void result(const prepare::Event&, std::string_view text) override {
        const std::lock_guard lock(mutex_);
        streams_.out(printable(text));
    }

    void error(const Error& error) override {
        const std::lock_guard lock(mutex_);
        streams_.err(printable(sentence_of(error).text) + '\n');
    }

    void log(LogLevel level, std::string_view line) override {
        if (!verbose_ && level < LogLevel::warning) return;
        const std::lock_guard lock(mutex_);
        streams_.err(fmt::format("{}: {}\n", to_string(level), printable(line)));
    }

    void finish() override {}

  private:
    std::mutex mutex_;
    Streams streams_;
    bool verbose_;
};

}  // namespace

std::unique_ptr<Reporter> make_plain_reporter(Streams streams, const Style& style) {
    return std::make_unique<PlainReporter>(std::move(streams), style);
}

}  // namespace imprint::cli::output
