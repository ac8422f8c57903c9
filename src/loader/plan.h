// What has to be written so that flash holds what it should: decided from MD5s of ranges, which the
// chip computes itself. Pure: the MD5s may come from a chip, a file or a test.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "loader/flash_data.h"

namespace imprint::loader {

struct FlashRange {
    std::uint32_t offset = 0;  // of flash; both are whole sectors
    std::uint32_t size = 0;
    bool operator==(const FlashRange&) const = default;
};

// The MD5 of what is in flash now.
using Md5Oracle = std::function<Result<Md5>(std::uint32_t offset, std::uint32_t size)>;

struct RegionPlan {
    FlashData region;
    std::vector<FlashRange> ranges;  // in order, apart from each other; empty: flash holds it all

    [[nodiscard]] std::uint32_t bytes_to_write() const;
};

struct FlashPlan {
    std::vector<RegionPlan> regions;

    [[nodiscard]] std::uint64_t bytes_to_write() const;
    [[nodiscard]] std::uint64_t bytes_total() const;
};

// How far the search goes. Asking costs time as well: at some point writing is cheaper.
struct PlanLimits {
    unsigned questions = 64;  // for one region
    // A range is not halved any further once this many halvings in a row found nothing equal.
    unsigned fruitless_halvings = 2;
};

// A region that differs at its start, middle and end is written whole: a blank board, or another
// program's. Else its MD5 is asked for, and then those of halves of halves of what differs, down to
// a sector: an interrupted write goes on where it was, and a changed page costs a page. A region is
// only called equal by the MD5 of all of it.
[[nodiscard]] Result<RegionPlan> plan_region(const FlashData& region, const Md5Oracle& in_flash,
                                             const PlanLimits& limits = {});
[[nodiscard]] Result<FlashPlan> plan_flash(std::span<const FlashData> regions,
                                           const Md5Oracle& in_flash,
                                           const PlanLimits& limits = {});

}  // namespace imprint::loader
