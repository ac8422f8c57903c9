#include "pki/secret_file.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/ownership.h"

namespace imprint::pki {

Result<Secret> read_secret_file(const std::filesystem::path& path, std::string_view what) {
    namespace fs = std::filesystem;
    std::error_code failed;
    const auto status = fs::status(path, failed);
    constexpr fs::perms others = fs::perms::group_all | fs::perms::others_all;
    if (!failed && fs::is_regular_file(status) &&
        (status.permissions() & others) != fs::perms::none)
        return fail(
            ErrorKind::config, "secret_exposed",
            fmt::format("{} in {} can be read by others than its owner", what, path.string()),
            fmt::format("chmod 600 {}; if others had access, make a new one", path.string()));
    // A link is followed: it is what secrets are mounted by. What it points to has to be ours.
    if (!failed && fs::is_regular_file(status))
        if (auto ours = check_ours(fs::canonical(path, failed)); !ours)
            return with_context(std::move(ours).error(), std::string(what));
    auto bytes = read_file(path);
    if (!bytes) return with_context(std::move(bytes).error(), std::string(what));
    return Secret(std::move(*bytes));
}

}  // namespace imprint::pki
