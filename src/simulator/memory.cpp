#include "simulator/memory.h"

#include <algorithm>

namespace imprint::simulator {

namespace {

constexpr std::uint32_t magic_address = 0x40001000;
constexpr std::uint32_t magic = 0x00F01D83;

constexpr std::uint32_t uart_divider = 0x3FF40014;
constexpr std::uint32_t efuse = 0x3FF5A000;
constexpr std::uint32_t rtc_calibration = 0x3FF5F06C;
constexpr std::uint32_t syscon_date = 0x3FF6607C;

constexpr std::uint32_t oscillator_frequency = 52;  // eFuse CK8M_FREQ
constexpr std::uint32_t calibration_value = 1950;   // × 15625 × CK8M_FREQ / 40 gives hertz
static_assert(Memory::rom_crystal_hz == calibration_value * 15625ULL * oscillator_frequency / 40);

constexpr std::uint32_t spi = 0x3FF42000;
constexpr std::uint32_t spi_command = spi;
constexpr std::uint32_t spi_user = spi + 0x1C;
constexpr std::uint32_t spi_user2 = spi + 0x24;
constexpr std::uint32_t spi_miso_bits = spi + 0x2C;
constexpr std::uint32_t spi_word = spi + 0x80;
constexpr std::uint32_t run_user_command = 1U << 18;
constexpr std::uint32_t user_has_miso = 1U << 28;

constexpr std::uint32_t word_mask = ~3U;

}  // namespace

std::uint8_t mac_crc(const MacAddress& mac) {
    std::uint8_t crc = 0;
    for (std::uint8_t octet : mac.octets) {
        for (int bit = 0; bit < 8; ++bit, octet = static_cast<std::uint8_t>(octet >> 1)) {
            const bool carry = ((crc ^ octet) & 1) != 0;
            crc = static_cast<std::uint8_t>(crc >> 1);
            if (carry) crc ^= 0x8C;
        }
    }
    return crc;
}

Memory::Memory(const MacAddress& mac, std::uint16_t revision, SpiPort& spi_port, Uart& uart)
    : ram_{{0x3FF80000, Bytes(0x2000)},   // RTC fast memory, data side
           {0x3FFAE000, Bytes(0x52000)},  // SRAM 2 and 1, data side
           {0x40070000, Bytes(0x52000)},  // SRAM 0 and 1, instruction side, RTC fast memory
           {0x50000000, Bytes(0x2000)}},  // RTC slow memory
      spi_(&spi_port),
      uart_(&uart) {
    const auto& octet = mac.octets;
    const auto word = [&](std::size_t i) { return static_cast<std::uint32_t>(octet.at(i)); };
    const std::uint32_t major = revision / 100;
    const std::uint32_t minor = revision % 100;
    fixed_[magic_address] = magic;
    fixed_[efuse + 4] = word(2) << 24 | word(3) << 16 | word(4) << 8 | word(5);
    fixed_[efuse + 8] = word(0) << 8 | word(1) | static_cast<std::uint32_t>(mac_crc(mac)) << 16;
    // Package 1 is the D0WD; rated for 240 MHz. The major revision is three bits in three places.
    fixed_[efuse + 12] = 1U << 9 | 1U << 13 | (major >= 1 ? 1U << 15 : 0);
    fixed_[efuse + 16] = oscillator_frequency;
    fixed_[efuse + 20] = (major >= 2 ? 1U << 20 : 0) | (minor & 3) << 24;
    fixed_[syscon_date] = 0x16042000 | (major >= 3 ? 1U << 31 : 0);
    fixed_[rtc_calibration] = calibration_value << 7;
    for (const std::uint32_t i : {0U, 6U})
        fixed_[efuse + 4 * i] = 0;
}

void Memory::reset() {
    written_.clear();
    for (Region& region : ram_)
        std::ranges::fill(region.bytes, std::uint8_t{0});
    uart_clock_ = crystal_hz;
    write_enabled_ = false;
}

std::uint32_t Memory::read(std::uint32_t address) const {
    const std::uint32_t shift = (address & 3) * 8;
    const std::uint32_t low = read_word(address & word_mask);
    if (shift == 0) return low;
    return low >> shift | read_word((address & word_mask) + 4) << (32 - shift);
}

std::uint32_t Memory::read_word(std::uint32_t address) const {
    if (const auto found = fixed_.find(address); found != fixed_.end()) return found->second;
    if (address == uart_divider) {
        // Twenty bits of whole divider, four of sixteenths.
        const std::uint64_t sixteenths = 16ULL * uart_clock_ / uart_->baud();
        return static_cast<std::uint32_t>(sixteenths >> 4 | (sixteenths & 15) << 20);
    }
    if (const ByteView bytes = ram(address, 4); !bytes.empty()) return get_u32(bytes, 0);
    const auto found = written_.find(address);
    return found == written_.end() ? 0 : found->second;
}

void Memory::write(std::uint32_t address, std::uint32_t value) {
    address &= word_mask;
    if (fixed_.contains(address)) return;
    if (address == spi_command) {
        if ((value & run_user_command) != 0) run_spi_command();
        return;  // the bit falls back to 0 when the command is done
    }
    if (!ram(address, 4).empty()) {
        Bytes bytes;
        append_u32(bytes, value);
        load(address, bytes);
        return;
    }
    written_[address] = value;
}

const Memory::Region* Memory::region(std::uint32_t address, std::size_t size) const {
    for (const Region& one : ram_)
        if (address >= one.start && address - one.start + size <= one.bytes.size()) return &one;
    return nullptr;
}

ByteView Memory::ram(std::uint32_t address, std::size_t size) const {
    const Region* found = region(address, size);
    if (found == nullptr) return {};
    return ByteView(found->bytes).subspan(address - found->start, size);
}

std::size_t Memory::load(std::uint32_t address, ByteView bytes) {
    for (Region& one : ram_) {
        if (address < one.start || address - one.start >= one.bytes.size()) continue;
        const std::size_t at = address - one.start;
        const std::size_t fits = std::min(bytes.size(), one.bytes.size() - at);
        std::ranges::copy(bytes.first(fits), one.bytes.begin() + static_cast<std::ptrdiff_t>(at));
        return fits;
    }
    return 0;
}

void Memory::run_spi_command() {
    enum : std::uint32_t {
        write_disable = 0x04,
        read_status = 0x05,
        write_enable = 0x06,
        read_id = 0x9F
    };

    const std::uint32_t command = read_word(spi_user2) & 0xFF;
    if (command == write_enable) write_enabled_ = true;
    if (command == write_disable) write_enabled_ = false;
    if ((read_word(spi_user) & user_has_miso) == 0) return;
    std::uint32_t answer = 0xFFFFFFFF;  // nobody drives the line
    if (spi_->attached && command == read_id) answer = spi_->chip.jedec_id();
    if (spi_->attached && command == read_status) answer = write_enabled_ ? 2 : 0;
    const std::uint32_t bits = std::min(read_word(spi_miso_bits) % 0x1000 + 1, 32U);
    if (bits < 32) answer &= (1U << bits) - 1;
    written_[spi_word] = answer;
}

}  // namespace imprint::simulator
