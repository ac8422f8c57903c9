#include "label/layout.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "label/codes.h"
#include "label/text.h"

namespace imprint::label {

namespace {

// Of a square, in mm: 6.67 thousandths of an inch, two dots at 300 dpi. Zebra's data sheet of the
// DS2208, a usual hand scanner, has 6.7 for QR codes.
constexpr double least_square = mm_an_inch / 150;

std::unexpected<Error> no_room(std::string message, std::string hint) {
    return fail(ErrorKind::config, "label_content", std::move(message), std::move(hint));
}

class Board {
  public:
    Board(const Template& sheet, const Values& values) : sheet_(sheet), values_(values) {
        drawing_.width = sheet.width;
        drawing_.height = sheet.height;
        drawing_.dpi = sheet.dpi;
    }

    [[nodiscard]] Result<Drawing> drawn() && {
        for (std::size_t i = 0; i < sheet_.items.size(); ++i)
            if (auto done = add(sheet_.items[i]); !done)
                return with_context(std::move(done).error(), item_name(sheet_, i));
        return std::move(drawing_);
    }

  private:
    [[nodiscard]] Result<void> add(const Item& item) {
        IMPRINT_TRY(const Filled filled, fill(item.content, values_));
        if (item.kind == ItemKind::text)
            return filled.all_missing ? Result<void>() : text(item, filled.text);
        if (!filled.missing.empty())
            return fail(ErrorKind::config, "label_content",
                        fmt::format("the board has no value for {}", filled.missing),
                        "a code cannot leave it out: put something else into the template");
        return code(item, filled.text);
    }

    // -- codes, in dots

    [[nodiscard]] double dots(double mm) const { return mm * sheet_.dpi / mm_an_inch; }

    [[nodiscard]] double mm(double dots) const { return dots * mm_an_inch / sheet_.dpi; }

    [[nodiscard]] Result<void> code(const Item& item, const std::string& content) {
        IMPRINT_TRY(const Symbol symbol, encode(item.kind, content));
        const bool is_bars = symbol.rows == 1;
        const std::size_t quiet = quiet_zone(item.kind);
        const auto across = static_cast<double>(symbol.columns + 2 * quiet);
        const auto down = static_cast<double>(symbol.rows + 2 * quiet);
        // 0.01: a place of exactly so many dots is not to lose one to rounding.
        const double box_width = dots(item.width) + 0.01;
        const double box_height = dots(item.height) + 0.01;
        const double side = std::floor(is_bars ? box_width / across
                                               : std::min(box_width / across, box_height / down));
        if (mm(side) < least_square * 0.99) {
            const double needed = std::ceil(dots(least_square) * 0.99) * across;
            return no_room(
                fmt::format("{} bytes make a {} code of {} squares across, margins included; in "
                            "{:g} by {:g} mm they are too small to be read",
                            content.size(), to_string(item.kind), across, item.width, item.height),
                fmt::format("{:.1f} mm are the least at {} dpi; or put less into it",
                            std::ceil(mm(needed) * 10) / 10, sheet_.dpi));
        }
        const double height = is_bars ? std::floor(box_height) : side * down;
        const double left = std::floor(box_width) - side * across;
        const double share = item.align == Align::left ? 0 : item.align == Align::right ? 1 : 0.5;
        const double margin = static_cast<double>(quiet) * side;
        Place place{.x = std::round(dots(item.x)) + std::floor(left * share) + margin,
                    .y = std::round(dots(item.y)) + std::floor((box_height - height) / 2),
                    .side = side,
                    .row = is_bars ? height : side};
        if (!is_bars) place.y += margin;
        bars(symbol, place);
        return {};
    }

    struct Place {
        double x = 0;
        double y = 0;
        double side = 0;  // of a square
        double row = 0;   // height of a row
    };

