// A printer for tests: reads the one graphic of a ZPL label, as Zebra's Programming Guide says
// (^GFA with the alternative data compression of ~DG).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "label/bitmap.h"

namespace imprint::label {

// The number behind a command's name; none: it is not there exactly once.
inline std::optional<std::uint32_t> zpl_number(std::string_view zpl, std::string_view command) {
    const auto at = zpl.find(command);
    if (at == std::string_view::npos || zpl.find(command, at + 1) != std::string_view::npos)
        return std::nullopt;
    return static_cast<std::uint32_t>(
        std::strtoul(std::string(zpl.substr(at + command.size(), 10)).c_str(), nullptr, 10));
}

inline std::optional<Bitmap> read_zpl(std::string_view zpl) {
    const auto width = zpl_number(zpl, "^PW");
    const auto height = zpl_number(zpl, "^LL");
    const auto begin = zpl.find("^GFA,");
    const auto end = zpl.find("^FS", begin);
    if (!width || !height || end == std::string_view::npos) return std::nullopt;
    std::string_view data = zpl.substr(begin + 5, end - begin - 5);
    std::vector<std::size_t> numbers;
    for (int i = 0; i < 3; ++i) {
        const auto comma = data.find(',');
        numbers.push_back(std::strtoul(std::string(data.substr(0, comma)).c_str(), nullptr, 10));
        data.remove_prefix(comma + 1);
    }
    const std::size_t row_digits = numbers[2] * 2;
    if (numbers[2] != (*width + 7) / 8 || numbers[0] != numbers[2] * *height) return std::nullopt;
    std::string digits;
    std::string row;
    std::string before(row_digits, '0');
    std::size_t count = 0;
    const auto end_row = [&](char filler) { row.append(row_digits - row.size(), filler); };
    for (const char c : data) {
        if (c == '\n') continue;
        if (c >= 'g' && c <= 'z') {
            count += static_cast<std::size_t>(c - 'g' + 1) * 20;
            continue;
        }
        if (c >= 'G' && c <= 'Y') {
            count += static_cast<std::size_t>(c - 'G' + 1);
            continue;
        }
        if (c == ',')
            end_row('0');
        else if (c == '!')
            end_row('F');
        else if (c == ':')
            row = before;
        else
            row.append(count == 0 ? 1 : count, c);
        count = 0;
        if (row.size() > row_digits) return std::nullopt;
        if (row.size() < row_digits) continue;
        digits += row;
        before = std::exchange(row, {});
    }
    if (digits.size() != row_digits * *height) return std::nullopt;
    Bitmap bitmap{.width = *width, .height = *height, .dpi = 203, .bytes = {}};
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bitmap.bytes += static_cast<char>(std::strtoul(digits.substr(i, 2).c_str(), nullptr, 16));
    return bitmap;
}

}  // namespace imprint::label
