// ZPL II, as Zebra's Programming Guide describes it: ^GFA, a graphic of hex digits, with the
// alternative data compression of ~DG. The label is a graphic and no text: nothing that a value
// holds, be it ^ or ~, is ever a command, and the printer's fonts do not matter.

#include <algorithm>
#include <fmt/format.h>

#include "label/formats.h"

namespace imprint::label {

namespace {

// A letter before a digit says how often it comes: g is 20, h 40 … z 400, and G 1, H 2 … Y 19; the
// two add up.
void add_run(std::string& out, char digit, std::size_t count) {
    constexpr std::size_t most = 419;
    for (; count > 0; count -= std::min(count, most)) {
        const std::size_t now = std::min(count, most);
        if (now >= 20) out += static_cast<char>('g' + (now / 20 - 1));
        if (now > 1 && now % 20 > 0) out += static_cast<char>('G' + (now % 20 - 1));
        out += digit;
    }
}

// The rest of a row in 0 is ",", in F "!"; a row like the one before is ":".
std::string row_of(std::string_view digits) {
    std::string out;
    for (std::size_t begin = 0; begin < digits.size();) {
        const char digit = digits[begin];
        const std::size_t end = std::min(digits.find_first_not_of(digit, begin), digits.size());
        if (end == digits.size() && (digit == '0' || digit == 'F'))
            out += digit == '0' ? ',' : '!';
        else
            add_run(out, digit, end - begin);
        begin = end;
    }
    return out;
}

}  // namespace

std::string zpl_of(const Bitmap& bitmap) {
    const std::size_t bytes = bitmap.bytes.size();
    // ^LH and ^LS: whatever a former label has moved; ^PQ: one copy.
    std::string out = fmt::format("^XA\n^LH0,0^LS0^PW{}^LL{}\n^FO0,0^GFA,{},{},{},", bitmap.width,
                                  bitmap.height, bytes, bytes, bitmap.row_bytes());
    std::string before;
    for (std::uint32_t y = 0; y < bitmap.height; ++y) {
        std::string digits;
        for (const char byte : bitmap.bytes.substr(y * bitmap.row_bytes(), bitmap.row_bytes()))
            digits += fmt::format("{:02X}", static_cast<unsigned char>(byte));
        out += digits == before ? ":" : row_of(digits);
        out += '\n';
        before = std::move(digits);
    }
    return out + "^FS\n^PQ1\n^XZ\n";
}

}  // namespace imprint::label
