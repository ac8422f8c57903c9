// The implementation of `imprint image nvs …`. Members are named like the options of
// nvs_partition_gen.py, so that a build can replace one by the other. Nothing here prints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "image/nvs.h"
#include "image/nvs_keys.h"

namespace imprint::image_tool {

// imprint image nvs generate INPUT… OUTPUT SIZE
struct NvsCommand {
    std::vector<std::filesystem::path> inputs;  // CSV, read as one
    std::filesystem::path output;
    std::uint32_t size = 0;
    image::nvs::Version version = image::nvs::Version::two;
    bool full_pages = false;       // as generators before 0.1.7 leave them
    std::filesystem::path outdir;  // where a relative output goes; empty: the current folder
};

// imprint image nvs generate-key, and --keygen
struct NvsKeyCommand {
    std::filesystem::path keyfile;  // in the folder keys of outdir; empty: named by the time
    bool key_protect_hmac = false;
    bool kp_hmac_keygen = false;
    std::filesystem::path kp_hmac_keyfile;
    std::filesystem::path kp_hmac_inputkey;
    std::filesystem::path outdir;
    WallTime now;
};

struct NvsEncryptCommand {
    NvsCommand image;
    bool keygen = false;
    std::filesystem::path inputkey;
    NvsKeyCommand keys;
};

// imprint image nvs decrypt INPUT KEY OUTPUT
struct NvsDecryptCommand {
    std::filesystem::path input;
    std::filesystem::path key;
    std::filesystem::path output;
    std::filesystem::path outdir;
};

struct NvsReport {
    std::filesystem::path output;        // empty: no image was written
    std::filesystem::path keyfile;       // empty: no keys were made
    std::filesystem::path hmac_keyfile;  // likewise
    std::size_t values = 0;
    image::nvs::Usage usage;
    bool secret = false;  // the image has mode 0600
    std::vector<std::string> warnings;
};

// Each file appears completely or not at all. Errors (config): those of image::nvs::Builder and
// image::nvs::Keys, nvs_csv, those of reading and writing files; (usage) output_inside_input: the
// image would replace what it is made of.
[[nodiscard]] Result<NvsReport> generate_nvs(const NvsCommand& command);
// Errors, too: bad_usage, nvs_keys_exist (usage).
[[nodiscard]] Result<NvsReport> encrypt_nvs(const NvsEncryptCommand& command);
[[nodiscard]] Result<NvsReport> decrypt_nvs(const NvsDecryptCommand& command);
[[nodiscard]] Result<NvsReport> generate_nvs_key(const NvsKeyCommand& command);

// Error: those of reading it, nvs_keys (config).
[[nodiscard]] Result<image::nvs::Keys> read_nvs_keys(const std::filesystem::path& file);

}  // namespace imprint::image_tool
