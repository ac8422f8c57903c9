// NVS partitions: builds what Espressif's nvs_partition_gen.py writes, byte for byte, and reads
// what devices write. Format: ESP-IDF components/nvs_flash (nvs_page.hpp, nvs_types.hpp);
// esp-idf-nvs-partition-gen 0.2.0. Intended differences are listed in docs/images.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::image::nvs {

inline constexpr std::uint32_t page_size = 4096;
// Below this a device can only read, since it wants a free page beside two others.
inline constexpr std::uint32_t least_writable = 3 * page_size;

// As they stand in flash (nvs.h of ESP-IDF).
enum class Type : std::uint8_t {
    u8 = 0x01,
    i8 = 0x11,
    u16 = 0x02,
    i16 = 0x12,
    u32 = 0x04,
    i32 = 0x14,
    u64 = 0x08,
    i64 = 0x18,
    f32 = 0x24,
    f64 = 0x28,
    string = 0x21,
    blob = 0x41,
};

struct Entry {
    std::string key;
    Type type = Type::u8;
    std::uint64_t bits = 0;  // a number's, in the width of its type
    Bytes data;              // a string's without its NUL, or a blob's
};

// "u8", "float", "string", "blob".
[[nodiscard]] std::string_view type_name(Type type);
// Of the whole numbers: those that a CSV can have.
[[nodiscard]] std::optional<Type> number_type(std::string_view name);
// A number's value in decimal; empty for a string or a blob.
[[nodiscard]] std::string number_text(const Entry& entry);
// Decimal or 0x…, with a sign, underscores between digits, blanks around. Error: nvs_value
// (config).
[[nodiscard]] Result<std::uint64_t> parse_number(Type type, std::string_view text);

enum class Version : std::uint8_t {
    one = 0xFF,  // a blob lies in one page
    two = 0xFE,  // a blob is cut into chunks, with an index
};

struct Usage {
    std::uint32_t pages_used = 0;
    std::uint32_t pages_total = 0;
    std::uint32_t entries_used = 0;  // of 32 bytes; 126 a page
};

struct Built {
    Bytes image;
    Usage usage;
    bool read_only = false;  // too small for a device to write to
};

// What becomes of the pages from the last entry's on. A device takes both.
enum class Ending : std::uint8_t {
    last_is_active,  // and the others are blank: nvs_partition_gen.py from 0.1.7 on
    all_are_full,    // each with a header: before
};

// Lays entries down in the order in which they come. After an error it is of no more use.
class Builder {
  public:
    // Error: nvs_size (config).
    [[nodiscard]] static Result<Builder> create(std::uint32_t size, Version version = Version::two);

    // Those that follow are this namespace's. One that is there already goes on.
    // Errors (config): nvs_name, nvs_full.
    [[nodiscard]] Result<void> enter(std::string_view name);
    // Errors (config): nvs_name (no namespace yet, a key that is empty, too long or there already),
    // nvs_value (longer than a device takes), nvs_full.
    [[nodiscard]] Result<void> add(const Entry& entry);

    // What follows lies on another page than all before: what happens to a page happens to one of
    // them. Error: nvs_full (config).
    [[nodiscard]] Result<void> turn_page();

    [[nodiscard]] Built finish(Ending ending = Ending::last_is_active) &&;

    ~Builder();
    Builder(Builder&&) noexcept = default;
    Builder& operator=(Builder&&) noexcept = default;
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

  private:
    struct Head;

    Builder(std::uint32_t size, Version version);
    void begin_page();
    [[nodiscard]] Result<void> next_page();
    void put_head(const Head& head);
    void put_data(ByteView data);
    void mark();
    [[nodiscard]] Result<void> add_number(const Entry& entry);
    [[nodiscard]] Result<void> add_whole(const Entry& entry, ByteView data);
    [[nodiscard]] Result<void> add_in_chunks(const Entry& entry);
    [[nodiscard]] std::size_t place() const;

    Bytes image_;
    Version version_;
    bool read_only_;
    std::uint32_t pages_;  // that may be used
    std::uint32_t page_ = 0;
    std::uint32_t entry_ = 0;  // the next free one
    std::uint32_t entries_used_ = 0;
    std::map<std::string, std::uint8_t, std::less<>> namespaces_;
    std::set<std::pair<std::uint8_t, std::string>> keys_;
    std::uint8_t namespace_ = 0;
};

struct Namespace {
    std::string name;
    std::uint8_t index = 0;
    std::vector<Entry> entries;  // as they were written
};

// What is wrong, and where.
struct Fault {
    std::uint32_t page = 0;
    std::optional<std::uint32_t> entry;
    std::string problem;

    [[nodiscard]] std::string text() const;  // "page 1, entry 17: its CRC is wrong"
};

struct Contents {
    std::uint32_t size = 0;
    bool encrypted = false;  // no entry can be read, and none looks like one
    std::vector<Namespace> namespaces;
    Usage usage;
    std::uint32_t entries_erased = 0;
    std::vector<Fault> faults;  // the first hundred
    std::size_t more_faults = 0;
};

// Whether at least half of the pages that are not erased have a header whose CRC is right.
[[nodiscard]] bool is_nvs(ByteView image);
// Whether some page begins as one does: for a partition that should be one, and may be damaged.
[[nodiscard]] bool has_nvs_page(ByteView image);

// Reads any image, even a malicious one, as a device does that has mounted it: what a fault touches
// is left out, and told. Error: nvs_damaged (config): it has no whole pages.
[[nodiscard]] Result<Contents> read(ByteView image);

}  // namespace imprint::image::nvs
