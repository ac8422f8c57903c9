// The size of a flash chip, from what it says of itself.
// Source: esptool esptool/cmds.py, DETECTED_FLASH_SIZES and DETECTED_FLASH_SIZES_ADESTO.
#pragma once

#include <cstdint>

namespace imprint::loader {

// id: RDID's answer, first byte lowest (manufacturer, type, capacity). Bytes; 0: not understood.
[[nodiscard]] std::uint32_t flash_size_of(std::uint32_t id);

// No chip answers with this: the pins are open, or tied.
[[nodiscard]] bool is_no_flash_id(std::uint32_t id);

}  // namespace imprint::loader
