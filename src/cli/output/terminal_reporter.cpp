#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "cli/output/bay_line.h"
#include "cli/output/reporter.h"
#include "cli/output/sentences.h"
#include "cli/output/text.h"
#include "events/bench_state.h"

namespace imprint::cli::output {

namespace {

constexpr Milliseconds between_drawings{50};

std::string_view colour_of(Tone tone) {
    switch (tone) {
        case Tone::good:
            return "\x1b[1;32m";
        case Tone::bad:
            return "\x1b[1;31m";
        case Tone::careful:
            return "\x1b[33m";
        case Tone::plain:
            return "";
    }
    return "";
}

// Sentences scroll by; below them stands one live line for each bay that is at work, drawn anew in
// place. The cursor rests at the start of the line below the last live one.
class TerminalReporter final : public Reporter {
  public:
    TerminalReporter(Streams streams, const Style& style, Clock& clock)
        : streams_(std::move(streams)), style_(style), clock_(clock) {}

    void event(const events::Event& event) override {
        bench_ = events::apply(std::move(bench_), event);
        if (event.text)
            return result(*event.text,
                          events::as<events::BoardConsole>(event) != nullptr && style_.colour
                              ? Colours::kept
                              : Colours::removed);
        std::optional<Sentence> sentence = sentence_of(event, style_.verbose);
        if (is_drawn(event) && !style_.verbose) sentence.reset();
        if (sentence) return say(*sentence);
        draw(events::as<events::BoardProgress>(event) == nullptr);
    }

    void missed(std::uint64_t lines) override { say(sentence_of_missed(lines)); }

    void raw(std::string_view bytes) override { streams_.out(bytes); }

    void finish() override {
        bench_.bays.clear();
        draw(true);
    }

  private:
    // The live line says it already.
    [[nodiscard]] static bool is_drawn(const events::Event& event) {
        return events::as<events::BoardStarted>(event) != nullptr ||
               events::as<events::BoardIdentified>(event) != nullptr ||
               events::as<events::BoardStep>(event) != nullptr;
    }

    void result(std::string_view text, Colours colours) {
        std::string all = erasing();
        all += printable(text, colours);
        all += live_lines();
        streams_.out(all);
    }

    [[nodiscard]] TerminalSize size() const { return style_.size ? style_.size() : TerminalSize{}; }

    // The last column stays free: some terminals wrap as soon as it is written to.
    [[nodiscard]] std::size_t width() const { return std::max<std::size_t>(size().columns, 2) - 1; }

    void say(const Sentence& sentence) {
        const std::size_t indent = sentence.head.empty() ? 2 : columns(sentence.head) + 1;
        std::string text =
            wrap(printable(sentence.text), width(), std::min<std::size_t>(indent, 8));
        if (style_.colour && sentence.tone != Tone::plain) {
            const std::size_t coloured = sentence.head.empty() ? text.size() : sentence.head.size();
            text.insert(std::min(coloured, text.size()), "\x1b[0m");
            text.insert(0, colour_of(sentence.tone));
        }
        // Bars and sentence may go to different streams of one terminal: in this order.
        streams_.out(erasing());
        (sentence.stream == Stream::out ? streams_.out : streams_.err)(text + '\n');
        streams_.out(live_lines());
    }

    void draw(bool now) {
        const Instant time = clock_.now();
        if (!now && last_drawn_ && time - *last_drawn_ < between_drawings) return;
        // One after the other: both change what is known to stand there.
        std::string all = erasing();
        all += live_lines();
        streams_.out(all);
    }

    // Up over the live lines, however many rows they take in a window that may have become
    // narrower, and clears from there.
    [[nodiscard]] std::string erasing() {
        std::size_t rows = 0;
        const std::size_t columns_now = std::max<std::size_t>(size().columns, 1);
        for (const std::size_t length : drawn_)
            rows += std::max<std::size_t>(1, (length + columns_now - 1) / columns_now);
        drawn_.clear();
        if (rows == 0) return {};
        return fmt::format("\x1b[{}A\x1b[J", rows);
    }

    [[nodiscard]] std::string live_lines() {
        last_drawn_ = clock_.now();
        std::vector<const events::BayState*> bays;
        for (const auto& bay : bench_.bays)
            if (bay.outcome == events::BayOutcome::working) bays.push_back(&bay);
        LineStyle style{width(), 4, style_.unicode, style_.colour};
        for (const auto* bay : bays)
            style.bay_width = std::max(style.bay_width, columns(bay->bay));
        style.bay_width = std::min(style.bay_width, std::max<std::size_t>(4, style.width / 3));
        // More lines than the window has rows could not be drawn over.
        const std::size_t rows = std::max<std::size_t>(size().rows, 3) - 2;
        const std::size_t shown = bays.size() <= rows ? bays.size() : rows - 1;
        std::string text;
        for (std::size_t i = 0; i < shown; ++i) {
            const std::string line = render(*bays[i], style);
            LineStyle bare = style;
            bare.colour = false;
            drawn_.push_back(columns(render(*bays[i], bare)));
            text += line + '\n';
        }
        if (shown < bays.size()) {
            const std::string line =
                cut(fmt::format("and {} more bays", bays.size() - shown), style.width);
            drawn_.push_back(columns(line));
            text += line + '\n';
        }
        return text;
    }

    Streams streams_;
    Style style_;
    Clock& clock_;
    events::BenchState bench_;
    std::vector<std::size_t> drawn_;  // columns of each live line that stands there
    std::optional<Instant> last_drawn_;
};

}  // namespace

std::unique_ptr<Reporter> make_terminal_reporter(Streams streams, const Style& style,
                                                 Clock& clock) {
    return std::make_unique<TerminalReporter>(std::move(streams), style, clock);
}

}  // namespace imprint::cli::output
