// The CSV of nvs_partition_gen.py: key,type,encoding,value; and other CSVs with the same rules.
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

// A line of any CSV, taken apart.
struct CsvLine {
    std::size_t line = 0;  // of its first character
    std::vector<std::string> texts;
};

// In UTF-8 or UTF-16, without comments and empty lines. Error: nvs_csv (config), with the line.
[[nodiscard]] Result<std::vector<CsvLine>> parse_csv_lines(ByteView file);

// Error: nvs_csv (config), with the line; never with a value, which may be a password.
[[nodiscard]] Result<std::vector<NvsRow>> parse_nvs_csv(ByteView file);

}  // namespace imprint::image_tool
