#include "loader/flash_probe.h"

namespace imprint::loader {

namespace {

// A few pages: enough to be unlike anything else, and hashed in no time.
constexpr std::uint32_t sample = 0x400;
constexpr std::uint32_t smallest_flash = 256U << 10;  // smaller than any in use

}  // namespace

Result<std::optional<std::uint32_t>> find_flash_size(std::uint32_t told,
                                                     std::span<const std::uint32_t> landmarks,
                                                     const Md5Oracle& in_flash) {
    static const Md5 blank = imprint::md5(Bytes(sample, 0xFF));
    for (const std::uint32_t at : landmarks) {
        IMPRINT_TRY(const Md5 here, in_flash(at, sample));
        if (here == blank) continue;
        std::uint32_t size = told;
        while (size > smallest_flash) {
            IMPRINT_TRY(const Md5 there, in_flash(at + size / 2, sample));
            if (there != here) break;
            size /= 2;
        }
        if (size == told) return told;
        // A pattern that goes on and on, as a test of the chip may leave it, tells nothing.
        if (size == smallest_flash) continue;
        IMPRINT_TRY(const Md5 first, in_flash(0, size));
        IMPRINT_TRY(const Md5 second, in_flash(size, size));
        return first == second ? size : told;
    }
    return std::nullopt;
}

}  // namespace imprint::loader
