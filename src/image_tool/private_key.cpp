#include "image_tool/private_key.h"

#include <algorithm>
#include <string>

namespace imprint::image_tool {

namespace {

// SEQUENCE { INTEGER 0 or 1, INTEGER or SEQUENCE or OCTET STRING …: how the three DER forms start.
bool is_der_key(ByteView content) {
    constexpr std::uint8_t sequence = 0x30;
    constexpr std::uint8_t integer = 0x02;
    constexpr std::uint8_t octets = 0x04;
    if (content.size() < 16 || content[0] != sequence) return false;
    const std::uint8_t length = content[1];
    const std::size_t header = length < 0x80 ? 2 : 2 + (length & 0x7F);
    if (header > 5) return false;
    const ByteView body = content.subspan(header);
    return body[0] == integer && body[1] == 1 && body[2] <= 1 &&
           (body[3] == integer || body[3] == sequence || body[3] == octets);
}

}  // namespace

bool looks_like_private_key(std::string_view path, ByteView content) {
    std::string name(path.substr(path.find_last_of('/') + 1));
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (name.ends_with(".key") || name.find("private") != std::string::npos) return true;
    return as_text(content).find("PRIVATE KEY-----") != std::string_view::npos ||
           is_der_key(content);
}

}  // namespace imprint::image_tool
