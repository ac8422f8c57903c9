#include "base/mac.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace imprint {

std::string MacAddress::id() const {
    return to_hex(octets);
}

std::string MacAddress::colons() const {
    std::string text;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i > 0) text += ':';
        text += to_hex(ByteView(octets).subspan(i, 1));
    }
    return text;
}

bool MacAddress::is_of_one_board() const {
    return (octets[0] & 1) == 0 && *this != MacAddress{};
}

std::optional<MacAddress> parse_mac(std::string_view text) {
    std::string digits;
    if (text.size() == 17) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (i % 3 != 2)
                digits += text[i];
            else if (text[i] != text[2] || (text[i] != ':' && text[i] != '-'))
                return std::nullopt;
        }
    } else {
        digits = text;
    }
    const auto bytes = from_hex(digits);
    if (!bytes || bytes->size() != 6) return std::nullopt;
    MacAddress mac;
    std::ranges::copy(*bytes, mac.octets.begin());
    return mac;
}

Result<MacAddress> read_mac(std::string_view text) {
    if (const auto mac = parse_mac(text)) return *mac;
    return fail(ErrorKind::usage, "bad_mac", fmt::format("\"{}\" is no MAC address", text),
                "12 hex digits, with or without colons");
}

}  // namespace imprint
