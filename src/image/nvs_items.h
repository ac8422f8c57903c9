// What lies in the pages of an NVS partition, one by one, and what is wrong there. Internal to the
// layer.
#pragma once

#include <string>
#include <vector>

#include "image/nvs.h"
#include "image/nvs_layout.h"

namespace imprint::image::nvs {

// An entry whose checksums are right. Its views are of the image.
struct Item {
    std::uint32_t page = 0;
    std::uint32_t entry = 0;
    std::uint8_t name_space = 0;
    std::uint8_t type = 0;
    std::uint8_t chunk = no_chunk;
    std::string key;
    ByteView value;  // its 8 bytes
    ByteView data;   // of a string, a blob or a chunk
};

// Keeps the first hundred, so that a hostile image does not fill the memory.
class Faults {
  public:
    void note(std::uint32_t page, std::optional<std::uint32_t> entry, std::string problem);
    void note(const Item& item, std::string problem);

    std::vector<Fault> list;
    std::size_t more = 0;
};

struct Pages {
    std::vector<Item> items;  // in the order in which a device has written them
    Usage usage;
    std::uint32_t erased = 0;
    // Entries that are marked as written, and begin with a wrong checksum; those of them that look
    // like entries all the same.
    std::uint32_t unreadable = 0;
    std::uint32_t plausible = 0;
};

// The image has whole pages.
[[nodiscard]] Pages read_pages(ByteView image, Faults& faults);

[[nodiscard]] bool has_data(std::uint8_t type);  // in further entries
[[nodiscard]] bool is_number(std::uint8_t type);

}  // namespace imprint::image::nvs
