#include "config/project.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <system_error>

#include "base/files.h"
#include "config/config.h"

namespace imprint::config {

namespace {

// Of what a run makes in the project's folder; folders of its own making have one in them as well.
constexpr std::array<std::string_view, 4> ignored = {
    "/imprint-ledger.sqlite*", "/imprint-users.txt*", "/minted/", "/registry/"};

// What has to be added to a .gitignore of this content; empty: nothing.
std::string missing_lines(std::string_view there) {
    const auto has = [there](std::string_view wanted) {
        for (std::size_t at = 0; at < there.size();) {
            const std::size_t end = std::min(there.find('\n', at), there.size());
            if (there.substr(at, end - at) == wanted) return true;
            at = end + 1;
        }
        return false;
    };
    std::string missing;
    for (const std::string_view line : ignored)
        if (!has(line)) missing += std::string(line) + '\n';
    if (missing.empty()) return missing;
    const std::string_view gap = there.empty() ? "" : there.ends_with('\n') ? "\n" : "\n\n";
    return fmt::format("{}# Imprint's records and keys: never to be committed\n{}", gap, missing);
}

}  // namespace

Result<std::vector<std::filesystem::path>> write_project_files(
    const std::filesystem::path& directory, bool force, const std::string& region) {
    const auto config = directory / "imprint.toml";
    const auto policy = directory / "imprint-policy.json";
    std::error_code error;
    if (!force && std::filesystem::exists(config, error))
        return fail(ErrorKind::usage, "init_exists",
                    fmt::format("{} is there already", config.lexically_normal().string()),
                    "edit it, or write it anew with --force");
    std::filesystem::create_directories(directory, error);
    if (error)
        return fail(
            ErrorKind::config, "file_unwritable",
            fmt::format("the folder {} cannot be made: {}", directory.string(), error.message()),
            "name another one");
    std::vector<std::filesystem::path> written;
    IMPRINT_CHECK(write_file(config, sample_config()));
    written.push_back(config.lexically_normal());
    if (force || !std::filesystem::exists(policy, error)) {
        IMPRINT_CHECK(write_file(policy, sample_policy(region)));
        written.push_back(policy.lexically_normal());
    }
    const auto ignore = directory / ".gitignore";
    const std::string there = read_text(ignore).value_or("");
    if (const std::string lines = missing_lines(there); !lines.empty()) {
        IMPRINT_CHECK(write_file(ignore, there + lines));
        written.push_back(ignore.lexically_normal());
    }
    return written;
}

}  // namespace imprint::config
