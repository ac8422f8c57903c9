#include "simulator/memory.h"

#include <algorithm>

namespace imprint::simulator {

namespace {

constexpr std::uint32_t magic_address = 0x40001000;
constexpr std::uint32_t run_user_command = 1U << 18;
constexpr std::uint32_t user_has_miso = 1U << 28;
constexpr std::uint32_t user_has_mosi = 1U << 27;

constexpr std::uint32_t watchdog_on = 1U << 31;

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

Memory::Memory(const ChipModel& model, const MacAddress& mac, std::uint16_t revision,
               SpiPort& spi_port, Uart& uart, const Fuses& fuses)
    : model_(&model), spi_(&spi_port), uart_(&uart), uart_clock_(model.crystal_hz) {
    for (const RamRange& range : model.ram)
        ram_.push_back({range.start, Bytes(range.end - range.start)});
    const std::uint32_t major = revision / 100;
    const std::uint32_t minor = revision % 100;
    const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(mac.octets.at(i)); };
    fixed_[magic_address] = model.magic;
    for (const FixedWord& word : model.other)
        fixed_[word.address] = word.value;
    fixed_[model.mac_register] = octet(2) << 24 | octet(3) << 16 | octet(4) << 8 | octet(5);
    fixed_[model.mac_register + 4] = octet(0) << 8 | octet(1);
    burn(model.major_low, major);
    burn(model.major_high, major >> model.major_low.bits);
    burn(model.minor_low, minor);
    burn(model.minor_high, minor >> model.minor_low.bits);
    if (model.is_esp32()) burn_esp32(mac, major);
    burn_security(fuses);
}

void Memory::burn(const EfuseField& field, std::uint32_t value) {
    if (field.bits == 0) return;
    fixed_[field.address] |= (value & ((1U << field.bits) - 1)) << field.shift;
}

// A CRC beside the MAC, and a major revision of three bits in three places.
void Memory::burn_esp32(const MacAddress& mac, std::uint32_t major) {
    constexpr std::uint32_t efuse = 0x3FF5A000;
    constexpr std::uint32_t syscon_date = 0x3FF6607C;
    burn({efuse + 8, 16, 8}, mac_crc(mac));
    burn({efuse + 12, 15, 1}, major >= 1 ? 1 : 0);
    burn({efuse + 20, 20, 1}, major >= 2 ? 1 : 0);
    burn({syscon_date, 31, 1}, major >= 3 ? 1 : 0);
}

// ESP-IDF components/efuse/esp32/esp_efuse_table.csv: FLASH_CRYPT_CNT and _CONFIG, RD_DIS.BLK1,
// ABS_DONE_0, DISABLE_DL_ENCRYPT and the two beside it. Of the other chips, what GET_SECURITY_INFO
// tells too, in the registers of chip_model.h.
void Memory::burn_security(const Fuses& fuses) {
    constexpr std::uint32_t efuse = 0x3FF5A000;
    const bool encrypts = fuses.flash_encryption != FlashEncryption::off;
    const bool release = fuses.flash_encryption == FlashEncryption::release;
    if (!model_->is_esp32()) {
        burn(model_->encrypt_disabled, release ? 1 : 0);
        burn(model_->secure_boot_enabled, fuses.secure_boot ? 1 : 0);
        burn(model_->crypt_count, crypt_count(fuses));
        const auto purposes = key_purposes(fuses);
        for (std::size_t i = 0; i < model_->purposes.size(); ++i)
            burn(model_->purposes.at(i), purposes.at(i));
        return;
    }
    burn({efuse, 20, 7}, release ? 0x7F : encrypts ? 1 : 0);
    burn({efuse, 16, 1}, encrypts ? 1 : 0);
    burn({efuse + 20, 28, 4}, encrypts ? 0xF : 0);
    burn({efuse + 24, 7, 3}, release ? 7 : 0);
    burn({efuse + 24, 4, 1}, fuses.secure_boot ? 1 : 0);
}

void Memory::reset(bool all) {
    const bool forced = download_forced();
    written_.clear();
    if (forced && !all) force_download();
    watchdog_.reset();
    for (Region& region : ram_)
        std::ranges::fill(region.bytes, std::uint8_t{0});
    uart_clock_ = model_->crystal_hz;
    write_enabled_ = false;
}

bool Memory::download_forced() const {
    const auto found = written_.find(model_->force_download);
    return model_->force_download != 0 && found != written_.end() && (found->second & 1) != 0;
}

void Memory::force_download() {
    if (model_->force_download != 0) written_[model_->force_download] |= 1;
}

std::uint32_t Memory::read(std::uint32_t address) const {
    const std::uint32_t shift = (address & 3) * 8;
    const std::uint32_t low = read_word(address & word_mask);
    if (shift == 0) return low;
    return low >> shift | read_word((address & word_mask) + 4) << (32 - shift);
}

std::uint32_t Memory::read_word(std::uint32_t address) const {
    if (const auto found = fixed_.find(address); found != fixed_.end()) return found->second;
    if (model_->strap != 0 && address == model_->strap) return io0_high_ ? 8 : 0;
    if (address == model_->uart_divider) {
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
    if (address == model_->spi.command) {
        if ((value & run_user_command) != 0) run_spi_command();
        return;  // the bit falls back to 0 when the command is done
    }
    if (model_->watchdog_config != 0 && address == model_->watchdog_config)
        watchdog_ = (value & watchdog_on) != 0 ? std::max(1U, read_word(address + 4)) : 0;
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

namespace {

enum SpiCommand : std::uint8_t {
    write_status_1 = 0x01,
    write_disable = 0x04,
    read_status_1 = 0x05,
    write_enable = 0x06,
    write_status_3 = 0x11,
    read_status_3 = 0x15,
    write_status_2 = 0x31,
    read_status_2 = 0x35,
    write_enable_volatile = 0x50,
    read_sfdp = 0x5A,
    read_id = 0x9F,
};

}  // namespace

// The ESP32's register has an address at its upper end.
std::uint32_t Memory::spi_address() const {
    const std::uint32_t word = read_word(model_->spi.command + 4);
    return model_->is_esp32() ? word >> 8 : word & 0xFFFFFF;
}

std::uint32_t Memory::answer_of(std::uint8_t command) const {
    constexpr std::uint32_t nobody = 0xFFFFFFFF;
    const FlashStatus& status = spi_->chip.status();
    switch (command) {
        case read_id:
            return spi_->chip.jedec_id();
        case read_status_1:
            return status.get(0) | (write_enabled_ ? 2U : 0U);
        case read_status_2:
            return status.get(1);
        case read_status_3:
            return status.get(2);
        case read_sfdp: {
            const Bytes table = sfdp_of(spi_->chip.told_size());
            Bytes seen(4, 0xFF);
            for (std::size_t i = 0; i < seen.size(); ++i)
                if (spi_address() + i < table.size()) seen[i] = table[spi_address() + i];
            return get_u32(seen, 0);
        }
        default:
            return nobody;
    }
}

void Memory::obey(std::uint8_t command) {
    FlashStatus& status = spi_->chip.status();
    const std::uint32_t data = read_word(model_->spi.word0);
    const bool writes = (read_word(model_->spi.user) & user_has_mosi) != 0 && write_enabled_;
    if (command == write_enable || command == write_enable_volatile) write_enabled_ = true;
    if (command == write_disable) write_enabled_ = false;
    if (!writes) return;
    if (command == write_status_1) {
        status.set(0, data & 0xFC);
        const bool two_bytes = read_word(model_->spi.mosi_bits()) % 0x1000 > 8;
        if (two_bytes) status.set(1, data >> 8 & 0xFF);
    }
    if (command == write_status_2) status.set(1, data & 0xFF);
    if (command == write_status_3) status.set(2, data & 0xFF);
    write_enabled_ = false;
}

void Memory::run_spi_command() {
    const auto command = static_cast<std::uint8_t>(read_word(model_->spi.user2));
    if (spi_->attached) obey(command);
    if ((read_word(model_->spi.user) & user_has_miso) == 0) return;
    std::uint32_t answer = spi_->attached ? answer_of(command) : 0xFFFFFFFF;
    const std::uint32_t bits = std::min(read_word(model_->spi.miso_bits) % 0x1000 + 1, 32U);
    if (bits < 32) answer &= (1U << bits) - 1;
    written_[model_->spi.word0] = answer;
}

}  // namespace imprint::simulator
