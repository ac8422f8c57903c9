#include "report/lot_plots.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "report/html.h"

namespace imprint::report {

namespace {

// Of the drawing, not of the screen.
constexpr double width = 640;
constexpr double height = 220;
constexpr double left = 44;
constexpr double right = 44;
constexpr double top = 16;
constexpr double floor_at = 180;

// The next of 1, 2, 5, 10, 20, 50, …
std::uint64_t round_up(std::uint64_t value) {
    std::uint64_t step = 1;
    for (;;) {
        for (const std::uint64_t times : {1U, 2U, 5U})
            if (step * times >= value) return step * times;
        step *= 10;
    }
}

std::string hour_text(WallTime time) {
    return to_iso8601(time).substr(11, 2);
}

std::string day_text(WallTime time) {
    return to_iso8601(time).substr(5, 5);
}

std::string length_text(Milliseconds length) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(length).count();
    if (hours % 24 == 0) return hours == 24 ? "a day" : fmt::format("{} days", hours / 24);
    return hours == 1 ? "an hour" : fmt::format("{} hours", hours);
}

struct Columns {
    double step;
    double bar;

    [[nodiscard]] double middle(std::size_t i) const {
        return left + step * (static_cast<double>(i) + 0.5);
    }
};

std::string grid(std::uint64_t most) {
    std::string svg;
    for (int i = 0; i <= 2; ++i) {
        const double y = floor_at - (floor_at - top) * i / 2;
        svg += fmt::format("<path d=\"M{:.0f} {:.1f}H{:.0f}\" stroke=\"var(--line)\"/>", left, y,
                           width - right);
        svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>",
                           left - 6, y + 4, static_cast<double>(most) * i / 2);
        svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\">{} %</text>", width - right + 6, y + 4,
                           50 * i);
    }
    return svg;
}

std::string column(const Span& span, double x, const Columns& columns, std::uint64_t most) {
    const auto tall = [&](std::uint64_t boards) {
        return (floor_at - top) * static_cast<double>(boards) / static_cast<double>(most);
    };
    const double passed = tall(span.first_passed);
    const double failed = tall(span.first_failed);
    std::string svg = fmt::format("<g><title>{} UTC: {} boards, {} of them passed at once</title>",
                                  to_iso8601(span.start).substr(0, 16),
                                  span.first_passed + span.first_failed, span.first_passed);
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"var(--work)\"/>",
        x - columns.bar / 2, floor_at - passed, columns.bar, passed);
    if (span.first_failed > 0)
        svg += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
            "fill=\"var(--fail)\"/>",
            x - columns.bar / 2, floor_at - passed - failed, columns.bar, failed);
    return svg + "</g>";
}

// A line through the columns that have boards.
std::string yield_line(const std::vector<Span>& spans, const Columns& columns) {
    std::string points;
    std::string dots;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const std::uint64_t boards = spans[i].first_passed + spans[i].first_failed;
        if (boards == 0) continue;
        const double share =
            static_cast<double>(spans[i].first_passed) / static_cast<double>(boards);
        const double y = floor_at - (floor_at - top) * share;
        points += fmt::format("{:.1f},{:.1f} ", columns.middle(i), y);
        dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"var(--pass)\"/>",
                            columns.middle(i), y);
    }
    return fmt::format(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"var(--pass)\" "
        "stroke-width=\"2.5\"/>{}",
        points, dots);
}

std::string axis(const std::vector<Span>& spans, const Columns& columns) {
    const std::size_t every = (spans.size() + 11) / 12;
    std::string svg;
    std::string day;
    for (std::size_t i = 0; i < spans.size(); i += every) {
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>",
                           columns.middle(i), floor_at + 15, hour_text(spans[i].start));
        if (day_text(spans[i].start) == day) continue;
        day = day_text(spans[i].start);
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>",
                           columns.middle(i), floor_at + 30, day);
    }
    return svg;
}

}  // namespace

std::string plot_of_spans(const std::vector<Span>& spans) {
    if (spans.empty()) return "<p class=\"small\">No board has been judged yet.</p>";
    std::uint64_t most = 1;
    for (const Span& span : spans)
        most = std::max(most, span.first_passed + span.first_failed);
    most = round_up(most);
    const double step = (width - left - right) / static_cast<double>(spans.size());
    const Columns columns{step, std::min(step * 0.8, 56.0)};
    std::string svg = fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"Boards by the "
        "time of their first judgement, and first-pass yield\">{}",
        width, height, grid(most));
    for (std::size_t i = 0; i < spans.size(); ++i)
        if (spans[i].first_passed + spans[i].first_failed > 0)
            svg += column(spans[i], columns.middle(i), columns, most);
    svg += yield_line(spans, columns) + axis(spans, columns) + "</svg>";
    const auto length = spans.size() > 1 ? spans[1].start - spans[0].start
                                         : WallTime::duration(std::chrono::hours(1));
    return svg + fmt::format(
                     "<p class=\"small\">A column is {}, in UTC: boards by their first "
                     "judgement, those that failed on top. The line is the share that "
                     "passed at once.</p>",
                     length_text(std::chrono::duration_cast<Milliseconds>(length)));
}

std::string plot_of_causes(const std::vector<Cause>& causes) {
    constexpr std::size_t most_bars = 12;
    constexpr double row = 26;
    constexpr double names = 200;
    if (causes.empty()) return "<p class=\"small\">Nothing has failed.</p>";
    const std::size_t bars = std::min(causes.size(), most_bars);
    const auto most = static_cast<double>(causes.front().attempts);
    std::string svg = fmt::format(
        "<svg viewBox=\"0 0 460 {:.0f}\" role=\"img\" aria-label=\"Causes of failure, the most "
        "frequent first\">",
        row * static_cast<double>(bars));
    for (std::size_t i = 0; i < bars; ++i) {
        std::string name = causes[i].code.empty() ? "(no code)" : causes[i].code;
        std::uint64_t attempts = causes[i].attempts;
        const bool is_rest = i + 1 == bars && causes.size() > bars;
        if (is_rest) {
            name = fmt::format("{} others", causes.size() - i);
            for (std::size_t more = i + 1; more < causes.size(); ++more)
                attempts += causes[more].attempts;
        }
        const double y = row * static_cast<double>(i);
        const double length = std::min(210.0, 210 * static_cast<double>(attempts) / most);
        const bool is_boards = causes[i].fault == ledger::Fault::board;
        svg += fmt::format(
            "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>"
            "<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"18\" fill=\"{}\"/>"
            "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
            names - 8, y + 15, escaped(name), names, y + 3, length,
            is_boards ? "var(--fail)" : "var(--hold)", names + length + 6, y + 16, attempts);
    }
    return svg +
           "</svg><p class=\"small\">Red: the board's fault. Amber: the station's, its cloud's "
           "or its operator's.</p>";
}

}  // namespace imprint::report
