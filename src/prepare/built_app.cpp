#include "prepare/built_app.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>

#include "base/git.h"
#include "image/app_image.h"

namespace imprint::prepare {

namespace {

// Seconds since 1970, from "HEAD@{1764374400}".
std::optional<std::time_t> head_moved_at(const std::filesystem::path& directory) {
    const auto output = Git(directory).run(
        {"log", "--walk-reflogs", "--max-count=1", "--date=unix", "--format=%gd", "HEAD"});
    if (!output || output->status != 0) return std::nullopt;
    const std::string& text = output->text;
    const auto brace = text.find('{');
    if (brace == std::string::npos) return std::nullopt;
    std::time_t time = 0;
    const auto [end, error] =
        std::from_chars(text.data() + brace + 1, text.data() + text.size(), time);
    if (error != std::errc() || end == text.data() + text.size() || *end != '}')
        return std::nullopt;
    return time;
}

}  // namespace

BuiltApp built_app(ByteView app_image) {
    const auto parsed = image::parse_app_image(app_image);
    if (!parsed || !parsed->description) return {};
    return {parsed->description->project, parsed->description->version,
            to_hex(parsed->description->elf_sha256)};
}

std::string stale_build(const std::filesystem::path& directory,
                        const std::vector<std::filesystem::path>& files) {
    std::time_t newest = 0;
    for (const auto& file : files) {
        struct stat info{};
        if (::stat(file.c_str(), &info) == 0) newest = std::max(newest, info.st_mtime);
    }
    if (newest == 0) return {};
    const auto moved = head_moved_at(directory);
    if (!moved || *moved <= newest) return {};
    return fmt::format(
        "the build is older than its source: {} has come to another commit since. What is flashed "
        "is the build; set firmware.build, or build it again",
        directory.string());
}

}  // namespace imprint::prepare
