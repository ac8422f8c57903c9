#include "loader/bootloader_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <span>
#include <string_view>

#include "base/digest.h"
#include "image/app_image.h"

namespace imprint::loader {

namespace {

constexpr std::size_t mode_at = 2;
constexpr std::size_t size_and_frequency_at = 3;
constexpr std::size_t hash_size = 32;
// In the order of their codes.
constexpr std::array<std::string_view, 4> modes{"qio", "qout", "dio", "dout"};
constexpr std::uint32_t smallest = 1U << 20;
constexpr std::uint32_t largest = 128U << 20;

// ESP-IDF components/bootloader_support/include/esp_secure_boot.h: a signature of secure boot v2
// begins at the next sector, with E7.
constexpr std::size_t signature_alignment = 0x1000;
constexpr std::uint8_t signature_magic = 0xE7;

std::unexpected<Error> no_such(std::string message, std::string hint) {
    return fail(ErrorKind::config, "flash_parameters", std::move(message), std::move(hint));
}

Result<std::uint8_t> mode_code(std::string_view mode) {
    const auto* found = std::ranges::find(modes, mode);
    if (found == modes.end())
        return no_such(fmt::format("\"{}\" is no flash mode", mode), "qio, qout, dio or dout");
    return static_cast<std::uint8_t>(found - modes.begin());
}

Result<std::uint8_t> frequency_code(const Chip& chip, std::string_view frequency) {
    const auto code = flash_frequency_code(chip, frequency);
    if (code) return *code;
    std::string known;
    for (const FlashFrequency& one : chip.flash_frequencies)
        known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
    return no_such(fmt::format("the {} has no flash frequency \"{}\"", chip.name, frequency),
                   "it has " + known);
}

Result<std::uint8_t> size_code(std::uint32_t size) {
    if (!std::has_single_bit(size) || size < smallest || size > largest)
        return no_such(fmt::format("{:#x} bytes are no size of flash", size),
                       "1, 2, 4, 8, 16, 32, 64 or 128 MB");
    return static_cast<std::uint8_t>(std::countr_zero(size) - std::countr_zero(smallest));
}

Result<image::AppImage> bootloader_image(const Chip& chip, std::uint32_t offset, ByteView file) {
    const std::uint32_t place = chip.bootloader_offset;
    if (place < offset || (place != offset && place - offset >= file.size()))
        return fail(ErrorKind::config, "not_a_bootloader",
                    fmt::format("the {} looks for flash parameters at {:#x}, not at {:#x}",
                                chip.name, place, offset));
    const ByteView bytes = file.subspan(place - offset);
    IMPRINT_TRY(auto parsed, image::parse_app_image(bytes));
    if (parsed.chip_id != chip.id) {
        const Chip* other = chip_by_id(parsed.chip_id);
        return fail(ErrorKind::config, "not_a_bootloader",
                    fmt::format("the bootloader is made for {}, and the board is an {}",
                                other != nullptr ? std::string(other->name)
                                                 : fmt::format("chip id {}", parsed.chip_id),
                                chip.name),
                    "build the firmware for this chip");
    }
    const std::size_t signature = round_up(parsed.image_size, signature_alignment);
    if (signature < bytes.size() && bytes[signature] == signature_magic)
        return fail(ErrorKind::config, "bootloader_signed",
                    "the bootloader is signed: with other flash parameters its signature would not "
                    "fit any more",
                    "set them in the build, before it is signed");
    return parsed;
}

}  // namespace

Result<Bytes> with_flash_parameters(const Chip& chip, std::uint32_t offset, ByteView file,
                                    const FlashParameters& wanted) {
    IMPRINT_TRY(const image::AppImage parsed, bootloader_image(chip, offset, file));
    std::uint8_t mode = parsed.flash_mode;
    std::uint8_t frequency = parsed.flash_frequency_code;
    std::uint8_t size = parsed.flash_size_code;
    if (wanted.mode) {
        IMPRINT_TRY(mode, mode_code(*wanted.mode));
    }
    if (wanted.frequency) {
        IMPRINT_TRY(frequency, frequency_code(chip, *wanted.frequency));
    }
    if (wanted.size) {
        IMPRINT_TRY(size, size_code(*wanted.size));
    }
    Bytes changed(file.begin(), file.end());
    const std::span image = std::span(changed).subspan(chip.bootloader_offset - offset);
    image[mode_at] = mode;
    image[size_and_frequency_at] = static_cast<std::uint8_t>(size << 4 | frequency);
    if (parsed.hash_appended) {
        const std::size_t hashed = parsed.image_size - hash_size;
        std::ranges::copy(sha256(image.first(hashed)),
                          image.begin() + static_cast<std::ptrdiff_t>(hashed));
    }
    return changed;
}

}  // namespace imprint::loader
