// Parses imprint.toml as TOML and checks it against the table of keys. Internal to the layer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/keys.h"

namespace imprint::config {

struct FileValue {
    const Key* key = nullptr;
    KeyValue value;
    unsigned line = 0;
};

// Errors: config_syntax, config_unknown_key, config_value, each with file and line.
[[nodiscard]] Result<std::vector<FileValue>> parse_config_file(std::string_view text,
                                                               const std::filesystem::path& file);

}  // namespace imprint::config
