#include "cli/output/bay_line.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "cli/output/sentences.h"
#include "cli/output/text.h"

namespace imprint::cli::output {

namespace {

constexpr std::size_t mac_width = 12;
constexpr std::size_t phase_width = 19;    // of the longest phrase
constexpr std::size_t figures_width = 18;  // " 100%  1024.0 KB/s"
constexpr std::size_t least_bar = 6;
constexpr std::size_t most_bar = 40;
constexpr std::size_t state_width = 7;  // "STOPPED", "waiting"

std::string bar(unsigned percent, std::size_t width, const LineStyle& style) {
    const std::size_t full = width * percent / 100;
    std::string text;
    for (std::size_t i = 0; i < width; ++i)
        text += i < full ? (style.unicode ? "█" : "#") : (style.unicode ? "░" : "-");
    if (style.colour) return "\x1b[36m" + text + "\x1b[0m";
    return text;
}

std::string speed_text(double bytes_a_second) {
    if (bytes_a_second <= 0) return {};
    return fmt::format("{:.1f} KB/s", bytes_a_second / 1024);
}

struct ResultWord {
    std::string_view word;
    std::string_view colour;
};

// None: the board is at work.
std::optional<ResultWord> result_of(events::BayOutcome outcome) {
    using enum events::BayOutcome;
    switch (outcome) {
        case working:
            return std::nullopt;
        case passed:
            return ResultWord{"PASS", "\x1b[1;32m"};
        case failed:
            return ResultWord{"FAIL", "\x1b[1;31m"};
        case skipped:
            return ResultWord{"SKIP", "\x1b[33m"};
        case stopped:
            return ResultWord{"STOPPED", "\x1b[33m"};
        case empty:
            return ResultWord{"empty", "\x1b[33m"};
    }
    return std::nullopt;
}

// "bay0  PASS  246f28a1b2c3", "bay1  FAIL  246f28a1b2c4  board_lost"; where there is no room for
// all of it, why a board failed, and no piece of a MAC.
std::string render_result(const events::BayState& line, std::string_view name,
                          const ResultWord& result, const LineStyle& style) {
    const std::string bay = pad(cut(name, style.bay_width), style.bay_width);
    const std::size_t room =
        style.width > style.bay_width + 2 ? style.width - style.bay_width - 2 : 0;
    const std::string word = cut(result.word, room);
    const std::string mac = line.mac ? "  " + line.mac->id() : std::string();
    const std::string code = line.error_code.empty() ? std::string() : "  " + line.error_code;
    const std::size_t left = room - columns(word);
    std::string rest = mac + code;
    constexpr std::size_t least_code = 8;  // "  board…"
    if (columns(rest) > left)
        rest = code.empty() || left < least_code ? std::string() : cut(code, left);
    if (!style.colour) return bay + "  " + word + rest;
    return fmt::format("{}  {}{}\x1b[0m{}", bay, result.colour, word, rest);
}

struct Cell {
    const events::BayState* bay = nullptr;
    std::string_view name;
};

Row row_of(const std::vector<Cell>& cells, LineStyle style) {
    Row row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        LineStyle bare = style;
        bare.colour = false;
        const std::string cell = render(*cells[i].bay, cells[i].name, style);
        std::size_t taken = columns(render(*cells[i].bay, cells[i].name, bare));
        row.text += cell;
        if (i + 1 < cells.size()) {
            const std::size_t blanks = style.width + 2 - std::min(taken, style.width);
            row.text += std::string(blanks, ' ');
            taken += blanks;
        }
        row.columns += taken;
    }
    return row;
}

}  // namespace

