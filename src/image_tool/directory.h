// Reading a folder for a file system image, by the rules of spiffsgen.py (os.walk).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "image/spiffs.h"

namespace imprint::image_tool {

struct DirectoryContents {
    std::vector<image::spiffs::File> files;  // path: "/" and the path from the folder
    std::vector<std::string> warnings;
};

// A file larger than size_limit is refused before it is read.
// Errors: see make_spiffs.
[[nodiscard]] Result<DirectoryContents> read_directory(const std::filesystem::path& directory,
                                                       bool follow_symlinks,
                                                       std::uint64_t size_limit);

}  // namespace imprint::image_tool
