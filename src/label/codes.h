// The dark and light squares of a code, by libzint. Formats: ISO/IEC 18004 (QR), 16022 (Data
// Matrix), 15417 (Code 128).
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "label/template.h"

namespace imprint::label {

struct Symbol {
    std::size_t columns = 0;
    std::size_t rows = 0;    // 1: bars
    std::vector<bool> dark;  // row by row

    [[nodiscard]] bool at(std::size_t column, std::size_t row) const {
        return dark[row * columns + column];
    }
};

// Light squares that a reader needs around a code, at each side; above and below bars: none.
[[nodiscard]] std::size_t quiet_zone(ItemKind kind);

// kind: not text. Errors: label_content: it is empty, too long, or has characters that the code
// does not have. A QR code takes UTF-8; the others ASCII, which every reader understands alike.
[[nodiscard]] Result<Symbol> encode(ItemKind kind, std::string_view content);

}  // namespace imprint::label
