// ESP-IDF partition tables: CSV and binary, both ways.
// Source: ESP-IDF components/partition_table/gen_esp32part.py and esp_flash_partitions.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::image {

inline constexpr std::size_t longest_partition_name = 16;

struct Partition {
    std::string name;       // at most longest_partition_name bytes
    std::uint8_t type = 0;  // 0 app, 1 data, 2 bootloader, 3 partition_table, 0x40…0xFE custom
    std::uint8_t subtype = 0;
    std::uint32_t offset = 0;  // bytes from the start of flash
    std::uint32_t size = 0;    // bytes
    bool encrypted = false;
    bool readonly = false;
    std::uint32_t other_flags = 0;  // bits of a newer format: kept as they are

    // One past the last byte. Overflows only in a table that verify() rejects.
    [[nodiscard]] std::uint32_t end() const { return offset + size; }

    [[nodiscard]] bool is_spiffs() const { return type == 1 && subtype == 0x82; }

    [[nodiscard]] bool is_nvs() const { return type == 1 && subtype == 0x02; }

    [[nodiscard]] bool is_nvs_keys() const { return type == 1 && subtype == 0x04; }

    [[nodiscard]] bool is_app() const { return type == 0; }

    bool operator==(const Partition&) const = default;
};

// The keyword for it in a CSV, else the decimal number.
[[nodiscard]] std::string type_name(std::uint8_t type);
[[nodiscard]] std::string subtype_name(std::uint8_t type, std::uint8_t subtype);

// A subtype defined by a component of the firmware (EXTRA_PARTITION_SUBTYPES in its CMake file).
struct ExtraSubtype {
    std::uint8_t type = 0;
    std::string name;
    std::uint8_t subtype = 0;
    bool operator==(const ExtraSubtype&) const = default;
};

// "data, my_log, 0x99" as gen_esp32part.py's --extra-partition-subtypes takes it.
// Error: partition_subtype (usage).
[[nodiscard]] Result<ExtraSubtype> parse_extra_subtype(std::string_view text);

class PartitionTable {
  public:
    struct Options {
        std::uint32_t table_offset = 0x8000;
        std::optional<std::uint32_t> flash_size;                 // bytes; checked when known
        std::optional<std::uint32_t> primary_bootloader_offset;  // for rows of type bootloader
        std::optional<std::uint32_t> recovery_bootloader_offset;
        bool md5 = true;
        bool secure_v1 = false;  // --secure v1: apps in whole 64 KB
        bool verify = true;      // false: only what is needed to write a table
        std::vector<ExtraSubtype> extra_subtypes;
        // Replacements of $NAME and ${NAME} in a CSV; without it they are taken literally.
        std::function<std::optional<std::string>(std::string_view)> variable;
    };

    static constexpr std::uint32_t binary_size = 0xC00;   // bytes; with an MD5 row 94 entries fit
    static constexpr std::uint32_t sector_size = 0x1000;  // of a table in flash

    // Errors (config): partition_table_csv, with line, field and what is allowed there;
    // partition_table_invalid for what gen_esp32part.py's verify rejects, and more.
    [[nodiscard]] static Result<PartitionTable> parse_csv(std::string_view text,
                                                          const Options& options);
    [[nodiscard]] static Result<PartitionTable> parse_csv(std::string_view text);
    // Checks only structure and MD5: call verify() for the rest. Reads at most binary_size bytes.
    // Error: partition_table_damaged (config).
    [[nodiscard]] static Result<PartitionTable> parse_binary(ByteView bytes);
    // CSV or binary, detected by the first bytes; both are verified. A CSV may start with a
    // byte-order mark and be in UTF-8 or UTF-16.
    [[nodiscard]] static Result<PartitionTable> parse(ByteView bytes, const Options& options);

    [[nodiscard]] Result<void> verify(const Options& options) const;
    // binary_size bytes. More entries than fit are a bug of the caller: verify() rejects them.
    [[nodiscard]] Bytes to_binary(bool md5 = true) const;
    [[nodiscard]] std::string to_csv(const std::vector<ExtraSubtype>& extra_subtypes = {}) const;

    // What a device tolerates but was hardly intended, one sentence each.
    [[nodiscard]] std::vector<std::string> warnings() const;

    [[nodiscard]] const std::vector<Partition>& partitions() const { return partitions_; }

    [[nodiscard]] const Partition* find(std::string_view name) const;
    // The end of the last partition: the minimum flash size.
    [[nodiscard]] std::uint32_t flash_size_needed() const;

  private:
    std::vector<Partition> partitions_;
    std::vector<std::string> csv_warnings_;
};

}  // namespace imprint::image
