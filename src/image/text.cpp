#include "image/text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace imprint::image {

namespace {

// Length of the well-formed UTF-8 sequence at the start (RFC 3629), 0 when there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) return 1;
    std::size_t length = 0;
    unsigned char low = 0x80;  // bounds of the second byte: no overlong forms, no surrogates
    unsigned char high = 0xBF;
    if (byte(0) >= 0xC2 && byte(0) <= 0xDF) {
        length = 2;
    } else if (byte(0) >= 0xE0 && byte(0) <= 0xEF) {
        length = 3;
        if (byte(0) == 0xE0) low = 0xA0;
        if (byte(0) == 0xED) high = 0x9F;
    } else if (byte(0) >= 0xF0 && byte(0) <= 0xF4) {
        length = 4;
        if (byte(0) == 0xF0) low = 0x90;
        if (byte(0) == 0xF4) high = 0x8F;
    }
    if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    return length;
}

void append_utf8(std::string& text, std::uint32_t c) {
    const auto tail = [&](unsigned shift) {
        text += static_cast<char>(0x80 | (c >> shift & 0x3F));
    };
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0 | c >> 12);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0 | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text[0]);
        const std::size_t length = utf8_length(text);
        // C1 control characters (C2 80 to C2 9F) move a terminal's cursor as C0 ones do.
        const bool control = is_control(text[0]) || (byte == 0xC2 && length == 2 &&
                                                     static_cast<unsigned char>(text[1]) < 0xA0);
        if (length == 0 || control) {
            out += fmt::format("\\x{:02x}", byte);
            text.remove_prefix(1);
            continue;
        }
        if (byte == '"' || byte == '\\') out += '\\';
        out += text.substr(0, length);
        text.remove_prefix(length);
    }
    return out + '"';
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string utf8_from_utf16(ByteView bytes, bool big_endian) {
    std::string text;
    const auto unit = [&](std::size_t at) -> std::uint32_t {
        return big_endian ? static_cast<std::uint32_t>(bytes[at]) << 8 | bytes[at + 1]
                          : static_cast<std::uint32_t>(bytes[at + 1]) << 8 | bytes[at];
    };
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        std::uint32_t c = unit(at);
        if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size()) {
            const std::uint32_t low = unit(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        append_utf8(text, c);
    }
    return text;
}

}  // namespace imprint::image
