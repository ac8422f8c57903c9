#include <algorithm>
#include <chrono>
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

// Sentences scroll by; below them stands one live line for each bay, drawn anew in place. The
// cursor rests at the start of the line below the last live one.
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
        draw(events::as<events::BoardProgress>(event) == nullptr &&
             events::as<events::BoardConsole>(event) == nullptr);
    }

    void missed(std::uint64_t lines) override { say(sentence_of_missed(lines)); }

    void raw(std::string_view bytes) override { streams_.out(bytes); }

    void finish() override {
        bench_ = {};
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
        // To the start of a line: the terminal may have echoed ^C behind the cursor.
        return fmt::format("\x1b[{}F\x1b[J", rows);
    }

    // During a run each bay keeps its line, also when its board is done; else only bays at work
    // have one.
    [[nodiscard]] std::vector<const events::BayState*> shown_bays() const {
        std::vector<const events::BayState*> bays;
        if (bench_.run.finished) return bays;
        for (const auto& bay : bench_.bays)
            if (bench_.run.started || bay.outcome == events::BayOutcome::working)
                bays.push_back(&bay);
        return bays;
    }

    [[nodiscard]] std::string live_lines() {
        last_drawn_ = clock_.now();
        const auto bays = shown_bays();
        if (bays.empty()) return {};
        // More lines than the window has rows could not be drawn over.
        const std::size_t rows = std::max<std::size_t>(size().rows, 4) - 2;
        const bool has_progress = bench_.run.started && (bays.size() > 1 || bench_.run.watch);
        std::string text;
        for (const auto& line : bay_lines(bays, has_progress ? rows - 1 : rows)) {
            drawn_.push_back(line.columns);
            text += line.text + '\n';
        }
        if (has_progress) {
            const std::string line = cut(progress_text(), width());
            drawn_.push_back(columns(line));
            text += line + '\n';
        }
        return text;
    }

    [[nodiscard]] std::vector<Row> bay_lines(const std::vector<const events::BayState*>& bays,
                                             std::size_t rows) const {
        LineStyle style{width(), 4, style_.unicode, style_.colour};
        for (const auto* bay : bays)
            style.bay_width = std::max(style.bay_width, columns(bay->bay));
        style.bay_width = std::min(style.bay_width, std::max<std::size_t>(4, style.width / 3));
        return arrange(bays, rows, style);
    }

    // "3 of 16 done, 1 failed, 0:12, about 0:20 left"
    [[nodiscard]] std::string progress_text() const {
        const auto& run = bench_.run;
        std::string text = run.watch ? fmt::format("{} passed", run.passed)
                                     : fmt::format("{} of {} done", run.done(), bench_.bays.size());
        if (run.failed > 0) text += fmt::format(", {} failed", run.failed);
        const auto since = std::chrono::floor<std::chrono::seconds>(clock_.wall() - *run.started);
        text += fmt::format(", {}", minutes_text(since));
        const auto left = events::expected_left(bench_, clock_.wall());
        if (left > std::chrono::seconds(0) && !run.watch)
            text += fmt::format(", about {} left", minutes_text(left));
        return text;
    }

    [[nodiscard]] static std::string minutes_text(std::chrono::seconds time) {
        const auto seconds = std::max<std::int64_t>(time.count(), 0);
        return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
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
