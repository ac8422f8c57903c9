// The size of a flash chip, from its id.
// Source: esptool esptool/cmds.py, DETECTED_FLASH_SIZES and DETECTED_FLASH_SIZES_ADESTO.
#pragma once

#include <cstdint>

namespace imprint::loader {

// id: RDID's answer, first byte lowest (manufacturer, type, capacity). In bytes; 0: unknown id.
[[nodiscard]] std::uint32_t flash_size_of(std::uint32_t id);

// Whether no chip can have this id: the pins are open, or tied.
[[nodiscard]] bool is_no_flash_id(std::uint32_t id);

}  // namespace imprint::loader
