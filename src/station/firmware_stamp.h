// Whether the firmware's files are still those that were read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "prepare/firmware.h"

namespace imprint::station {

struct FileStamp {
    std::filesystem::path path;
    std::uint64_t size = 0;  // bytes
    std::filesystem::file_time_type changed;
    bool there = false;
    bool operator==(const FileStamp&) const = default;
};

// Of each file that a board gets.
[[nodiscard]] std::vector<FileStamp> stamps_of(const prepare::Firmware& firmware);

// Whether each file is there, and has not changed since it was read.
[[nodiscard]] bool are_of_before(const std::vector<FileStamp>& stamps,
                                 std::filesystem::file_time_type read);

}  // namespace imprint::station
