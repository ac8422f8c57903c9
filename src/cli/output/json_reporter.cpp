#include <fmt/format.h>
#include <mutex>
#include <utility>

#include "cli/output/reporter.h"
#include "cli/output/sentences.h"
#include "cli/output/text.h"

namespace imprint::cli::output {

namespace {

// Standard output is for the program that reads it; a person may watch standard error.
class JsonReporter final : public Reporter {
  public:
    JsonReporter(Streams streams, const Style& style, Clock& clock)
        : streams_(std::move(streams)), verbose_(style.verbose), clock_(clock) {}

    void event(const prepare::Event& event) override {
        const std::string line = prepare::to_json(event) + '\n';
        const std::lock_guard lock(mutex_);
        streams_.out(line);
    }

    void result(const prepare::Event& one, std::string_view) override { event(one); }

    void error(const Error& error) override {
        Error plain = error;
        plain.mend.clear();
        event({"error",
               clock_.wall(),
               {},
               {},
               {{"kind", std::string(to_string(error.kind))},
                {"code", error.code},
                {"reason", plain.describe()},
                {"mend", error.mend}}});
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
    Clock& clock_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Streams streams, const Style& style, Clock& clock) {
    return std::make_unique<JsonReporter>(std::move(streams), style, clock);
}

}  // namespace imprint::cli::output
