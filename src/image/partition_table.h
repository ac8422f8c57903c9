// ESP-IDF partition tables: CSV and binary, both ways.
// Source: ESP-IDF components/partition_table/gen_esp32part.py and esp_flash_partitions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::image {

struct Partition {
    std::string name;       // at most 16 bytes
    std::uint8_t type = 0;  // 0 app, 1 data, 2 bootloader, 3 partition_table, 0x40…0xFE custom
    std::uint8_t subtype = 0;
    std::uint32_t offset = 0;  // bytes from the start of flash
    std::uint32_t size = 0;    // bytes
    bool encrypted = false;
    bool readonly = false;

    [[nodiscard]] std::uint32_t end() const { return offset + size; }

    [[nodiscard]] bool is_spiffs() const { return type == 1 && subtype == 0x82; }

    [[nodiscard]] bool is_nvs() const { return type == 1 && subtype == 0x02; }

    [[nodiscard]] bool is_app() const { return type == 0; }

    bool operator==(const Partition&) const = default;
};

[[nodiscard]] std::string type_name(std::uint8_t type);
[[nodiscard]] std::string subtype_name(std::uint8_t type, std::uint8_t subtype);

class PartitionTable {
  public:
    struct Options {
        std::uint32_t table_offset = 0x8000;
        std::optional<std::uint32_t> flash_size;                 // bytes; checked when known
        std::optional<std::uint32_t> primary_bootloader_offset;  // for rows of type bootloader
        std::optional<std::uint32_t> recovery_bootloader_offset;
        bool md5 = true;
        bool secure_v1 = false;  // --secure v1: apps in whole 64 KB
    };

    // Errors (config): partition_table_csv, with line, field and what is allowed there;
    // partition_table_invalid for what gen_esp32part.py's verify refuses, and more.
    [[nodiscard]] static Result<PartitionTable> parse_csv(std::string_view text,
                                                          const Options& options);
    [[nodiscard]] static Result<PartitionTable> parse_csv(std::string_view text);
    // Error: partition_table_damaged (config).
    [[nodiscard]] static Result<PartitionTable> parse_binary(ByteView bytes);
    // CSV or binary, by its first bytes.
    [[nodiscard]] static Result<PartitionTable> parse(ByteView bytes, const Options& options);

    [[nodiscard]] Result<void> verify(const Options& options) const;
    [[nodiscard]] Bytes to_binary(bool md5 = true) const;  // 0xC00 bytes
    [[nodiscard]] std::string to_csv() const;

    [[nodiscard]] const std::vector<Partition>& partitions() const { return partitions_; }

    [[nodiscard]] const Partition* find(std::string_view name) const;
    // The end of the last partition: flash must be at least this big.
    [[nodiscard]] std::uint32_t flash_size_needed() const;

  private:
    std::vector<Partition> partitions_;
};

}  // namespace imprint::image
