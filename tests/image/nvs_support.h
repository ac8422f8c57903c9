// What the tests of NVS share: vectors, and images as devices leave them.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "image/nvs.h"

namespace imprint::image::nvs {

struct Vector {
    std::string name;
    std::uint32_t size = 0;
    Version version = Version::two;
    Bytes image;
    Bytes encrypted;
};

// tests/data/image/nvs, as the README.md beside it says.
[[nodiscard]] std::vector<Vector> nvs_vectors();
// Those of a reference that marks all pages as full, used or not.
[[nodiscard]] std::vector<Vector> older_nvs_vectors();
[[nodiscard]] Bytes nvs_data(const std::string& name);

[[nodiscard]] Entry number(const std::string& key, Type type, std::uint64_t bits);
[[nodiscard]] Entry text(const std::string& key, std::string_view value);
[[nodiscard]] Entry blob(const std::string& key, Bytes data);

// One namespace, "ns", with these.
[[nodiscard]] Bytes image_of(const std::vector<Entry>& entries, std::uint32_t size = 0x4000,
                             Version version = Version::two);

// 3: empty, 2: written, 0: erased, 1: neither.
void set_state(Bytes& image, std::uint32_t page, std::uint32_t entry, unsigned state);
// Where an entry begins.
[[nodiscard]] std::size_t at(std::uint32_t page, std::uint32_t entry);
// Makes the CRC of an entry right, or of a page's header.
void seal(Bytes& image, std::uint32_t page, std::uint32_t entry);
void seal_page(Bytes& image, std::uint32_t page);

// "ns.key u8 5", "ns.text string 11", one a line.
[[nodiscard]] std::string told(const Contents& contents);
// "page 0, entry 2: …", one a line.
[[nodiscard]] std::string faults(const Contents& contents);
[[nodiscard]] bool same(const Entry& a, const Entry& b);

}  // namespace imprint::image::nvs
