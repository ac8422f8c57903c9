#include <utility>

#include "cli/output/reporter.h"
#include "cli/output/sentences.h"
#include "cli/output/text.h"
#include "events/json.h"

namespace imprint::cli::output {

namespace {

// Standard output is for the program that reads it; a person may watch standard error.
class JsonReporter final : public Reporter {
  public:
    explicit JsonReporter(Streams streams) : streams_(std::move(streams)) {}

    void event(const events::Event& event) override {
        const auto* line = events::as<events::LogLine>(event);
        if (line == nullptr) streams_.out(events::to_json(event) + '\n');
        const auto* failed = events::as<events::CommandFailed>(event);
        if (failed != nullptr) say(sentence_of(*failed));
        if (line != nullptr) say(sentence_of(*line));
    }

    void missed(std::uint64_t lines) override { say(sentence_of_missed(lines)); }

    void raw(std::string_view bytes) override { streams_.out(bytes); }

    void finish() override {}

  private:
    void say(const Sentence& sentence) { streams_.err(printable(sentence.text) + '\n'); }

    Streams streams_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Streams streams) {
    return std::make_unique<JsonReporter>(std::move(streams));
}

}  // namespace imprint::cli::output
