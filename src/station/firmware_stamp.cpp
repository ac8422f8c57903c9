#include "station/firmware_stamp.h"

#include <algorithm>
#include <system_error>

namespace imprint::station {

namespace {

FileStamp stamp_of(const std::filesystem::path& path) {
    std::error_code failed;
    FileStamp stamp{path, std::filesystem::file_size(path, failed), {}, false};
    if (failed) return {path, 0, {}, false};
    stamp.changed = std::filesystem::last_write_time(path, failed);
    stamp.there = !failed;
    return stamp;
}

}  // namespace

std::vector<FileStamp> stamps_of(const prepare::Firmware& firmware) {
    std::vector<FileStamp> stamps;
    for (const auto& file : firmware.files)
        stamps.push_back(stamp_of(file.path));
    for (const auto& image : firmware.own_images)
        stamps.push_back(stamp_of(image.path));
    return stamps;
}

bool are_of_before(const std::vector<FileStamp>& stamps, std::filesystem::file_time_type read) {
    return std::ranges::all_of(
        stamps, [&](const FileStamp& one) { return one.there && one.changed < read; });
}

}  // namespace imprint::station
