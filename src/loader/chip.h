// Chips as data: adding one is adding a row to the table in chip.cpp, and a test vector.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace imprint::loader {

struct Chip {
    std::string_view name;                  // "ESP32"
    std::string_view key;                   // "esp32": stub file name, flasher_args.json's chip
    std::uint16_t id = 0;                   // esp_chip_id_t, as in app images and security info
    std::span<const std::uint32_t> magics;  // at 0x40001000
    std::uint32_t mac_register = 0;         // first of two eFuse words
    std::uint32_t bootloader_offset = 0;
    // The implementer adds what the loader needs: SPI register base and offsets, ROM quirks, …
};

[[nodiscard]] std::span<const Chip> chips();
[[nodiscard]] const Chip* chip_by_id(std::uint16_t id);
[[nodiscard]] const Chip* chip_by_key(std::string_view key);

}  // namespace imprint::loader
