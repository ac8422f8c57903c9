// Keywords of partition types and subtypes. Internal to the layer.
// Source: gen_esp32part.py (TYPES, SUBTYPES) and esp_partition.h of ESP-IDF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/partition_table.h"

namespace imprint::image {

inline constexpr std::uint8_t type_app = 0;
inline constexpr std::uint8_t type_data = 1;
inline constexpr std::uint8_t type_bootloader = 2;
inline constexpr std::uint8_t type_partition_table = 3;

// The same number means different things under different types.
inline constexpr std::uint8_t subtype_primary = 0;   // bootloader, partition_table
inline constexpr std::uint8_t subtype_recovery = 2;  // bootloader
inline constexpr std::uint8_t subtype_ota_data = 0;  // data, and so on
inline constexpr std::uint8_t subtype_nvs = 2;
inline constexpr std::uint8_t subtype_coredump = 3;
inline constexpr std::uint8_t subtype_undefined = 6;
inline constexpr std::uint8_t subtype_tee_ota_data = 0x90;
inline constexpr std::uint8_t subtype_any = 0xFF;  // ESP_PARTITION_SUBTYPE_ANY of esp_partition.h

// Case-insensitive.
[[nodiscard]] std::optional<std::uint8_t> type_by_name(std::string_view name);
[[nodiscard]] std::optional<std::uint8_t> subtype_by_name(std::uint8_t type, std::string_view name,
                                                          const std::vector<ExtraSubtype>& extra);
[[nodiscard]] std::string subtype_name(std::uint8_t type, std::uint8_t subtype,
                                       const std::vector<ExtraSubtype>& extra);

// "app, data, …" for messages.
[[nodiscard]] std::string known_types();
[[nodiscard]] std::string known_subtypes(std::uint8_t type, const std::vector<ExtraSubtype>& extra);

// Whether any (type, subtype) has this keyword as its name.
[[nodiscard]] bool is_subtype_name(std::string_view name);

// "data nvs", for messages.
[[nodiscard]] std::string kind_of(const Partition& partition);

// The alignment of the start of a partition of the type, in bytes.
[[nodiscard]] constexpr std::uint32_t offset_alignment(std::uint8_t type) {
    return type == type_app ? 0x10000 : 0x1000;
}

// Not laid out with the others: their offsets are given.
[[nodiscard]] constexpr bool is_primary(std::uint8_t type, std::uint8_t subtype) {
    return (type == type_bootloader || type == type_partition_table) && subtype == subtype_primary;
}

}  // namespace imprint::image
