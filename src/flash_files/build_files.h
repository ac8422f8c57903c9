// What a build says of its own files, taken with care: a folder of artifacts may come from
// elsewhere, and what it names goes onto every board.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::flash_files {

// The file that flasher_args.json names, in the folder that it lies in. ESP-IDF writes paths from
// there. Error: build_file_outside (config), for an absolute path, one that leaves the folder by
// "..", and one that leads out of it by a link.
[[nodiscard]] Result<std::filesystem::path> build_file(const std::filesystem::path& folder,
                                                       const std::string& name);

// The first key that an object of this JSON text has twice: a parser takes one of the two values.
[[nodiscard]] std::optional<std::string> key_named_twice(std::string_view text);

}  // namespace imprint::flash_files
