// A label as a file, or as what a printer takes. The same drawing gives the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "label/layout.h"

namespace imprint::label {

enum class Format : std::uint8_t {
    svg,  // letters as outlines: the same wherever it is shown
    png,  // the printer's own dots, black or white
    pdf,  // pages of the label's real size
    zpl,  // Zebra's ZPL II: the PNG's dots as a graphic
};
[[nodiscard]] std::string_view to_string(Format format);  // also the ending of a file's name
[[nodiscard]] std::optional<Format> parse_format(std::string_view text);
// Several labels in one: pages, or one after the other.
[[nodiscard]] bool takes_several(Format format);
[[nodiscard]] bool is_text(Format format);

// One label; several where takes_several. Error: label_content: cairo or zlib failed.
[[nodiscard]] Result<std::string> render(Format format, std::span<const Drawing> labels);

}  // namespace imprint::label
