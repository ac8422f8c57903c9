// Names in the folders of a FAT: short ones, of 8 and 3 letters, and long ones in entries of their
// own in front of them (section 7 of Microsoft's overview). Letters count whatever their case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "crc.h"

namespace imprint_identity {
namespace fat {

constexpr std::uint32_t name_size = 11;  // of a short one

// In an entry that holds a part of a long name (section 7).
constexpr std::uint32_t checksum_at = 13;
constexpr std::uint8_t last_part = 0x40;
constexpr std::uint32_t letters_a_part = 13;

inline char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

inline std::uint8_t checksum_of(const std::uint8_t* short_name) {
    unsigned sum = 0;
    for (std::uint32_t i = 0; i < name_size; ++i)
        sum = (((sum & 1) << 7 | sum >> 1) + short_name[i]) & 0xFF;
    return static_cast<std::uint8_t>(sum);
}

inline std::uint32_t place_of_letter(std::uint32_t letter) {
    if (letter < 5) return 1 + 2 * letter;
    if (letter < 11) return 14 + 2 * (letter - 5);
    return 28 + 2 * (letter - 11);
}

struct Name {
    const char* text;
    std::size_t size;
};

inline bool is_short_name(const std::uint8_t* entry, Name name) {
    std::uint8_t wanted[name_size];
    std::memset(wanted, ' ', sizeof(wanted));
    constexpr std::uint32_t base = 8;
    std::uint32_t at = 0;
    std::uint32_t end = base;
    for (std::size_t i = 0; i < name.size; ++i) {
        if (name.text[i] == '.' && end == base && at != 0) {
            at = base;
            end = name_size;
            continue;
        }
        if (at == end) return false;
        wanted[at++] = static_cast<std::uint8_t>(upper(name.text[i]));
    }
    for (std::uint32_t i = 0; i < name_size; ++i)
        if (static_cast<std::uint8_t>(upper(static_cast<char>(entry[i]))) != wanted[i])
            return false;
    return name.size != 0;
}

// Whether a long name, whose parts come from the last one to the first, is this one.
class LongName {
  public:
    explicit LongName(Name name) : name_(name) {}

    void take(const std::uint8_t* entry) {
        const std::uint8_t order = entry[0];
        if ((order & last_part) != 0) {
            left_ = order & ~last_part;
            checksum_ = entry[checksum_at];
            const std::size_t parts = (name_.size + letters_a_part - 1) / letters_a_part;
            fits_ = left_ == parts && left_ != 0;
        } else if (left_ == 0 || order != left_ || entry[checksum_at] != checksum_) {
            fits_ = false;
        }
        if (fits_) fits_ = is_part(entry, left_ - 1);
        if (left_ != 0) --left_;
    }

    // At the entry that they belong to.
    [[nodiscard]] bool is_it(const std::uint8_t* entry) const {
        return fits_ && left_ == 0 && checksum_ == checksum_of(entry);
    }

    void end() {
        fits_ = false;
        left_ = 0;
    }

  private:
    [[nodiscard]] bool is_part(const std::uint8_t* entry, std::uint32_t part) const {
        for (std::uint32_t letter = 0; letter < letters_a_part; ++letter) {
            const std::size_t at = std::size_t{part} * letters_a_part + letter;
            const std::uint32_t there = load16(entry + place_of_letter(letter));
            if (at > name_.size) continue;  // filled up with FFFF
            if (at == name_.size) {
                if (there != 0) return false;
                continue;
            }
            const auto wanted = static_cast<unsigned char>(upper(name_.text[at]));
            if (there > 0x7F ||
                static_cast<unsigned char>(upper(static_cast<char>(there))) != wanted)
                return false;
        }
        return true;
    }

    Name name_;
    std::uint32_t left_ = 0;
    std::uint8_t checksum_ = 0;
    bool fits_ = false;
};

}  // namespace fat
}  // namespace imprint_identity
