#include "loader/jedec.h"

namespace imprint::loader {

// The capacity code is the exponent of two for nearly all makers; some 1.8 V parts (GigaDevice
// LE/LQ, Puya, Winbond DW) count from 0x32 = 256 KB instead, and Adesto's codes differ
// (espressif/esptool, esptool/cmds.py, DETECTED_FLASH_SIZES).
std::uint32_t flash_size_of(std::uint32_t id) {
    const std::uint32_t code = id >> 16 & 0xFF;
    const std::uint32_t manufacturer = id & 0xFF;
    if (id == 0 || (id & 0xFFFFFF) == 0xFFFFFF) return 0;
    if (manufacturer == 0x1F) {  // Adesto: the density is in the low five bits of the type
        const std::uint32_t density = id >> 8 & 0x1F;
        return density >= 3 && density <= 9 ? 1U << (density + 15) : 0;
    }
    if (code >= 0x12 && code <= 0x1C) return 1U << code;           // 256 KB to 256 MB
    if (code >= 0x20 && code <= 0x22) return 1U << (code + 6);     // 64 MB to 256 MB
    if (code >= 0x32 && code <= 0x3A) return 1U << (code - 0x20);  // 256 KB to 64 MB
    return 0;
}

}  // namespace imprint::loader
