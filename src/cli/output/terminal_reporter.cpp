#include <algorithm>
#include <chrono>
#include <ctime>
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

constexpr Milliseconds between_drawings{100};
constexpr Milliseconds between_seconds{1000};  // the clock in the last line goes on by itself

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

// Sentences scroll by; below them stands one live line for each bay, drawn anew in place: ten times
// a second at most, and only what has changed. The cursor rests at the start of the line below the
// last live one.
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
        std::optional<Sentence> sentence = sentence_of(event, style_.verbose, bench_.run.watch);
        if (is_drawn(event) && !style_.verbose) sentence.reset();
        if (sentence) say(*sentence);
        if (has_failed(event)) streams_.out("\a");
        if (sentence) return;
        if (is_due(last_drawn_)) return draw();
        is_put_off_ = true;
    }

    [[nodiscard]] bool is_drawing() const override { return is_put_off_ || !drawn_.empty(); }

    void settle() override {
        if (is_put_off_ || (!drawn_.empty() && clock_.now() - *last_drawn_ >= between_seconds))
            draw();
    }

    void missed(std::uint64_t lines) override { say(sentence_of_missed(lines)); }

    void raw(std::string_view bytes) override { streams_.out(bytes); }

    // The echo stands below the live lines, and has taken the cursor along. Were they drawn once
    // more in between, these are a row lower by now, below a remainder: gone over alike.
    void typed(std::string_view line) override {
        if (drawn_.empty()) return;
        const std::size_t rows = columns(line) / std::max<std::size_t>(size().columns, 1) + 1;
        const std::string up = fmt::format("\x1b[{}F", rows) + erasing();
        streams_.out(up + all_lines(live_lines()));
    }

    void finish() override {
        bench_ = {};
        draw();
    }

  private:
    // The live line says it already.
    [[nodiscard]] static bool is_drawn(const events::Event& event) {
        return events::as<events::BoardStarted>(event) != nullptr ||
               events::as<events::BoardIdentified>(event) != nullptr ||
               events::as<events::BoardStep>(event) != nullptr;
    }

    // A board at a bench, to which nobody may be looking.
    [[nodiscard]] bool has_failed(const events::Event& event) const {
        return bench_.run.watch && (events::as<events::BoardFailed>(event) != nullptr ||
                                    events::as<events::BayEmpty>(event) != nullptr);
    }

    void result(std::string_view text, Colours colours) {
        std::string all = erasing();
        all += printable(text, colours);
        all += lines_below();
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
        text.insert(0, wrap(printable(sentence.rows), width()));
        // Bars and sentence may go to different streams of one terminal: in this order.
        streams_.out(erasing());
        (sentence.stream == Stream::out ? streams_.out : streams_.err)(text + '\n');
        if (const std::string lines = lines_below(); !lines.empty()) streams_.out(lines);
    }

    [[nodiscard]] bool is_due(const std::optional<Instant>& last) const {
        return !last || clock_.now() - *last >= between_drawings;
    }

    // What stands below text that has just been written: where that comes by the hundred, nothing
    // until it has passed.
    [[nodiscard]] std::string lines_below() {
        if (is_due(last_whole_)) return all_lines(live_lines());
        is_put_off_ = true;
        return {};
    }

    void draw() {
        const auto rows = live_lines();
        std::string text;
        if (drawn_.empty() || rows.size() != drawn_.size() || size().columns != drawn_width_) {
            // One after the other: both change what is known to stand there.
            text = erasing();
            text += all_lines(rows);
        } else {
            text = changed_lines(rows);
            drawn_ = rows;
            remember_drawing();
        }
        if (!text.empty()) streams_.out(text);
    }

    void remember_drawing() {
        last_drawn_ = clock_.now();
        is_put_off_ = false;
        drawn_width_ = size().columns;
    }

    [[nodiscard]] std::string all_lines(const std::vector<Row>& rows) {
        std::string text;
        for (const auto& row : rows)
            text += row.text + '\n';
        drawn_ = rows;
        remember_drawing();
        if (!rows.empty()) last_whole_ = last_drawn_;
        return text;
    }

    // From the cursor's place up to each line that is another now, and back.
    [[nodiscard]] std::string changed_lines(const std::vector<Row>& rows) const {
        std::string text;
        std::size_t at = rows.size();  // the line that the cursor is in
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] == drawn_[i]) continue;
            if (at > i)
                text += fmt::format("\x1b[{}F", at - i);
            else if (at < i)
                text += fmt::format("\x1b[{}E", i - at);
            text += rows[i].text + "\x1b[K\n";
            at = i + 1;
        }
        if (text.empty()) return text;
        if (at < rows.size()) text += fmt::format("\x1b[{}E", rows.size() - at);
        // The terminal may have echoed ^C there.
        return text + "\r\x1b[J";
    }

    // Up over the live lines, however many rows they take in a window that may have become
    // narrower, and clears from there.
    [[nodiscard]] std::string erasing() {
        std::size_t rows = 0;
        const std::size_t columns_now = std::max<std::size_t>(size().columns, 1);
        for (const Row& row : drawn_)
            rows += std::max<std::size_t>(1, (row.columns + columns_now - 1) / columns_now);
        drawn_.clear();
        // To the start of a line: the terminal may have echoed ^C behind the cursor.
        if (rows == 0) return is_put_off_ ? "\r\x1b[J" : "";
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

    [[nodiscard]] std::vector<Row> live_lines() const {
        const auto bays = shown_bays();
        if (bays.empty()) return {};
        // More lines than the window has rows could not be drawn over.
        const std::size_t rows = std::max<std::size_t>(size().rows, 4) - 2;
        const bool has_progress = bench_.run.started && (bays.size() > 1 || bench_.run.watch);
        const LineStyle style{width(), 4, style_.unicode, style_.colour};
        auto lines = arrange(bays, has_progress ? rows - 1 : rows, style);
        if (has_progress) {
            std::string line = cut(progress_text(), width());
            const std::size_t taken = columns(line);
            lines.push_back({std::move(line), taken});
        }
        return lines;
    }

    // "3 of 16 done, 1 failed, 0:12, about 0:20 left"; where boards come and go "37 of 250 passed,
    // 1 failed, 1:02:12, end about 16:40".
    [[nodiscard]] std::string progress_text() const {
        const auto& run = bench_.run;
        std::string text;
        if (!run.watch)
            text = fmt::format("{} of {} done", run.done(), bench_.bays.size());
        else if (run.lot_target > 0)
            text = fmt::format("{} of {} passed", run.lot_passed, run.lot_target);
        else
            text = fmt::format("{} passed", run.passed);
        if (run.failed > 0) text += fmt::format(", {} failed", run.failed);
        const WallTime now = clock_.wall();
        text += ", " + clock_text(std::chrono::floor<std::chrono::seconds>(now - *run.started));
        if (run.watch) return text + end_text(events::expected_end(run, run.left(), now), now);
        const auto left = events::expected_left(bench_, now);
        if (left > std::chrono::seconds(0))
            text += fmt::format(", about {} left", clock_text(left));
        return text;
    }

    // As the clock on the wall will show it; empty: not known.
    [[nodiscard]] static std::string end_text(const std::optional<WallTime>& end, WallTime now) {
        if (!end) return {};
        const auto left = std::chrono::round<std::chrono::hours>(*end - now);
        if (left >= std::chrono::hours(20)) return fmt::format(", end in about {} h", left.count());
        const std::time_t seconds = std::chrono::system_clock::to_time_t(*end);
        std::tm local{};
        if (::localtime_r(&seconds, &local) == nullptr) return {};
        return fmt::format(", end about {}:{:02}", local.tm_hour, local.tm_min);
    }

    [[nodiscard]] static std::string clock_text(std::chrono::seconds time) {
        const auto seconds = std::max<std::int64_t>(time.count(), 0);
        if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
        return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    Streams streams_;
    Style style_;
    Clock& clock_;
    events::BenchState bench_;
    std::vector<Row> drawn_;       // the live lines that stand there
    std::size_t drawn_width_ = 0;  // of the window, then
    std::optional<Instant> last_drawn_;
    std::optional<Instant> last_whole_;  // when every line was written, not only those that changed
    bool is_put_off_ = false;            // what stands there is not how things stand
};

}  // namespace

std::unique_ptr<Reporter> make_terminal_reporter(Streams streams, const Style& style,
                                                 Clock& clock) {
    return std::make_unique<TerminalReporter>(std::move(streams), style, clock);
}

}  // namespace imprint::cli::output