    // Neighbours in a row are one bar.
    void bars(const Symbol& symbol, const Place& place) {
        const auto whole = [](double dots) { return static_cast<std::uint32_t>(dots); };
        for (std::size_t row = 0; row < symbol.rows; ++row) {
            for (std::size_t begin = 0; begin < symbol.columns;) {
                std::size_t end = begin;
                while (end < symbol.columns && symbol.at(end, row))
                    ++end;
                if (end > begin)
                    drawing_.bars.push_back(
                        {.x = whole(place.x + static_cast<double>(begin) * place.side),
                         .y = whole(place.y + static_cast<double>(row) * place.row),
                         .width = whole(static_cast<double>(end - begin) * place.side),
                         .height = whole(place.row)});
                begin = end + 1;
            }
        }
    }

    // -- texts, in points

    [[nodiscard]] static bool fits(const PlacedText& text, double height) {
        // Pango counts in 1024ths.
        const Extent extent = measure(text);
        return extent.width <= text.width + 0.01 && extent.height <= height + 0.01;
    }

    // The largest size that fits, in quarters of a point; none: the least does not. Few sizes, and
    // the same for each label: Pango keeps some kilobytes for every one that it has met.
    [[nodiscard]] static std::optional<double> largest_size(PlacedText text, double height,
                                                            double most) {
        text.size = most;
        if (fits(text, height)) return most;
        int good = static_cast<int>(least_font * 4);
        int bad = static_cast<int>(most * 4) + 1;
        text.size = least_font;
        if (!fits(text, height)) return std::nullopt;
        while (bad - good > 1) {
            const int middle = (good + bad) / 2;
            text.size = middle / 4.0;
            (fits(text, height) ? good : bad) = middle;
        }
        return good / 4.0;
    }

    [[nodiscard]] Result<void> text(const Item& item, const std::string& content) {
        const double height = item.height * points_a_mm;
        PlacedText text{.text = clean(content, item.fit == Fit::wrap),
                        .x = item.x * points_a_mm,
                        .y = item.y * points_a_mm,
                        .width = item.width * points_a_mm,
                        .size = least_font,
                        .font = sheet_.font,
                        .bold = item.bold,
                        .wrapped = item.fit == Fit::wrap,
                        .align = item.align};
        const Extent least = measure(text);
        if (!least.has_all_letters)
            return fail(ErrorKind::config, "label_content",
                        fmt::format("no installed font has all letters of \"{}\"", text.text),
                        "install a font that has them (fonts-dejavu-core has Latin, Greek and "
                        "Cyrillic)");
        const double most =
            item.font_size > 0 ? item.font_size : std::floor(std::min(height, most_font));
        auto size = largest_size(text, height, std::max(most, least_font));
        if (!size && item.fit == Fit::cut && least.height <= height) {
            text.cut = true;
            size = least_font;
        }
        if (!size)
            return no_room(
                fmt::format("\"{}\" needs {:.1f} by {:.1f} mm in letters of {:g} points, the "
                            "smallest, and has {:g} by {:g} mm",
                            text.text, least.width / points_a_mm, least.height / points_a_mm,
                            least_font, item.width, item.height),
                "give it more room, let it wrap, or take less of it: {certificate_id:12}");
        text.size = *size;
        // A single line stands in the middle of its place.
        if (!text.wrapped) text.y += std::max(0.0, (height - measure(text).height) / 2);
        drawing_.texts.push_back(std::move(text));
        return {};
    }

    const Template& sheet_;
    const Values& values_;
    Drawing drawing_;
};

std::uint32_t in_dots(double mm, std::uint32_t dpi) {
    return static_cast<std::uint32_t>(std::lround(mm * dpi / mm_an_inch));
}

}  // namespace

std::uint32_t width_in_dots(const Drawing& drawing) {
    return in_dots(drawing.width, drawing.dpi);
}

std::uint32_t height_in_dots(const Drawing& drawing) {
    return in_dots(drawing.height, drawing.dpi);
}

Result<Drawing> lay_out(const Template& sheet, const Values& values) {
    return Board(sheet, values).drawn();
}

Result<Template> checked_with(Template sheet, const Values& values) {
    IMPRINT_TRY(Template whole, checked(std::move(sheet)));
    IMPRINT_TRY(const auto drawing, lay_out(whole, values));
    static_cast<void>(drawing);
    return whole;
}

}  // namespace imprint::label
