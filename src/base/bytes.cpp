#include "base/bytes.h"

#include <array>

namespace imprint {

ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint16_t get_u16(ByteView bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] | (bytes[at + 1] << 8));
}

std::uint32_t get_u32(ByteView bytes, std::size_t at) {
    return static_cast<std::uint32_t>(get_u16(bytes, at)) |
           (static_cast<std::uint32_t>(get_u16(bytes, at + 2)) << 16);
}

void put_u16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
    bytes[at] = static_cast<std::uint8_t>(value);
    bytes[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

void put_u32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
    put_u16(bytes, at, static_cast<std::uint16_t>(value));
    put_u16(bytes, at + 2, static_cast<std::uint16_t>(value >> 16));
}

void append_u16(Bytes& bytes, std::uint16_t value) {
    bytes.resize(bytes.size() + 2);
    put_u16(bytes, bytes.size() - 2, value);
}

void append_u32(Bytes& bytes, std::uint32_t value) {
    bytes.resize(bytes.size() + 4);
    put_u32(bytes, bytes.size() - 4, value);
}

void append(Bytes& bytes, ByteView more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::string to_base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        std::uint32_t word = static_cast<std::uint32_t>(bytes[i]) << 16;
        if (left > 1) word |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
        if (left > 2) word |= bytes[i + 2];
        text += base64_digits[word >> 18 & 63];
        text += base64_digits[word >> 12 & 63];
        text += left > 1 ? base64_digits[word >> 6 & 63] : '=';
        text += left > 2 ? base64_digits[word & 63] : '=';
    }
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t word = 0;
        std::size_t padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const char c = text[i + k];
            std::size_t digit = base64_digits.find(c);
            if (c == '=' && i + 4 == text.size() && k >= 2) {
                ++padding;
                digit = 0;
            } else if (digit == std::string_view::npos || padding > 0) {
                return std::nullopt;
            }
            word = word << 6 | static_cast<std::uint32_t>(digit);
        }
        bytes.push_back(static_cast<std::uint8_t>(word >> 16));
        if (padding < 2) bytes.push_back(static_cast<std::uint8_t>(word >> 8));
        if (padding < 1) bytes.push_back(static_cast<std::uint8_t>(word));
    }
    return bytes;
}

}  // namespace imprint
