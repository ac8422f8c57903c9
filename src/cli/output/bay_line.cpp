#include "cli/output/bay_line.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/output/sentences.h"
#include "cli/output/text.h"

namespace imprint::cli::output {

namespace {

constexpr std::size_t mac_width = 12;
constexpr std::size_t phase_width = 19;    // of the longest phrase
constexpr std::size_t figures_width = 18;  // " 100%  1024.0 KB/s"
constexpr std::size_t least_bar = 6;
constexpr std::size_t most_bar = 40;

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

}  // namespace

std::string render(const events::BayState& line, const LineStyle& style) {
    // What there is no room for goes from the least needed to the most: bar, speed, MAC.
    const std::string bay = pad(cut(line.bay, style.bay_width), style.bay_width);
    const std::string phase(line.step ? phrase_of(*line.step) : "waiting");
    std::string text = bay;
    std::size_t taken = style.bay_width;
    if (style.width >= style.bay_width + 2 + mac_width + 2 + phase_width + 6) {
        text += "  " + pad(line.mac ? line.mac->id() : "", mac_width);
        taken += 2 + mac_width;
    }
    if (line.total == 0) return cut(text + "  " + phase, style.width);
    text += "  " + pad(phase, phase_width);
    taken += 2 + phase_width;
    const std::string percent = fmt::format(" {:>3}%", line.percent());
    if (taken + percent.size() > style.width)
        return cut(fmt::format("{}{} {}", bay, percent, phase), style.width);
    if (taken + 2 + least_bar + figures_width > style.width) return text + percent;
    const std::size_t room = style.width - taken - 2 - figures_width;
    text += "  " + bar(line.percent(), std::min(room, most_bar), style) + percent;
    const std::string speed = speed_text(line.bytes_a_second());
    return speed.empty() || speed.size() + 2 + percent.size() > figures_width ? text
                                                                              : text + "  " + speed;
}

}  // namespace imprint::cli::output
