#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "cli/output/bay_line.h"
#include "cli/output/reporter.h"
#include "cli/output/sentences.h"
#include "cli/output/text.h"

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

    void event(const prepare::Event& event) override {
        const std::lock_guard lock(mutex_);
        const bool ends = event.name == "board_passed" || event.name == "board_failed";
        if (!event.bay.empty() && event.name.starts_with("board_")) {
            if (ends)
                std::erase_if(bays_, [&](const BayLine& line) { return line.bay == event.bay; });
            else
                bay(event.bay).follow(event);
        }
        std::optional<Sentence> sentence = sentence_of(event, style_.verbose);
        // The live line says it already.
        const bool drawn = event.name == "board_started" || event.name == "board_step";
        if (drawn && !style_.verbose) sentence.reset();
        if (event.name == "board_identified" && !style_.verbose) sentence.reset();
        if (sentence)
            say(streams_.out, *sentence);
        else
            draw(event.name != "board_progress");
    }

    void result(const prepare::Event&, std::string_view text) override {
        const std::lock_guard lock(mutex_);
        std::string all = erasing();
        all += printable(text);
        all += live_lines();
        streams_.out(all);
    }

    void raw(std::string_view bytes) override {
        const std::lock_guard lock(mutex_);
        streams_.out(bytes);
    }

    void error(const Error& error) override {
        const std::lock_guard lock(mutex_);
        say(streams_.err, sentence_of(error));
    }

    void log(LogLevel level, std::string_view line) override {
        if (!style_.verbose && level < LogLevel::warning) return;
        const std::lock_guard lock(mutex_);
        const auto tone = level >= LogLevel::warning ? Tone::careful : Tone::plain;
        const std::string_view name = to_string(level);
        say(streams_.err, {fmt::format("{}: {}", name, line), tone, name});
    }

    void finish() override {
        const std::lock_guard lock(mutex_);
        bays_.clear();
        draw(true);
    }

  private:
    BayLine& bay(const std::string& name) {
        const auto found = std::ranges::find(bays_, name, &BayLine::bay);
        if (found != bays_.end()) return *found;
        bays_.emplace_back().bay = name;
        return bays_.back();
    }

    [[nodiscard]] TerminalSize size() const { return style_.size ? style_.size() : TerminalSize{}; }

    // The last column stays free: some terminals wrap as soon as it is written to.
    [[nodiscard]] std::size_t width() const { return std::max<std::size_t>(size().columns, 2) - 1; }

    void say(const std::function<void(std::string_view)>& stream, const Sentence& sentence) {
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
        stream(text + '\n');
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
        LineStyle style{width(), 4, style_.unicode, style_.colour};
        for (const auto& line : bays_)
            style.bay_width = std::max(style.bay_width, columns(line.bay));
        style.bay_width = std::min(style.bay_width, std::max<std::size_t>(4, style.width / 3));
        // More lines than the window has rows could not be drawn over.
        const std::size_t rows = std::max<std::size_t>(size().rows, 3) - 2;
        const std::size_t shown = bays_.size() <= rows ? bays_.size() : rows - 1;
        std::string text;
        for (std::size_t i = 0; i < shown; ++i) {
            const std::string line = render(bays_[i], style);
            LineStyle bare = style;
            bare.colour = false;
            drawn_.push_back(columns(render(bays_[i], bare)));
            text += line + '\n';
        }
        if (shown < bays_.size()) {
            const std::string line =
                cut(fmt::format("and {} more bays", bays_.size() - shown), style.width);
            drawn_.push_back(columns(line));
            text += line + '\n';
        }
        return text;
    }

    std::mutex mutex_;
    Streams streams_;
    Style style_;
    Clock& clock_;
    std::vector<BayLine> bays_;       // those at work, in the order in which they began
    std::vector<std::size_t> drawn_;  // columns of each live line that stands there
    std::optional<Instant> last_drawn_;
};

}  // namespace

std::unique_ptr<Reporter> make_terminal_reporter(Streams streams, const Style& style,
                                                 Clock& clock) {
    return std::make_unique<TerminalReporter>(std::move(streams), style, clock);
}

}  // namespace imprint::cli::output
