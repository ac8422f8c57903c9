#include "loader/identify.h"

#include <bit>
#include <fmt/format.h>
#include <span>

#include "loader/timing.h"

namespace imprint::loader {

namespace {

// ESP32's eFuse block 0. Source: ESP-IDF components/efuse/esp32/esp_efuse_table.csv.
namespace esp32 {

constexpr std::uint32_t efuse = 0x3FF5A000;

constexpr std::uint32_t word(unsigned number) {
    return efuse + 4 * number;
}

constexpr RegisterField write_disable_crypt_count{word(0), 2, 1};
constexpr RegisterField flash_crypt_count{word(0), 20, 7};
constexpr RegisterField revision_1{word(3), 15, 1};
constexpr RegisterField clk8m_frequency{word(4), 0, 8};
constexpr RegisterField revision_2{word(5), 20, 1};
constexpr RegisterField secure_boot_v1{word(6), 4, 1};
constexpr RegisterField secure_boot_v2{word(6), 5, 1};
constexpr RegisterField download_disable{word(6), 7, 3};  // encryption, decryption, cache
constexpr RegisterField encrypt_disable{word(6), 7, 1};

// esptool esptool/targets/esp32.py: APB_CTL_DATE, and TIMERS_RTC_CALI_VALUE.
constexpr RegisterField revision_3{0x3FF6607C, 31, 1};
constexpr RegisterField rtc_calibration{0x3FF5F06C, 7, 25};

}  // namespace esp32

constexpr int readings = 3;

Result<std::uint32_t> read_field(Connection& link, const RegisterField& field) {
    if (field.bits == 0) return 0;
    IMPRINT_TRY(const std::uint32_t word, link.read_register(field.address));
    return field.of(word);
}

Result<std::uint32_t> read_split(Connection& link, const SplitField& field) {
    IMPRINT_TRY(const std::uint32_t low, read_field(link, field.low));
    IMPRINT_TRY(const std::uint32_t high, read_field(link, field.high));
    return high << field.low.bits | low;
}

// Three marks, of which each revision added one: esp32.py, get_major_chip_version.
Result<std::uint32_t> esp32_major(Connection& link) {
    IMPRINT_TRY(const std::uint32_t first, read_field(link, esp32::revision_1));
    IMPRINT_TRY(const std::uint32_t second, read_field(link, esp32::revision_2));
    IMPRINT_TRY(const std::uint32_t third, read_field(link, esp32::revision_3));
    switch (third << 2 | second << 1 | first) {
        case 1:
            return 1;
        case 3:
            return 2;
        case 7:
            return 3;
        default:
            return 0;
    }
}

// ESP-IDF components/bootloader_support/src/flash_encrypt.c, esp_get_flash_encryption_mode;
// esptool esp32.py, get_secure_boot_enabled.
Result<SecurityState> esp32_security(Connection& link, std::uint16_t revision) {
    IMPRINT_TRY(const std::uint32_t word0, link.read_register(esp32::word(0)));
    IMPRINT_TRY(const std::uint32_t word6, link.read_register(esp32::word(6)));
    const std::uint32_t count = esp32::flash_crypt_count.of(word0);
    const bool count_is_final = esp32::write_disable_crypt_count.of(word0) != 0 || count == 0x7F;
    SecurityState state;
    state.known = true;
    state.secure_boot = esp32::secure_boot_v1.of(word6) != 0 ||
                        (revision >= 300 && esp32::secure_boot_v2.of(word6) != 0);
    state.flash_encryption = std::popcount(count) % 2 == 1;
    state.flash_encryption_release =
        state.flash_encryption && count_is_final && esp32::download_disable.of(word6) == 7;
    state.encrypted_writes_disabled = esp32::encrypt_disable.of(word6) != 0;
    return state;
}

SecurityState security_of(const SecurityInfo& info, const Chip& chip) {
    SecurityState state;
    state.known = true;
    state.secure_boot = (info.flags & SecurityInfo::secure_boot) != 0;
    state.flash_encryption = std::popcount(info.flash_crypt_count) % 2 == 1;
    state.secure_download_mode = (info.flags & SecurityInfo::secure_download) != 0;
    const auto blocks = std::span(info.key_purposes).first(chip.key_blocks);
    state.key_purposes.assign(blocks.begin(), blocks.end());
    return state;
}

Result<std::optional<SecurityInfo>> ask_security_info(Connection& link) {
    IMPRINT_TRY(const Reply reply,
                link.ask(request(Op::get_security_info), timing::usual, security_info_size));
    if (reply.error != 0) return std::nullopt;
    return parse_security_info(reply.data);
}

}  // namespace

Result<DetectedChip> detect_chip(Connection& link) {
    DetectedChip detected;
    // The two chips that tell no id have a mark of their own in ROM. It comes first because the
    // ESP32 repeats its refusal of GET_SECURITY_INFO, which takes a fifth of a second to pass.
    IMPRINT_TRY(const Reply magic,
                link.ask(request(Op::read_reg, {chip_magic_register}), timing::usual));
    const Chip* marked = magic.error == 0 ? chip_by_magic(magic.value) : nullptr;
    if (marked != nullptr && !marked->tells_security) {
        detected.chip = marked;
        return detected;
    }

    IMPRINT_TRY(detected.security, ask_security_info(link));
    if (detected.security && detected.security->chip_id && *detected.security->chip_id <= 0xFFFF)
        detected.chip = chip_by_id(static_cast<std::uint16_t>(*detected.security->chip_id));
    if (detected.chip == nullptr) detected.chip = marked;
    // Refuses READ_REG and tells no id: the one chip of which both can be (serial-protocol.rst,
    // "Chip Detection").
    if (detected.chip == nullptr && detected.security && !detected.security->chip_id &&
        magic.error != 0)
        detected.chip = chip_by_key("esp32s2");
    // esptool esptool/targets/esp8266.py, MAGIC_VALUE.
    constexpr std::uint32_t esp8266_magic = 0xFFF0C101;
    if (detected.chip == nullptr && magic.value == esp8266_magic)
        return fail(ErrorKind::board, "chip_unknown",
                    fmt::format("the chip on {} is an ESP8266", link.port().name()),
                    "Imprint knows the ESP32 and the chips after it");
    if (detected.chip == nullptr)
        return fail(ErrorKind::board, "chip_unknown",
                    fmt::format("the chip on {} is not known: its mark is {:#010x}",
                                link.port().name(), magic.value),
                    "this version of Imprint may be older than the chip");
    return detected;
}

Error secure_download_error(const Connection& link, const Chip& chip) {
    return make_error(
        ErrorKind::board, "chip_secured",
        fmt::format("the {} on {} is in secure download mode: it neither tells its MAC nor "
                    "proves what is in its flash",
                    chip.name, link.port().name()),
        "that cannot be undone; use another board");
}

std::uint8_t mac_crc(const MacAddress& mac) {
    std::uint8_t crc = 0;
    for (const std::uint8_t octet : mac.octets) {
        crc ^= octet;
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<std::uint8_t>((crc >> 1) ^ ((crc & 1) != 0 ? 0x8C : 0));
    }
    return crc;
}

Result<MacAddress> read_mac(Connection& link, const Chip& chip) {
    std::optional<MacAddress> before;
    MacAddress mac;
    for (int reading = 0; reading < readings; ++reading) {
        IMPRINT_TRY(const std::uint32_t low, link.read_register(chip.mac_register));
        IMPRINT_TRY(const std::uint32_t high, link.read_register(chip.mac_register + 4));
        for (unsigned i = 0; i < 2; ++i)
            mac.octets[i] = static_cast<std::uint8_t>(high >> (8 * (1 - i)));
        for (unsigned i = 0; i < 4; ++i)
            mac.octets[2 + i] = static_cast<std::uint8_t>(low >> (8 * (3 - i)));
        // The protocol guards no reply against a flipped bit.
        const bool proven = chip.mac_has_crc ? mac_crc(mac) == static_cast<std::uint8_t>(high >> 16)
                                             : before == mac;
        if (proven && !mac.is_of_one_board())
            return fail(ErrorKind::board, "mac_damaged",
                        fmt::format("the {} on {} has the MAC {} in its eFuse, which no single "
                                    "board has",
                                    chip.name, link.port().name(), mac.colons()),
                        "use another board: it cannot be told from others");
        if (proven) return mac;
        before = mac;
    }
    return fail(ErrorKind::board, "mac_damaged",
                fmt::format("the MAC of the {} on {} reads as {} and does not fit its check, {} "
                            "times",
                            chip.name, link.port().name(), mac.colons(), readings),
                "check cable and ground; if it stays so, its eFuse is damaged");
}

Result<std::uint16_t> read_revision(Connection& link, const Chip& chip) {
    const bool own_rule = chip.revision_major.low.bits == 0;
    IMPRINT_TRY(const std::uint32_t major,
                own_rule ? esp32_major(link) : read_split(link, chip.revision_major));
    IMPRINT_TRY(const std::uint32_t minor, read_split(link, chip.revision_minor));
    if (chip.first_silicon.major.bits != 0 && (minor & 7) == 0) {
        IMPRINT_TRY(const std::uint32_t block_major, read_field(link, chip.first_silicon.major));
        IMPRINT_TRY(const std::uint32_t block_minor, read_field(link, chip.first_silicon.minor));
        if (block_major == 1 && block_minor == 1) return 0;
    }
    return static_cast<std::uint16_t>(major * 100 + minor);
}

// esptool esptool/loader.py, get_crystal_freq: the port's rate and the chip's are about the same,
// or nothing would be understood; the divider then gives the UART's clock, which is the crystal's.
Result<std::uint32_t> read_crystal(Connection& link, const Chip& chip) {
    if (chip.crystal_mhz != 0) return chip.crystal_mhz;
    if (link.kind() == LoaderKind::stub) return 0;
    IMPRINT_TRY(const std::uint32_t word, link.read_register(chip.uart_divider));
    const std::uint64_t hertz = static_cast<std::uint64_t>(word & 0xFFFFF) * link.baud();
    for (const std::uint32_t mhz : {26U, 40U, 48U}) {
        const std::uint64_t exact = mhz * 1'000'000ULL;
        if (hertz >= exact * 93 / 100 && hertz <= exact * 107 / 100) return mhz;
    }
    return 0;
}

Result<SecurityState> read_security(Connection& link, const DetectedChip& detected,
                                    std::uint16_t revision) {
    if (!detected.chip->tells_security) return esp32_security(link, revision);
    if (!detected.security) return SecurityState{};
    SecurityState state = security_of(*detected.security, *detected.chip);
    // Secure download mode lets no register be read, and no loader encrypt.
    state.encrypted_writes_disabled = true;
    if (!state.secure_download_mode) {
        IMPRINT_TRY(const std::uint32_t disabled,
                    read_field(link, detected.chip->encrypted_writes_disabled));
        state.encrypted_writes_disabled = disabled != 0;
    }
    // Three bits on these chips; all of them set cannot be taken back.
    state.flash_encryption_release = state.flash_encryption && state.encrypted_writes_disabled &&
                                     (detected.security->flash_crypt_count & 7) == 7;
    return state;
}

std::string key_purpose_name(std::uint8_t purpose) {
    switch (purpose) {
        case 0:
            return {};
        case 1:
            return "ECDSA_KEY";
        case 2:
            return "XTS_AES_256_KEY_1";
        case 3:
            return "XTS_AES_256_KEY_2";
        case 4:
            return "XTS_AES_128_KEY";
        case 5:
            return "HMAC_DOWN_ALL";
        case 6:
            return "HMAC_DOWN_JTAG";
        case 7:
            return "HMAC_DOWN_DIGITAL_SIGNATURE";
        case 8:
            return "HMAC_UP";
        case 9:
        case 10:
        case 11:
            return fmt::format("SECURE_BOOT_DIGEST{}", purpose - 9);
        case 12:
            return "KM_INIT_KEY";
        case 15:
            return "XTS_AES_128_PSRAM_KEY";
        default:
            return fmt::format("purpose {}", purpose);
    }
}

namespace {

// esptool esptool/targets/esp32.py, get_rom_cal_crystal_freq and change_baud. The ROM takes the
// crystal's frequency from counting it against an 8 MHz oscillator that drifts.
Result<std::uint32_t> esp32_rom_baud(Connection& link, std::uint32_t crystal_mhz,
                                     std::uint32_t baud) {
    IMPRINT_TRY(const std::uint64_t count, read_field(link, esp32::rtc_calibration));
    IMPRINT_TRY(const std::uint64_t clk8m, read_field(link, esp32::clk8m_frequency));
    const std::uint64_t measured = count * 15625 * clk8m / 40;
    // Not measured, as in an emulator.
    if (measured < 15'000'000 || measured > 60'000'000) return baud;
    const std::uint64_t crystal = crystal_mhz != 0
                                      ? crystal_mhz * 1'000'000ULL
                                      : (measured > 33'000'000 ? 40'000'000ULL : 26'000'000ULL);
    return static_cast<std::uint32_t>(baud * measured / crystal);
}

}  // namespace

Result<std::uint32_t> rom_baud(Connection& link, const Chip& chip, std::uint32_t crystal_mhz,
                               std::uint32_t baud) {
    if (chip.rom_baud_measured) return esp32_rom_baud(link, crystal_mhz, baud);
    std::uint64_t taken = chip.rom_crystal.mhz;
    if (chip.rom_crystal.told.bits != 0) {
        IMPRINT_TRY(taken, read_field(link, chip.rom_crystal.told));
    }
    // A crystal that could not be told is taken to be the one that the ROM expects; and so is a
    // register that holds no crystal's frequency.
    if (crystal_mhz == 0 || taken < 20 || taken > 60) return baud;
    return static_cast<std::uint32_t>(baud * taken / crystal_mhz);
}

}  // namespace imprint::loader
