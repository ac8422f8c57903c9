#include <fmt/format.h>
#include <system_error>

#include "station/doctor/machine_checks.h"

namespace imprint::station::doctor {

namespace {

namespace fs = std::filesystem;

// A ledger of 100,000 boards takes some hundred MB, and a lot's archive a few KB for each board.
constexpr std::uint64_t wanted_bytes = 256'000'000;
constexpr std::uint64_t wanted_files = 20'000;

// What is there of a folder that is made later.
fs::path nearest_folder(fs::path path) {
    std::error_code error;
    path = fs::absolute(path.empty() ? "." : path, error);
    while (!fs::is_directory(path, error) && path.has_relative_path())
        path = path.parent_path();
    return path;
}

void check_disk(const Machine& machine, const char* what, const fs::path& place, Checks& checks) {
    const fs::path folder = nearest_folder(place);
    const auto disk = machine.disk(folder);
    if (!disk) return;
    const std::uint64_t megabytes = disk->bytes / 1'000'000;
    const Checks::Facts facts{{"path", folder.string()},
                              {"free_bytes", std::to_string(disk->bytes)}};
    if (disk->bytes < wanted_bytes)
        checks.warn(
            "disk",
            fmt::format("{} MB are left at {}, where the {} is", megabytes, folder.string(), what),
            "make room before the shift: a full disk ends it", facts);
    else if (disk->files && *disk->files < wanted_files)
        checks.warn("disk",
                    fmt::format("the disk at {}, where the {} is, has room for {} more files",
                                folder.string(), what, *disk->files),
                    "remove small files there, or use another disk; `df -i` shows it", facts);
    else
        checks.ok("disk", fmt::format("{} MB are left for the {}", megabytes, what), facts);
}

}  // namespace

void check_disks(const Machine& machine, const prepare::Settings& settings, Checks& checks) {
    check_disk(machine, "ledger", settings.ledger.path.parent_path(), checks);
    if (!settings.credentials.archive.empty())
        check_disk(machine, "archive", settings.credentials.archive, checks);
}

}  // namespace imprint::station::doctor
