// The implementation of `imprint image …`, between the command line and the image layer. Members
// are named like the options of spiffsgen.py and gen_esp32part.py, so that a build can replace one
// by the other. Nothing here prints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "image/nvs_keys.h"
#include "image/spiffs.h"

namespace imprint::image_tool {

// "0xF0000", "983040", "960K", "4M", "4MB". Error: bad_size (usage).
[[nodiscard]] Result<std::uint32_t> parse_size(std::string_view text);
// "ALL", as esptool has it, is nothing here: to the end, wherever that is.
[[nodiscard]] Result<std::optional<std::uint32_t>> parse_size_or_all(std::string_view text);

// imprint image spiffs IMAGE_SIZE BASE_DIR OUTPUT_FILE [options]
struct SpiffsCommand {
    std::uint32_t image_size = 0;
    std::filesystem::path base_dir;
    std::filesystem::path output_file;
    std::uint32_t page_size = 256;
    std::uint32_t block_size = 4096;
    std::uint32_t obj_name_len = 32;
    std::uint32_t meta_len = 4;
    bool use_magic = true;         // --use-magic, --no-magic
    bool use_magic_len = true;     // --use-magic-len, --no-magic-len
    bool follow_symlinks = false;  // go into folders behind links; links to files always count
    bool big_endian = false;
    bool aligned_obj_ix_tables = false;
    bool read_only = false;  // ours: the device never writes, so no free space is needed
};

struct SpiffsReport {
    std::size_t files = 0;
    std::uint64_t bytes = 0;  // size of their content
    image::spiffs::Usage usage;
    std::vector<std::string> warnings;
    bool holds_private_key = false;  // the image was therefore written with mode 0600
};

// Each file below base_dir becomes "/" and its relative path. Writes output_file completely or not
// at all. Errors: those of image::spiffs::build; directory_unreadable, file_unreadable,
// file_not_regular, symlink_dangling, symlink_loop (config); output_inside_input (usage).
[[nodiscard]] Result<SpiffsReport> make_spiffs(const SpiffsCommand& command);

enum class Secure { none, v1, v2 };

// imprint image partition-table INPUT [OUTPUT] [options]
struct PartitionTableCommand {
    std::filesystem::path input;         // CSV or binary; "-" is standard input
    std::filesystem::path output = "-";  // in the other format; "-": see the report
    std::optional<std::uint32_t> flash_size;
    bool disable_md5sum = false;
    bool no_verify = false;
    bool quiet = false;  // no notes in the report
    std::uint32_t offset = 0x8000;
    std::optional<std::uint32_t> primary_bootloader_offset;
    std::optional<std::uint32_t> recovery_bootloader_offset;
    Secure secure = Secure::none;
    std::vector<std::string> extra_partition_subtypes;  // "data, my_log, 0x99"
};

struct PartitionTableReport {
    bool to_csv = false;    // the input was binary
    Bytes standard_output;  // what to print when output is "-"
    std::vector<std::string> notes;
    std::vector<std::string> warnings;
};

// Errors: those of image::PartitionTable and image::parse_extra_subtype; bootloader_above_table
// (usage); partition_name_in_csv (config) if a name cannot be written in a CSV.
[[nodiscard]] Result<PartitionTableReport> convert_partition_table(
    const PartitionTableCommand& command);

// imprint image inspect FILE [--json]
struct InspectOptions {
    bool json = false;  // one object, described in docs/images.md
    std::optional<std::uint32_t>
        table_offset;  // of a CSV, or in a whole flash; none: it is searched for
    std::optional<std::uint32_t> primary_bootloader_offset;  // for a CSV that names a bootloader
    std::shared_ptr<const image::nvs::Keys> nvs_keys = nullptr;  // none: what is encrypted stays so
};

// Recognises a partition table (binary, CSV), an app or bootloader, a SPIFFS image, an NVS or
// esp_secure_cert partition and the dump of a whole flash, and describes its content, for a person,
// or as JSON on one line. Errors (config): image_unknown, and those of the format that it seems to
// be.
[[nodiscard]] Result<std::string> inspect(const std::filesystem::path& file,
                                          const InspectOptions& options = {});

// imprint image unpack FILE DIR
struct UnpackOptions {
    std::string partition;  // of a whole flash; empty: its one SPIFFS, esp_secure_cert or NVS
    std::optional<std::uint32_t> table_offset;
    std::shared_ptr<const image::nvs::Keys> nvs_keys = nullptr;
};

struct UnpackReport {
    std::vector<std::string> files;  // their names in the image
    std::vector<std::string> warnings;
    bool holds_private_key = false;  // the folder therefore has mode 0700
};

// Writes the files of a SPIFFS image below `directory`, the values of an NVS partition as
// NAMESPACE/KEY, or the entries of an esp_secure_cert partition by their types' names. It must be
// new or empty and appears complete or not at all. What looks like a private key, and all that was
// encrypted, is written with mode 0600. Errors: those of inspect; unpack_name (config) for names
// that would leave the folder or be both file and folder; directory_not_empty (usage);
// partition_choice (usage).
[[nodiscard]] Result<UnpackReport> unpack(const std::filesystem::path& file,
                                          const std::filesystem::path& directory,
                                          const UnpackOptions& options = {});

}  // namespace imprint::image_tool
