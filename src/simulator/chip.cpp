#include "simulator/chip.h"

#include <algorithm>

namespace imprint::simulator {

Bytes Chip::security_info() const {
    constexpr std::uint32_t secure_boot_flag = 1U << 0;
    constexpr std::uint32_t secure_download_flag = 1U << 2;
    constexpr std::size_t crypt_count_at = 4;
    constexpr std::ptrdiff_t purposes_at = 5;
    constexpr std::size_t chip_id_at = 12;
    Bytes info(model.security_info_size);
    if (info.empty()) return info;
    put_u32(info, 0,
            (fuses.secure_boot ? secure_boot_flag : 0) |
                (fuses.secure_download ? secure_download_flag : 0));
    info[crypt_count_at] = crypt_count(fuses);
    std::ranges::copy(key_purposes(fuses), info.begin() + purposes_at);
    info[purposes_at + 6] = model.seventh_purpose;
    if (info.size() >= chip_id_at + 4) put_u32(info, chip_id_at, model.id);
    return info;
}

}  // namespace imprint::simulator
