#include "local_registry/random.h"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <sys/random.h>

#include "base/bytes.h"

namespace imprint::local_registry {

namespace {

// Requests of up to 256 bytes are answered whole (getrandom(2)); a kernel without it is no place
// to make keys.
void fill(std::span<std::uint8_t> bytes) {
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        std::abort();
}

}  // namespace

Secret random_text(std::string_view letters, std::size_t length) {
    Bytes text;
    text.reserve(length);
    // Bytes past the last whole multiple of the alphabet would favour its first letters.
    constexpr std::size_t values = 256;
    const std::size_t fair = values - values % letters.size();
    std::array<std::uint8_t, 64> pool{};
    while (text.size() < length) {
        fill(pool);
        for (const std::uint8_t byte : pool)
            if (byte < fair && text.size() < length)
                text.push_back(static_cast<std::uint8_t>(letters[byte % letters.size()]));
    }
    wipe(pool);
    return Secret(std::move(text));
}

std::string random_uuid() {
    std::array<std::uint8_t, 16> bytes{};
    fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    const std::string hex = to_hex(bytes);
    const std::string_view text = hex;
    return fmt::format("{}-{}-{}-{}-{}", text.substr(0, 8), text.substr(8, 4), text.substr(12, 4),
                       text.substr(16, 4), text.substr(20));
}

}  // namespace imprint::local_registry
