// From reset to the application: what the ROM and ESP-IDF's second-stage bootloader check, and what
// they print about it.
// Source: ESP-IDF components/bootloader_support/src/bootloader_init.c, bootloader_utility.c,
// esp_image_format.c and flash_partitions.c; the ROM's lines as documented in esptool
// docs/en/advanced-topics/boot-mode-selection.rst.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "image/app_image.h"
#include "image/partition_table.h"
#include "simulator/chip_model.h"

namespace imprint::simulator {

// Where the table is that the bootloader uses (image/placed_table.h); the usual place if none is
// sound.
[[nodiscard]] std::uint32_t table_place(ByteView flash);

enum class ResetCause { power_on, software, watchdog, usb };

// "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)" and the lines before it.
[[nodiscard]] std::string rom_banner(const ChipModel& chip, std::uint16_t revision,
                                     ResetCause cause, bool download);

struct Started {
    image::PartitionTable table;
    image::AppImage app;
    std::uint32_t app_offset = 0;  // in flash
};

struct BootReport {
    std::string console;             // all printed output
    std::optional<Started> started;  // empty: the watchdog will reset the chip, again and again
};

// flash: as the CPU sees it. secure_boot: a bootloader without a signature block does not run (the
// signing key is not checked).
[[nodiscard]] BootReport boot(const ChipModel& chip, ByteView flash, std::uint16_t revision,
                              bool secure_boot = false);

}  // namespace imprint::simulator
