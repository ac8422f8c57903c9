#include "label/template.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "base/text.h"
#include "label/values.h"

namespace imprint::label {

namespace {

// Halves of a thousandth come from sums such as 1.2 + 23.8.
constexpr double tolerance = 0.001;

bool is_length(double value, double least) {
    return std::isfinite(value) && value >= least;
}

std::string place_fault(const Template& sheet, const Item& item) {
    if (!is_length(item.x, 0) || !is_length(item.y, 0)) return "x and y are at least 0";
    if (!is_length(item.width, 0.5) || !is_length(item.height, 0.5))
        return "it needs a width and a height of at least 0.5 mm";
    if (item.x + item.width > sheet.width + tolerance ||
        item.y + item.height > sheet.height + tolerance)
        return fmt::format("it reaches to {:g} by {:g} mm, and the label has {:g} by {:g}",
                           item.x + item.width, item.y + item.height, sheet.width, sheet.height);
    return {};
}

std::string fault_of(const Template& sheet, const Item& item) {
    if (auto fault = place_fault(sheet, item); !fault.empty()) return fault;
    if (trimmed(item.content).empty()) return "it has no content";
    if (item.font_size != 0 &&
        (!is_length(item.font_size, least_font) || item.font_size > most_font))
        return fmt::format("font_size is from {:g} to {:g} points", least_font, most_font);
    return {};
}

bool overlap(const Item& a, const Item& b) {
    return a.x + tolerance < b.x + b.width && b.x + tolerance < a.x + a.width &&
           a.y + tolerance < b.y + b.height && b.y + tolerance < a.y + a.height;
}

// What lies on a code makes it unreadable.
Result<void> check_codes_are_free(const Template& sheet) {
    for (std::size_t i = 0; i < sheet.items.size(); ++i)
        for (std::size_t j = i + 1; j < sheet.items.size(); ++j) {
            const Item& a = sheet.items[i];
            const Item& b = sheet.items[j];
            const bool has_code = a.kind != ItemKind::text || b.kind != ItemKind::text;
            if (has_code && overlap(a, b))
                return fail(ErrorKind::config, "label_template",
                            fmt::format("{} lies on {}", item_name(sheet, j), item_name(sheet, i)),
                            "a code needs its place for itself, margins included");
        }
    return {};
}

}  // namespace

std::string_view to_string(ItemKind kind) {
    switch (kind) {
        case ItemKind::text:
            return "text";
        case ItemKind::qr:
            return "qr";
        case ItemKind::data_matrix:
            return "datamatrix";
        case ItemKind::code128:
            return "code128";
    }
    return "text";
}

std::string_view to_string(Align align) {
    switch (align) {
        case Align::left:
            return "left";
        case Align::centre:
            return "center";
        case Align::right:
            return "right";
    }
    return "left";
}

std::string_view to_string(Fit fit) {
    switch (fit) {
        case Fit::shrink:
            return "shrink";
        case Fit::wrap:
            return "wrap";
        case Fit::cut:
            return "cut";
    }
    return "shrink";
}

std::vector<Item> usual_items(double width, double height) {
    const double edge = std::min(width, height) * 0.06;
    const double inner = height - 2 * edge;
    const double code = std::min(inner, width * 0.45);
    const double left = edge + code + edge / 2;
    const double room = width - left - edge;
    // A MAC address in letters of 4 points takes 11.5 mm, and 15 with colons.
    const bool has_text = room >= 11.5;
    std::vector<Item> items{{.kind = ItemKind::qr,
                             .x = has_text ? edge : (width - std::min(inner, width - 2 * edge)) / 2,
                             .y = has_text ? (height - code) / 2 : edge,
                             .width = has_text ? code : std::min(inner, width - 2 * edge),
                             .height = has_text ? code : inner,
                             .content = "{mac}"}};
    if (!has_text) return items;
    const std::array<std::string_view, 5> lines{room >= 15 ? "{MAC:}" : "{MAC}", "{thing}",
                                                "S/N {serial}", "{lot}", "{chip} {date}"};
    constexpr double least_line = 1.75;  // mm: of letters of 4 points
    const auto count =
        std::clamp<std::size_t>(static_cast<std::size_t>(inner / least_line), 1, lines.size());
    // The MAC address is what one looks for.
    const double line = inner / (static_cast<double>(count) + 0.3);
    double y = edge;
    for (std::size_t i = 0; i < count; ++i) {
        const double tall = i == 0 ? 1.3 * line : line;
        items.push_back({.kind = ItemKind::text,
                         .x = left,
                         .y = y,
                         .width = room,
                         .height = tall,
                         .content = std::string(lines.at(i)),
                         .fit = Fit::cut,
                         .bold = i == 0});
        y += tall;
    }
    return items;
}

std::string item_name(const Template& sheet, std::size_t index) {
    return fmt::format("label.item {} ({})", index + 1, to_string(sheet.items[index].kind));
}

Result<Template> checked(Template sheet) {
    if (sheet.items.empty()) sheet.items = usual_items(sheet.width, sheet.height);
    for (std::size_t i = 0; i < sheet.items.size(); ++i) {
        const Item& item = sheet.items[i];
        if (const auto fault = fault_of(sheet, item); !fault.empty())
            return fail(ErrorKind::config, "label_template",
                        fmt::format("{}: {}", item_name(sheet, i), fault));
        if (auto filled = fill(item.content, sample_values()); !filled)
            return with_context(std::move(filled).error(), item_name(sheet, i));
    }
    IMPRINT_CHECK(check_codes_are_free(sheet));
    return sheet;
}

}  // namespace imprint::label
