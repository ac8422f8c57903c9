// What a label looks like, before it is filled in: its size, and what stands where. Lengths are in
// millimetres, from the label's left and upper edge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace imprint::label {

enum class ItemKind : std::uint8_t { text, qr, data_matrix, code128 };
[[nodiscard]] std::string_view to_string(ItemKind kind);  // "datamatrix"

enum class Align : std::uint8_t { left, centre, right };
[[nodiscard]] std::string_view to_string(Align align);  // "center"

// What happens to a text that is longer than its place.
enum class Fit : std::uint8_t {
    shrink,  // it stays on its line, in smaller letters
    wrap,    // it goes on in the next line; smaller, where that is not enough
    cut,     // as shrink; where that is not enough, its middle is left out: "sens…b2c3"
};
[[nodiscard]] std::string_view to_string(Fit fit);  // "shrink"

struct Item {
    ItemKind kind = ItemKind::text;
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    std::string content = {};  // with placeholders (values.h)
    Align align = Align::left;
    double font_size = 0;  // points, at the most; 0: as large as a line of that height has room for
    Fit fit = Fit::shrink;
    bool bold = false;

    bool operator==(const Item&) const = default;
};

struct Template {
    double width = 50;
    double height = 25;
    std::uint32_t dpi = 203;  // dots an inch of the printer
    std::string font = "DejaVu Sans";
    std::vector<Item> items = {};  // empty: those of usual_items

    bool operator==(const Template&) const = default;
};

inline constexpr int least_side = 5;   // mm
inline constexpr int most_side = 300;  // mm
inline constexpr std::uint32_t least_dpi = 100;
inline constexpr std::uint32_t most_dpi = 1200;
inline constexpr double least_font = 4;  // points: below that nobody reads what a printer makes
inline constexpr double most_font = 200;

// A QR code with the MAC address, and as many lines of text beside it as have room.
[[nodiscard]] std::vector<Item> usual_items(double width, double height);

// With the usual items if it has none. Errors: label_template: an item is empty, has an unknown
// placeholder, does not lie on the label, or lies on a code. Whether what is filled in fits is
// lay_out's to say (layout.h).
[[nodiscard]] Result<Template> checked(Template sheet);

// "label.item 2 (qr)", counted from 1, for messages.
[[nodiscard]] std::string item_name(const Template& sheet, std::size_t index);

}  // namespace imprint::label
