// A label in the dots of its printer.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "label/layout.h"

namespace imprint::label {

struct Bitmap {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t dpi = 0;
    std::string bytes;  // row by row, each of whole bytes; the leftmost dot is the highest bit; 1
                        // is black

    [[nodiscard]] std::size_t row_bytes() const { return (width + 7) / 8; }

    [[nodiscard]] bool is_black(std::uint32_t x, std::uint32_t y) const {
        return ((static_cast<unsigned char>(bytes[y * row_bytes() + x / 8]) >> (7 - x % 8)) & 1) !=
               0;
    }
};

// Error: label_content: there is no memory for it.
[[nodiscard]] Result<Bitmap> dots_of(const Drawing& drawing);

}  // namespace imprint::label
