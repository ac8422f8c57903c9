// AWS's shared config and credentials files (AWS SDKs and Tools Reference Guide, "Shared config and
// credentials files"): [section], key = value, comments with # or ;, nested keys by indentation.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"

namespace imprint::registry {

using IniSection = std::map<std::string, std::string>;
using IniFile = std::map<std::string, IniSection>;  // by the section's name as written

// A file that is not there is an empty one. Error: credentials_file_damaged (kind registry), with
// file and line and never with what stands there.
[[nodiscard]] Result<IniFile> read_ini(const std::filesystem::path& path);

}  // namespace imprint::registry
