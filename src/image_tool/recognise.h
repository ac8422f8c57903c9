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
#include "image/partition_table.h"
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
    std::variant<Erased, OtherData, Damaged, NotThere, TableFound, AppFound, SpiffsFound> what;
};

struct FlashPart {
    std::string name;  // the partition's; "bootloader", "partition table"
    std::string kind;  // "data nvs"; empty for those two, which are in no table
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    Finding finding;
};

struct FlashFound {
    std::uint64_t size = 0;
    TableFound table;
    std::uint32_t table_offset = 0;
    std::vector<FlashPart> parts;  // sorted by their place
};

// One function for each kind of finding.
template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

// Errors: as inspect().
[[nodiscard]] Result<std::variant<Finding, FlashFound>> recognise(ByteView bytes,
                                                                  const InspectOptions& options);

[[nodiscard]] std::string inspect_text(const std::variant<Finding, FlashFound>& found);
[[nodiscard]] std::string inspect_json(const std::variant<Finding, FlashFound>& found);

// "ESP32-S3", "chip 99". Source: esp_chip_id_t in ESP-IDF's esp_app_format.h.
[[nodiscard]] std::string chip_name(std::uint16_t chip_id);
// "dio", "80 MHz / 2", "4 MB": from the header of an app image.
[[nodiscard]] std::string flash_mode_name(std::uint8_t mode);
[[nodiscard]] std::string flash_clock_name(std::uint8_t code);
[[nodiscard]] std::string flash_size_name(std::uint8_t code);
// A bootloader's description has another magic than an app's; before ESP-IDF 5.2 it has none.
[[nodiscard]] std::string_view image_kind(const image::AppImage& image);

}  // namespace imprint::image_tool
