// The files that a build names, checked: a folder of artifacts may come from elsewhere, and the
// files that it names go onto every board.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imprint::flash_files {

// The file that flasher_args.json names, relative to its own folder, as ESP-IDF writes the paths.
// Error: build_file_outside (config), for an absolute path, one that leaves the folder by "..", and
// one that leads out of it through a link.
[[nodiscard]] Result<std::filesystem::path> build_file(const std::filesystem::path& folder,
                                                       const std::string& name);

// The first key that is duplicated in an object of this JSON text: a parser takes one of the two
// values.
[[nodiscard]] std::optional<std::string> key_named_twice(std::string_view text);

}  // namespace imprint::flash_files
