// Internal to the layer.
#pragma once

#include <filesystem>

#include "base/secret.h"
#include "image/nvs_keys.h"
#include "image_tool/nvs_commands.h"

namespace imprint::image_tool {

// Made, and in no file yet.
struct NewKeys {
    image::nvs::Keys keys;
    std::filesystem::path keyfile;
    std::filesystem::path hmac_keyfile;  // empty: it is there already, or there is none
    Secret hmac_key;
};

[[nodiscard]] Result<NewKeys> new_nvs_keys(const NvsKeyCommand& command);
// Both files or none.
[[nodiscard]] Result<void> keep(const NewKeys& made);
void drop(const NewKeys& made);

}  // namespace imprint::image_tool
