// What the rows of an NVS partition's CSV stand for.
#pragma once

#include <filesystem>
#include <functional>

#include "image/nvs.h"
#include "image_tool/nvs_csv.h"

namespace imprint::image_tool {

using FileReader = std::function<Result<Bytes>(const std::filesystem::path&)>;

// Of a row of type data or file. Errors (config): nvs_csv (a type or encoding that is not known),
// nvs_value, those of the reader.
[[nodiscard]] Result<image::nvs::Entry> nvs_entry_of(const NvsRow& row, const FileReader& read);

}  // namespace imprint::image_tool
