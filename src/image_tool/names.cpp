#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "image_tool/recognise.h"

namespace imprint::image_tool {

namespace {

constexpr std::string_view not_said;

// By the code in an image's header; empty: the chip has no such code.
struct Frequencies {
    std::string_view code_0;
    std::string_view code_1;
    std::string_view code_2;
    std::string_view code_f;
};

// esptool's FLASH_FREQUENCY of each chip.
constexpr Frequencies most{"40m", "26m", "20m", "80m"};
constexpr Frequencies without_26{"40m", not_said, "20m", "80m"};
constexpr Frequencies of_48{"24m", "16m", "12m", "48m"};

struct Chip {
    std::uint16_t id;
    std::string_view name;
    std::uint32_t bootloader;
    Frequencies frequencies;
};

// esp_chip_id_t in ESP-IDF's esp_app_format.h; BOOTLOADER_FLASH_OFFSET in esptool's targets. The
// numbers of chips that were never sold (beta) are esptool's up to its version 4.
constexpr std::array<Chip, 20> chips{{{0x00, "ESP32", 0x1000, most},
                                      {0x02, "ESP32-S2", 0x1000, most},
                                      {0x04, "ESP32-S3 (beta 2)", 0, most},
                                      {0x05, "ESP32-C3", 0, most},
                                      {0x06, "ESP32-S3 (beta 3)", 0, most},
                                      {0x07, "ESP32-C6 (beta)", 0, most},
                                      {0x09, "ESP32-S3", 0, most},
                                      {0x0A, "ESP32-H2 (beta 1)", 0, of_48},
                                      {0x0C, "ESP32-C2", 0, {"30m", "20m", "15m", "60m"}},
                                      // Its ROM divides wrongly, so that 0 stands for 80 MHz too.
                                      {0x0D, "ESP32-C6", 0, {"80m", not_said, "20m", not_said}},
                                      {0x0E, "ESP32-H2 (beta 2)", 0, of_48},
                                      {0x10, "ESP32-H2", 0, of_48},
                                      {0x11, "ESP32-C5 (beta 3)", 0, without_26},
                                      {0x12, "ESP32-P4", 0x2000, most},
                                      {0x14, "ESP32-C61", 0, without_26},
                                      {0x17, "ESP32-C5", 0x2000, without_26},
                                      {0x19, "ESP32-H21", 0, of_48},
                                      {0x1C, "ESP32-H4", 0x2000, of_48},
                                      {0x1F, "ESP32-E22", 0, most},
                                      {0x20, "ESP32-S31", 0x2000, without_26}}};

const Chip* chip_of(std::uint16_t id) {
    const auto* found = std::ranges::find(chips, id, &Chip::id);
    return found == chips.end() ? nullptr : found;
}

}  // namespace

std::string chip_name(std::uint16_t chip_id) {
    const Chip* chip = chip_of(chip_id);
    return chip == nullptr ? fmt::format("chip {}", chip_id) : std::string(chip->name);
}

std::uint32_t bootloader_offset(std::uint16_t chip_id) {
    const Chip* chip = chip_of(chip_id);
    return chip == nullptr ? 0 : chip->bootloader;
}

std::string flash_mode_name(std::uint8_t mode) {
    static constexpr std::array<std::string_view, 6> names{"qio",  "qout",      "dio",
                                                           "dout", "fast read", "slow read"};
    return mode < names.size() ? std::string(names[mode]) : fmt::format("mode {}", mode);
}

std::string flash_frequency_name(std::uint16_t chip_id, std::uint8_t code) {
    const Chip* chip = chip_of(chip_id);
    const Frequencies& known = chip == nullptr ? most : chip->frequencies;
    const std::string_view name = code == 0     ? known.code_0
                                  : code == 1   ? known.code_1
                                  : code == 2   ? known.code_2
                                  : code == 0xF ? known.code_f
                                                : not_said;
    return name.empty() ? fmt::format("code {}", code) : std::string(name);
}

std::string flash_size_name(std::uint8_t code) {
    return code <= 7 ? fmt::format("{} MB", 1U << code) : fmt::format("size code {}", code);
}

std::string_view image_kind(const image::AppImage& image) {
    if (image.description) return "app";
    return image.bootloader ? "bootloader" : "app or bootloader";
}

}  // namespace imprint::image_tool
