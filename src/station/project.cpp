#include "station/project.h"

#include <fmt/format.h>
#include <system_error>

#include "base/files.h"
#include "station/config.h"

namespace imprint::station {

Result<std::vector<std::filesystem::path>> write_project_files(
    const std::filesystem::path& directory, bool force) {
    const auto config = directory / "imprint.toml";
    const auto policy = directory / "imprint-policy.json";
    std::error_code error;
    if (!force && std::filesystem::exists(config, error))
        return fail(ErrorKind::usage, "init_exists",
                    fmt::format("{} is there already", config.lexically_normal().string()),
                    "edit it, or write it anew with --force");
    std::vector<std::filesystem::path> written;
    IMPRINT_CHECK(write_file(config, sample_config()));
    written.push_back(config.lexically_normal());
    if (force || !std::filesystem::exists(policy, error)) {
        IMPRINT_CHECK(write_file(policy, sample_policy()));
        written.push_back(policy.lexically_normal());
    }
    return written;
}

}  // namespace imprint::station
