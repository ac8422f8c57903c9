// Detects the chip and reads its eFuse.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/mac.h"
#include "loader/board.h"
#include "loader/chip.h"
#include "loader/connection.h"
#include "loader/protocol.h"

namespace imprint::loader {

struct DetectedChip {
    const Chip* chip = nullptr;
    std::optional<SecurityInfo> security;  // if the chip reports it

    [[nodiscard]] bool secure_download() const {
        return security && (security->flags & SecurityInfo::secure_download) != 0;
    }
};

// chip_secured: in that mode neither MAC nor flash can be read.
[[nodiscard]] Error secure_download_error(const Connection& link, const Chip& chip);

// Errors: chip_unknown, and the connection's.
[[nodiscard]] Result<DetectedChip> detect_chip(Connection& link);

// Read until it is confirmed: by its CRC if eFuse has one, else by reading the same value twice.
// Error: mac_damaged.
[[nodiscard]] Result<MacAddress> read_mac(Connection& link, const Chip& chip);

// major × 100 + minor
[[nodiscard]] Result<std::uint16_t> read_revision(Connection& link, const Chip& chip);

// MHz; 0 if unknown: a stub has changed the clocks.
[[nodiscard]] Result<std::uint32_t> read_crystal(Connection& link, const Chip& chip);

[[nodiscard]] Result<SecurityState> read_security(Connection& link, const DetectedChip& detected,
                                                  std::uint16_t revision);

// The CRC-8 in the ESP32's eFuse: polynomial 0x8C (0x31 reflected), start 0.
[[nodiscard]] std::uint8_t mac_crc(const MacAddress& mac);

// The rate to request from the ROM so that it runs at `baud`: some ROMs assume a wrong clock.
[[nodiscard]] Result<std::uint32_t> rom_baud(Connection& link, const Chip& chip,
                                             std::uint32_t crystal_mhz, std::uint32_t baud);

}  // namespace imprint::loader
