// What has to be written: decided by asking the chip for MD5s, so that no copy of what was flashed
// before is needed. Pure: the oracle may be a chip, a file or a test.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"

namespace imprint::loader {

struct FlashRange {
    std::uint32_t offset = 0;  // bytes into flash, on a sector
    std::uint32_t size = 0;    // bytes, whole sectors
    bool operator==(const FlashRange&) const = default;
};

using Md5Oracle = std::function<Result<Md5>(std::uint32_t offset, std::uint32_t size)>;

// The ranges in which flash differs from content, adjacent ones merged; empty: nothing to write.
// Whole first, then 64 KiB chunks; only where some chunk is the same already is a differing one
// looked at by 4 KiB sectors, so that a blank or strange flash costs few questions.
[[nodiscard]] Result<std::vector<FlashRange>> differing_ranges(std::uint32_t offset,
                                                               ByteView content,
                                                               const Md5Oracle& flash);

}  // namespace imprint::loader
