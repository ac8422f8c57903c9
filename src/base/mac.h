// A board's base MAC address: the board's id everywhere in Imprint.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint {

struct MacAddress {
    std::array<std::uint8_t, 6> octets{};  // as printed, first octet first

    // 12 lower-case hex digits: the board's id, thing name and MQTT client id.
    [[nodiscard]] std::string id() const;
    // Pairs of digits, separated by colons.
    [[nodiscard]] std::string colons() const;
    // False for an address that no single board has: all zeros or all ones (a blank eFuse, or a
    // line that answers nothing), or a multicast address (IEEE 802: the lowest bit of the first
    // octet).
    [[nodiscard]] bool is_of_one_board() const;
    auto operator<=>(const MacAddress&) const = default;
};

// Takes 12 hex digits in any case, plain or with ':' or '-' between the octets.
[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);
// The same for what a person typed. Error: bad_mac (usage).
[[nodiscard]] Result<MacAddress> read_mac(std::string_view text);

}  // namespace imprint
