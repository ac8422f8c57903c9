#include "loader/identify.h"

#include <bit>
#include <fmt/format.h>

namespace imprint::loader {

namespace {

constexpr Milliseconds patience{3000};

Result<void> write_register(Link& link, std::uint32_t address, std::uint32_t value) {
    IMPRINT_CHECK(link.ask(Op::write_reg, words({address, value, 0xFFFFFFFF, 0}), patience));
    return {};
}

// ESP32 Technical Reference Manual, "eFuse Controller": block 0 from 3FF5A000 on, one word apart.
constexpr std::uint32_t esp32_efuse = 0x3FF5A000;
constexpr std::uint32_t esp32_apb_ctl_date = 0x3FF6607C;

// ESP-IDF, hal/esp32/efuse_hal.c: the major revision is spread over three bits in three places.
Result<std::uint16_t> esp32_revision(Link& link) {
    IMPRINT_TRY(const std::uint32_t word3, read_register(link, esp32_efuse + 12));
    IMPRINT_TRY(const std::uint32_t word5, read_register(link, esp32_efuse + 20));
    IMPRINT_TRY(const std::uint32_t date, read_register(link, esp32_apb_ctl_date));
    const std::uint32_t combined = (date >> 31) << 2 | (word5 >> 20 & 1) << 1 | (word3 >> 15 & 1);
    const std::uint32_t major = combined == 7 ? 3 : combined == 3 ? 2 : combined == 1 ? 1 : 0;
    return static_cast<std::uint16_t>(major * 100 + (word5 >> 24 & 3));
}

// ESP32 TRM, eFuse block 0: FLASH_CRYPT_CNT (7 bits, odd number of ones: on), DISABLE_DL_ENCRYPT,
// ABS_DONE_0 (secure boot v1), ABS_DONE_1 (v2).
Result<SecurityState> esp32_security(Link& link) {
    IMPRINT_TRY(const std::uint32_t word0, read_register(link, esp32_efuse));
    IMPRINT_TRY(const std::uint32_t word6, read_register(link, esp32_efuse + 24));
    SecurityState state;
    state.known = true;
    state.flash_encryption = std::popcount(word0 >> 20 & 0x7F) % 2 == 1;
    state.flash_encryption_release = state.flash_encryption && (word6 >> 7 & 1) != 0;
    state.secure_boot = (word6 >> 4 & 3) != 0;
    return state;
}

// serial-protocol.rst, GET_SECURITY_INFO: flags u32, flash_crypt_cnt u8, key purposes 7 × u8, and
// on all but the ESP32-S2 chip id u32 and eco version u32.
struct SecurityInfo {
    SecurityState state;
    std::optional<std::uint16_t> chip_id;
};

std::optional<SecurityInfo> parse_security_info(const Reply& reply) {
    constexpr std::size_t without_chip = 12;
    constexpr std::size_t with_chip = 20;
    if (reply.data.size() < without_chip + 2) return std::nullopt;
    const std::uint32_t flags = get_u32(reply.data, 0);
    SecurityInfo info;
    info.state.known = true;
    info.state.secure_boot = (flags & 1) != 0;
    info.state.secure_download_mode = (flags >> 2 & 1) != 0;
    info.state.flash_encryption = std::popcount(static_cast<unsigned>(reply.data[4])) % 2 == 1;
    if (reply.data.size() >= with_chip + 2)
        info.chip_id = static_cast<std::uint16_t>(get_u32(reply.data, 12));
    return info;
}

Result<std::optional<SecurityInfo>> ask_security_info(Link& link) {
    auto answer = link.exchange(Op::get_security_info, {}, Milliseconds(500), 12);
    if (!answer) {
        if (answer.error().code == "board_lost") return std::optional<SecurityInfo>{};
        return std::unexpected(std::move(answer).error());
    }
    if (answer->reply.data.size() < 12) {
        // An unknown command is refused more than once by some ROMs.
        IMPRINT_CHECK(link.drain(Milliseconds(200)));
        return std::optional<SecurityInfo>{};
    }
    return parse_security_info(answer->reply);
}

std::uint32_t crystal_of(std::uint32_t divider, const Chip& chip) {
    if (divider == 0) return chip.crystal_mhz;
    // The ROM set the divider for 115,200 baud: divider × baud is the clock that it counted.
    return static_cast<std::uint64_t>(divider & 0xFFFFF) * 115'200 > 33'000'000 ? 40 : 26;
}

}  // namespace

Result<std::uint32_t> read_register(Link& link, std::uint32_t address) {
    IMPRINT_TRY(const Reply reply, link.ask(Op::read_reg, words({address}), patience));
    return reply.value;
}

Result<const Chip*> detect_chip(Link& link) {
    auto magic = read_register(link, magic_register);
    if (!magic && magic.error().code != "command_refused")
        return std::unexpected(std::move(magic).error());
    if (magic) {
        if (const Chip* chip = chip_by_magic(*magic)) return chip;
    }
    IMPRINT_TRY(const auto info, ask_security_info(link));
    if (info && info->chip_id) {
        if (const Chip* chip = chip_by_id(*info->chip_id)) return chip;
        return fail(ErrorKind::board, "chip_unknown",
                    fmt::format("the board is of a chip that Imprint does not know (id {})",
                                *info->chip_id));
    }
    if (!magic)
        return fail(ErrorKind::board, "chip_secured",
                    "the board is in secure download mode and does not say which chip it is",
                    "use a board without that eFuse");
    return fail(
        ErrorKind::board, "chip_unknown",
        fmt::format("the board is of a chip that Imprint does not know (magic {:#010x})", *magic));
}

Result<MacAddress> read_base_mac(Link& link, const Chip& chip) {
    IMPRINT_TRY(const std::uint32_t low, read_register(link, chip.mac_register));
    IMPRINT_TRY(const std::uint32_t high, read_register(link, chip.mac_register + 4));
    MacAddress mac;
    mac.octets = {static_cast<std::uint8_t>(high >> 8), static_cast<std::uint8_t>(high),
                  static_cast<std::uint8_t>(low >> 24), static_cast<std::uint8_t>(low >> 16),
                  static_cast<std::uint8_t>(low >> 8),  static_cast<std::uint8_t>(low)};
    return mac;
}

Result<BoardInfo> identify(Link& link, const Chip& chip) {
    BoardInfo info;
    info.chip = &chip;
    IMPRINT_TRY(info.mac, read_base_mac(link, chip));
    std::uint32_t divider = 0;
    if (chip.uart_divider_register != 0) {
        IMPRINT_TRY(divider, read_register(link, chip.uart_divider_register));
    }
    info.crystal_mhz = crystal_of(divider, chip);
    if (chip.id == 0) {
        IMPRINT_TRY(info.revision, esp32_revision(link));
        IMPRINT_TRY(info.security, esp32_security(link));
    } else if (chip.has_security_info) {
        IMPRINT_TRY(const auto security, ask_security_info(link));
        if (security) info.security = security->state;
    }
    return info;
}

Result<std::uint32_t> read_flash_id(Link& link, const Chip& chip) {
    // TRM, "SPI Controller": a user command of 8 bits out and 24 bits in.
    constexpr std::uint32_t start = 1U << 18;         // SPI_CMD_REG, SPI_USR
    constexpr std::uint32_t use_command = 1U << 31;   // SPI_USER_REG
    constexpr std::uint32_t use_miso = 1U << 28;      // SPI_USER_REG
    constexpr std::uint32_t command_bits = 7U << 28;  // SPI_USER2_REG, bits less one
    constexpr std::uint32_t read_id = 0x9F;
    constexpr int most_polls = 10;
    const SpiRegisters& spi = chip.spi;
    IMPRINT_TRY(const std::uint32_t user, read_register(link, spi.base + spi.user));
    IMPRINT_TRY(const std::uint32_t user2, read_register(link, spi.base + spi.user2));
    IMPRINT_CHECK(write_register(link, spi.base + spi.miso_length, 24 - 1));
    IMPRINT_CHECK(write_register(link, spi.base + spi.user, use_command | use_miso));
    IMPRINT_CHECK(write_register(link, spi.base + spi.user2, command_bits | read_id));
    IMPRINT_CHECK(write_register(link, spi.base + spi.data, 0));
    IMPRINT_CHECK(write_register(link, spi.base, start));
    for (int poll = 0;; ++poll) {
        IMPRINT_TRY(const std::uint32_t command, read_register(link, spi.base));
        if ((command & start) == 0) break;
        if (poll == most_polls)
            return fail(ErrorKind::board, "flash_silent",
                        "the board's SPI controller does not finish reading the flash id");
    }
    IMPRINT_TRY(const std::uint32_t id, read_register(link, spi.base + spi.data));
    IMPRINT_CHECK(write_register(link, spi.base + spi.user, user));
    IMPRINT_CHECK(write_register(link, spi.base + spi.user2, user2));
    return id & 0xFFFFFF;
}

}  // namespace imprint::loader
