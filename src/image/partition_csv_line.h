// One line of a partition table in CSV, taken apart. Internal to the layer.
// Rules: PartitionTable.from_csv in ESP-IDF's gen_esp32part.py.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "image/partition_table.h"

namespace imprint::image {

// name, type, subtype, offset, size, flags; those that the line lacks are empty.
using CsvFields = std::array<std::string, 6>;

[[nodiscard]] std::unexpected<Error> bad_field(std::size_t line, std::string_view field,
                                               std::string message, std::string hint = {});

// Nothing for a comment or an empty line. Error: partition_table_csv, also for what a spreadsheet
// makes of a table: other separators, quotation marks, a heading.
[[nodiscard]] Result<std::optional<CsvFields>> csv_fields(std::string_view text, std::size_t line,
                                                          const PartitionTable::Options& options);

}  // namespace imprint::image
