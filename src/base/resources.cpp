#include "base/resources.h"

#include <cstdlib>
#include <system_error>
#include <vector>

namespace imprint {

namespace fs = std::filesystem;

fs::path this_program() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error);
}

std::optional<fs::path> find_resource(std::string_view relative) {
    std::vector<fs::path> folders;
    if (const char* given = std::getenv("IMPRINT_RESOURCES"); given != nullptr && *given != '\0')
        folders.emplace_back(given);
    const fs::path beside = this_program().parent_path();
    folders.push_back(beside / "resources");
    folders.push_back(beside.parent_path() / "lib" / "imprint");
    folders.emplace_back("/usr/lib/imprint");
    for (const auto& folder : folders) {
        std::error_code error;
        fs::path path = folder / relative;
        if (fs::exists(path, error)) return path;
    }
    return std::nullopt;
}

}  // namespace imprint