std::vector<Row> arrange(const std::vector<const events::BayState*>& bays, std::size_t rows,
                         const LineStyle& style) {
    rows = std::max<std::size_t>(rows, 1);
    std::vector<std::string> names;
    std::size_t longest = 4;
    for (const auto* bay : bays) {
        names.push_back(bay->bay);
        longest = std::max(longest, columns(bay->bay));
    }
    const std::size_t least_cell = std::min<std::size_t>(longest, 6) + 6;  // "bay0   45%"
    const std::size_t most = std::max<std::size_t>((style.width + 2) / (least_cell + 2), 1);
    const std::size_t across = std::min((bays.size() + rows - 1) / rows, most);
    if (across == 0) return {};
    const bool fits = across * rows >= bays.size();
    const std::size_t lines = fits ? (bays.size() + across - 1) / across : rows - 1;
    LineStyle cell = style;
    cell.width = (style.width + 2) / across - 2;
    // A name leaves room for how its bay stands.
    const std::size_t most_of_name =
        across == 1 ? cell.width / 3 : cell.width - std::min(cell.width, state_width + 2);
    cell.bay_width = std::min(longest, std::max<std::size_t>(4, most_of_name));
    names = short_names(names, cell.bay_width);
    cell.bay_width = 4;
    for (const auto& name : names)
        cell.bay_width = std::max(cell.bay_width, columns(name));
    std::vector<Row> arranged;
    for (std::size_t line = 0; line < lines; ++line) {
        std::vector<Cell> in_line;
        for (std::size_t i = line; i < std::min(bays.size(), lines * across); i += lines)
            in_line.push_back({bays[i], names[i]});
        arranged.push_back(row_of(in_line, cell));
    }
    if (!fits) {
        const std::string more =
            cut(fmt::format("and {} more bays", bays.size() - lines * across), style.width);
        arranged.push_back({more, columns(more)});
    }
    return arranged;
}

std::vector<std::string> short_names(const std::vector<std::string>& names, std::size_t width) {
    const auto fit = [width](const std::vector<std::string>& all) {
        return std::ranges::all_of(
            all, [width](const std::string& name) { return columns(name) <= width; });
    };
    if (names.size() < 2 || fit(names)) return names;
    // Of whole characters, in bytes.
    const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    const std::string& first = names.front();
    std::size_t head = first.size();
    std::size_t tail = first.size();
    for (const auto& name : names) {
        const auto differ = std::ranges::mismatch(first, name);
        head = std::min(head, static_cast<std::size_t>(differ.in1 - first.begin()));
        const auto behind = std::mismatch(first.rbegin(), first.rend(), name.rbegin(), name.rend());
        tail = std::min(tail, static_cast<std::size_t>(behind.first - first.rbegin()));
    }
    while (head > 0 && head < first.size() && !is_start(first[head]))
        --head;
    while (tail > 0 && !is_start(first[first.size() - tail]))
        --tail;
    std::vector<std::string> shown;
    for (const auto& name : names) {
        const std::size_t start = std::min(head, name.size());
        const std::size_t end = std::max(start, name.size() - std::min(tail, name.size()));
        shown.push_back((head > 0 ? "…" : "") + name.substr(start, end - start));
    }
    for (auto& name : shown)
        name = cut_middle(name, width);
    return shown;
}

std::string render(const events::BayState& line, std::string_view name, const LineStyle& style) {
    if (const auto result = result_of(line.outcome))
        return render_result(line, name, *result, style);
    // What there is no room for goes from the least needed to the most: bar, speed, MAC, and the
    // phrase, for which a word stands.
    const std::string bay = pad(cut(name, style.bay_width), style.bay_width);
    const std::string phase(line.step ? phrase_of(*line.step) : "waiting");
    const std::string word(line.step ? events::word_of(*line.step) : "waiting");
    std::string text = bay;
    std::size_t taken = style.bay_width;
    if (style.width >= style.bay_width + 2 + mac_width + 2 + phase_width + 6) {
        text += "  " + pad(line.mac ? line.mac->id() : "", mac_width);
        taken += 2 + mac_width;
    }
    if (line.total == 0)
        return cut(text + "  " + (taken + 2 + columns(phase) > style.width ? word : phase),
                   style.width);
    text += "  " + pad(phase, phase_width);
    taken += 2 + phase_width;
    const std::string percent = fmt::format(" {:>3}%", line.percent());
    if (taken + percent.size() > style.width)
        return cut(fmt::format("{}{} {}", bay, percent, word), style.width);
    if (taken + 2 + least_bar + figures_width > style.width) return text + percent;
    const std::size_t room = style.width - taken - 2 - figures_width;
    text += "  " + bar(line.percent(), std::min(room, most_bar), style) + percent;
    const std::string speed = speed_text(line.bytes_a_second());
    return speed.empty() || speed.size() + 2 + percent.size() > figures_width ? text
                                                                              : text + "  " + speed;
}

}  // namespace imprint::cli::output
