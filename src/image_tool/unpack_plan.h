// Which files an image is unpacked to. Internal to the layer.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "image_tool/commands.h"
#include "image_tool/recognise.h"

namespace imprint::image_tool {

struct PlannedFile {
    std::filesystem::path path;  // below the folder
    std::string name;            // in the image
    Bytes content;
    bool secret = false;  // for its owner alone
};

struct UnpackPlan {
    std::vector<PlannedFile> files;
    std::vector<std::string> warnings;
    bool holds_private_key = false;
    bool secret = false;  // some file is
};

// Errors: see unpack.
[[nodiscard]] Result<UnpackPlan> plan_unpacking(std::variant<Finding, FlashFound> found,
                                                const UnpackOptions& options);

}  // namespace imprint::image_tool
