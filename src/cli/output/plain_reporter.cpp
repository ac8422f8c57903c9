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

    void event(const events::Event& event) override {
        if (const auto* started = events::as<events::RunStarted>(event)) watch_ = started->watch;
        if (event.text) return streams_.out(printable(*event.text));
        if (const auto sentence = sentence_of(event, verbose_, watch_)) say(*sentence);
    }

    void missed(std::uint64_t lines) override { say(sentence_of_missed(lines)); }

    void raw(std::string_view bytes) override { streams_.out(bytes); }

    void finish() override {}

  private:
    void say(const Sentence& sentence) {
        const auto& stream = sentence.stream == Stream::out ? streams_.out : streams_.err;
        stream(printable(sentence.rows + sentence.text) + '\n');
    }

    Streams streams_;
    bool verbose_;
    bool watch_ = false;
};

}  // namespace

std::unique_ptr<Reporter> make_plain_reporter(Streams streams, const Style& style) {
    return std::make_unique<PlainReporter>(std::move(streams), style);
}

}  // namespace imprint::cli::output
