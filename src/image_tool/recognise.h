// Recognises the kind of image in some bytes, and what it contains. Internal to the layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "image/app_image.h"
#include "image/nvs.h"
#include "image/partition_table.h"
#include "image/secure_cert.h"
#include "image/spiffs.h"
#include "image_tool/commands.h"

namespace imprint::image_tool {

struct TableFound {
    image::PartitionTable table;
    bool csv = false;
    std::string problem;  // verify()'s error; empty: none
};

struct AppFound {
    image::AppImage image;
};

struct SpiffsFound {
    image::spiffs::Contents contents;
};

struct NvsFound {
    image::nvs::Contents contents;
    bool decrypted = false;  // with keys that were given
};

struct SecureCertFound {
    image::secure_cert::Contents contents;
};

struct Named {                 // known by its first bytes, and not looked into
    std::string kind;          // "littlefs", "fat", "esp8266"
    std::string text;          // for a person
    std::uint32_t unit = 0;    // bytes of a block or sector; 0: not told
    std::uint64_t length = 0;  // bytes that it says it has; 0: not told
};

struct Erased {};  // FF throughout

struct OtherData {           // anything that is not analysed further
    std::uint64_t used = 0;  // bytes up to the last one that is not FF
};

struct Damaged {  // seemed to be an image, but is damaged
    Error error;
};

struct NotThere {  // beyond the end of the file
    std::uint64_t missing = 0;
};

struct Finding {
    std::uint64_t size = 0;  // bytes looked at
    std::variant<Erased, OtherData, Damaged, NotThere, Named, TableFound, AppFound, SpiffsFound,
                 NvsFound, SecureCertFound>
        what;
};

struct FlashPart {
    std::string name;  // the partition's; "bootloader", "outside the partitions"
    std::string kind;  // "data nvs"; empty for those two, which are in no table
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    Finding finding;
};

struct FlashFound {
    std::uint64_t size = 0;
    std::uint32_t begins_at = 0;  // address in flash of the file's first byte
    TableFound table;
    std::uint32_t table_offset = 0;     // address in flash
    std::vector<FlashPart> parts;       // sorted by their place
    std::vector<std::string> warnings;  // of what does not go together
};

// One function for each kind of finding.
template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

// Errors: as inspect().
[[nodiscard]] Result<std::variant<Finding, FlashFound>> recognise(ByteView bytes,
                                                                  const InspectOptions& options);

// What stands in some bytes by itself, also as the content of a partition.
[[nodiscard]] Finding read_app(ByteView bytes);
[[nodiscard]] Finding read_spiffs(ByteView bytes);
// Keys: those of an encrypted one, if they are at hand.
[[nodiscard]] Finding read_nvs(ByteView bytes, const image::nvs::Keys* keys);
[[nodiscard]] Finding read_secure_cert(ByteView bytes);
[[nodiscard]] Finding read_other(ByteView bytes);
[[nodiscard]] bool is_erased(ByteView bytes);
[[nodiscard]] bool is_table(ByteView bytes);
inline constexpr std::uint8_t app_magic = 0xE9;
[[nodiscard]] Result<TableFound> read_table(ByteView bytes,
                                            const image::PartitionTable::Options& options);
[[nodiscard]] image::PartitionTable::Options table_options(const InspectOptions& options);

// A dump or a merged binary; nothing if there is no partition table in it.
[[nodiscard]] Result<std::optional<FlashFound>> recognise_flash(ByteView bytes,
                                                                const InspectOptions& options);

// An NVS partition as inspect shows it, and in one line.
[[nodiscard]] std::string nvs_text(const NvsFound& found);
[[nodiscard]] std::string nvs_summary(const NvsFound& found);
// Its values, and what is wrong with it.
[[nodiscard]] std::string nvs_values_text(const NvsFound& found, std::string_view indent);
// An esp_secure_cert partition likewise.
[[nodiscard]] std::string secure_cert_text(const SecureCertFound& found);
[[nodiscard]] std::string secure_cert_summary(const SecureCertFound& found);
[[nodiscard]] std::string secure_cert_entries_text(const SecureCertFound& found,
                                                   std::string_view indent);
// How a private key is kept, by its entry's flags; empty: as it is.
[[nodiscard]] std::string_view key_kept(std::uint8_t flags);
// A name that a stranger chose, without the quotes unless it needs them.
[[nodiscard]] std::string shown(std::string_view name);

[[nodiscard]] std::string inspect_text(const std::variant<Finding, FlashFound>& found);
[[nodiscard]] std::string inspect_json(const std::variant<Finding, FlashFound>& found);

// "ESP32-S3", "chip 99". Source: esp_chip_id_t in ESP-IDF's esp_app_format.h.
[[nodiscard]] std::string chip_name(std::uint16_t chip_id);
// Where the chip's ROM looks for its bootloader.
[[nodiscard]] std::uint32_t bootloader_offset(std::uint16_t chip_id);
// "dio", "40m", "4 MB": from the header of an app image. The frequency as esptool writes it; its
// code means another one on another chip.
[[nodiscard]] std::string flash_mode_name(std::uint8_t mode);
[[nodiscard]] std::string flash_frequency_name(std::uint16_t chip_id, std::uint8_t code);
[[nodiscard]] std::string flash_size_name(std::uint8_t code);
// A bootloader's description has another magic than an app's; before ESP-IDF 5.2 it has none.
[[nodiscard]] std::string_view image_kind(const image::AppImage& image);

}  // namespace imprint::image_tool
