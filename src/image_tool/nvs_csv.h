// The CSV of nvs_partition_gen.py: key,type,encoding,value. Internal to the layer.
// Rules: Python's csv.DictReader as generate() of esp-idf-nvs-partition-gen 0.2.0 uses it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace imprint::image_tool {

struct NvsRow {
    std::size_t line = 0;  // of its first character
    std::string key;
    std::string type;      // lower case, without blanks around
    std::string encoding;  // likewise
    std::optional<std::string> value;
};

// Error: nvs_csv (config), with the line; never with a value, which may be a password.
[[nodiscard]] Result<std::vector<NvsRow>> parse_nvs_csv(ByteView file);

}  // namespace imprint::image_tool
