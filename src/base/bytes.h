// Raw bytes, and the little-endian words that every ESP32 format is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imprint {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

[[nodiscard]] ByteView as_bytes(std::string_view text);
[[nodiscard]] std::string_view as_text(ByteView bytes);

// The caller checks the size first: reading past the end is a bug.
[[nodiscard]] std::uint16_t get_u16(ByteView bytes, std::size_t at);
[[nodiscard]] std::uint32_t get_u32(ByteView bytes, std::size_t at);
void put_u16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value);
void put_u32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value);
void append_u16(Bytes& bytes, std::uint16_t value);
void append_u32(Bytes& bytes, std::uint32_t value);
void append(Bytes& bytes, ByteView more);

[[nodiscard]] std::string to_hex(ByteView bytes);  // lower case, no separators
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);
[[nodiscard]] std::string to_base64(ByteView bytes);
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

}  // namespace imprint
