// esp_secure_cert partitions in the TLV format: builds what configure_esp_secure_cert.py writes,
// entry for entry, and reads what esp_secure_cert_mgr does. Format: imprint_identity/secure_cert.h;
// espressif/esp_secure_cert_mgr 2.9.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "imprint_identity/secure_cert.h"

namespace imprint::image::secure_cert {

using imprint_identity::secure_cert::Type;

// ESP_SECURE_CERT_TLV_PARTITION_TYPE and _NAME: a partition of this type, whatever its subtype.
inline constexpr std::uint8_t partition_type = 0x3F;
inline constexpr std::string_view partition_name = "esp_secure_cert";

// esp_secure_cert_mgr counts places in 16 bits.
inline constexpr std::uint32_t reach = 0x10000;

struct Entry {
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
    std::uint8_t flags = 0;
    Bytes data;
    std::uint32_t offset = 0;  // where it begins; of no account to build()
};

// "dev_cert", "user_data_2.1" with a subtype that is not 0, "type_77" for one without a name.
[[nodiscard]] std::string entry_name(std::uint8_t type, std::uint8_t subtype);

// What an entry is called, without data.
struct Kind {
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
};

// The other way round; nothing: no entry has that name.
[[nodiscard]] std::optional<Kind> find_kind(std::string_view name);

struct Built {
    Bytes image;             // the rest is FF
    std::uint32_t used = 0;  // bytes
};

// One entry after the other, and behind them the SHA-256 over them (2.9.2). Errors (config):
// secure_cert_value (two of one type and subtype; an integrity entry, which is made here),
// secure_cert_full (with what is needed and what there is).
[[nodiscard]] Result<Built> build(std::uint32_t size, const std::vector<Entry>& entries);

struct Fault {
    std::uint32_t offset = 0;
    std::string problem;

    [[nodiscard]] std::string text() const;  // "at 0x470: its CRC is wrong"
};

enum class Integrity : std::uint8_t { none, right, wrong };

struct Contents {
    std::uint64_t size = 0;
    std::uint32_t used = 0;
    std::vector<Entry> entries;  // those whose CRC is right, in their order
    Integrity integrity = Integrity::none;
    std::vector<Fault> faults;
};

// Whether it begins like one, or has a whole entry where one may begin.
[[nodiscard]] bool is_secure_cert(ByteView image);

// Reads any bytes, even malicious ones: what is damaged is left out, and told.
[[nodiscard]] Contents read(ByteView image);

}  // namespace imprint::image::secure_cert
