// A .tar.gz of texts. Formats: POSIX.1-1988 ustar; RFC 1952 (gzip).
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace imprint::support {

struct PackedFile {
    std::string name;  // plain: no folder, at most 60 characters
    std::string text;
    std::string meaning;  // for the list of what is in it
};

// The files in a folder of that name, readable by their owner alone.
[[nodiscard]] std::string pack(const std::string& folder, const std::vector<PackedFile>& files,
                               WallTime now);

}  // namespace imprint::support
