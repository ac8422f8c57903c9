#include "imprint_identity/nvs_encrypted.h"

#include <cstring>

#include "crc.h"

namespace imprint_identity {
namespace nvs {

namespace {

constexpr std::uint32_t page_size = 4096;
constexpr std::uint32_t entries_at = 64;  // in a page
constexpr std::uint32_t unit_size = 32;
constexpr std::size_t block_size = sizeof(Cipher::Block);

bool is_filled(const std::uint8_t* bytes, std::uint8_t value) {
    for (std::size_t i = 0; i < unit_size; ++i)
        if (bytes[i] != value) return false;
    return true;
}

// Times x in GF(2^128), as section 5.2 of IEEE 1619 has it.
void multiply(Cipher::Block& tweak) {
    unsigned carry = 0;
    for (std::uint8_t& byte : tweak) {
        const unsigned doubled = byte * 2U | carry;
        byte = static_cast<std::uint8_t>(doubled);
        carry = doubled >> 8;
    }
    if (carry != 0) tweak[0] ^= 0x87;
}

bool decrypt(const Cipher& cipher, std::uint32_t at, std::uint8_t (&unit)[unit_size]) {
    Cipher::Block tweak = {};
    for (std::size_t i = 0; i < sizeof(at); ++i)
        tweak[i] = static_cast<std::uint8_t>(at >> (8 * i));
    if (!cipher.encrypt_tweak(cipher.context, tweak)) return false;
    for (std::uint8_t* bytes = unit; bytes != unit + unit_size; bytes += block_size) {
        Cipher::Block block;
        for (std::size_t i = 0; i < block_size; ++i)
            block[i] = bytes[i] ^ tweak[i];
        if (!cipher.decrypt(cipher.context, block)) return false;
        for (std::size_t i = 0; i < block_size; ++i)
            bytes[i] = block[i] ^ tweak[i];
        multiply(tweak);
    }
    return true;
}

// Wipes what it holds, which may be of a key.
struct Unit {
    std::uint8_t bytes[unit_size] = {};

    Unit() = default;
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;
    Unit(Unit&&) = delete;
    Unit& operator=(Unit&&) = delete;

    ~Unit() {
        for (volatile std::uint8_t& byte : bytes)
            byte = 0;
    }
};

}  // namespace

Entries look_at_entries(const Flash& flash, std::uint32_t size) {
    constexpr std::uint32_t sequence_at = 4;
    constexpr std::uint32_t header_crc_at = 28;
    constexpr std::uint32_t states_at = 32;
    constexpr std::uint32_t crc_at = 4;  // in an entry
    constexpr std::uint32_t key_at = 8;
    constexpr unsigned written = 2;
    bool has_any = false;
    for (std::uint32_t page = 0; page < size / page_size; ++page) {
        std::uint8_t head[entries_at];
        if (!flash.read(flash.context, page * page_size, head, entries_at))
            return Entries::unreadable;
        Crc of_header;
        of_header.add(head + sequence_at, header_crc_at - sequence_at);
        if (of_header.value() != load32(head + header_crc_at)) continue;
        for (std::uint32_t number = 0; number < (page_size - entries_at) / unit_size; ++number) {
            if ((head[states_at + number / 4] >> (number % 4 * 2) & 3U) != written) continue;
            Unit entry;
            const std::uint32_t at = page * page_size + entries_at + number * unit_size;
            if (!flash.read(flash.context, at, entry.bytes, unit_size)) return Entries::unreadable;
            Crc of_entry;
            of_entry.add(entry.bytes, crc_at);
            of_entry.add(entry.bytes + key_at, unit_size - key_at);
            if (of_entry.value() == load32(entry.bytes + crc_at)) return Entries::in_clear;
            has_any = true;
        }
    }
    return has_any ? Entries::not_in_clear : Entries::none;
}

bool Encrypted::read(std::uint32_t at, std::uint8_t* into, std::size_t size) {
    while (size != 0) {
        const std::uint32_t in_page = at % page_size;
        if (in_page < entries_at) {
            const std::size_t step = size < entries_at - in_page ? size : entries_at - in_page;
            if (!flash_.read(flash_.context, at, into, step)) return false;
            at += static_cast<std::uint32_t>(step);
            into += step;
            size -= step;
            continue;
        }
        const std::uint32_t begin = at - at % unit_size;
        const std::uint32_t skipped = at - begin;
        Unit unit;
        if (!flash_.read(flash_.context, begin, unit.bytes, unit_size)) return false;
        // What is blank or was wiped is not encrypted.
        if (!is_filled(unit.bytes, 0xFF) && !is_filled(unit.bytes, 0) &&
            !decrypt(cipher_, begin, unit.bytes))
            return false;
        const std::size_t step = size < unit_size - skipped ? size : unit_size - skipped;
        std::memcpy(into, unit.bytes + skipped, step);
        at += static_cast<std::uint32_t>(step);
        into += step;
        size -= step;
    }
    return true;
}

Flash Encrypted::in_clear() {
    Flash clear;
    clear.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
        return static_cast<Encrypted*>(self)->read(at, static_cast<std::uint8_t*>(into), size);
    };
    if (flash_.write != nullptr)
        clear.write = [](void* self, std::uint32_t at, const void* from, std::size_t size) {
            const Flash& flash = static_cast<Encrypted*>(self)->flash_;
            return flash.write(flash.context, at, from, size);
        };
    clear.context = this;
    return clear;
}

}  // namespace nvs
}  // namespace imprint_identity
