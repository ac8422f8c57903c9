#include "image_tool/output_folder.h"

#include <fmt/format.h>
#include <system_error>

namespace imprint::image_tool {

Result<void> make_parent(const std::filesystem::path& path) {
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (error)
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot make the folder {}: {}", path.parent_path().string(),
                                error.message()));
    return {};
}

}  // namespace imprint::image_tool
