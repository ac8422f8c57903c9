// Reads a folder for a file system image: the same code for all images.
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

enum class LinkedFolders {
    left_out,  // with a warning, as spiffsgen.py (os.walk) leaves them out
    followed,
    refused,  // with symlink_to_folder (config)
};

// Files that desktops create in every folder that they show: .DS_Store, Thumbs.db etc.
enum class Litter {
    packed,    // with a warning: spiffsgen.py packs every file
    left_out,  // with a warning
};

// Files that are larger than size_limit, alone or together, are refused before they are read.
// Errors: see make_spiffs.
[[nodiscard]] Result<DirectoryContents> read_directory(const std::filesystem::path& directory,
                                                       LinkedFolders linked, Litter litter,
                                                       std::uint64_t size_limit);

}  // namespace imprint::image_tool
