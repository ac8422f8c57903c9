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
    std::vector<FlashRange> ranges;  // in order, apart from each other
    // The MD5 of all of it says that flash holds it. Else it has to be asked for, also where there
    // is nothing to write: what is not in `ranges` may have been taken for what it is not.
    bool proven = false;
    bool all_used = false;  // the ranges are all that is not blank

    [[nodiscard]] std::uint32_t bytes_to_write() const;
};

// How far the search goes. Asking costs time as well: at some point writing is cheaper.
struct PlanLimits {
    unsigned questions = 64;  // for one region
    // A range is not halved any further once this many halvings in a row found nothing equal.
    unsigned fruitless_halvings = 2;
};

// The quick plan. Three sectors that are full of content are looked at; the first alone if flash is
// blank there. If all are in flash, so is the region, until its proof says otherwise. If none is,
// all that is not blank is to be written, but for sectors with little in them if the last of those
// is there (other files in the same file system); what is blank in the region is taken for blank in
// flash. If some are there, the region is searched.
[[nodiscard]] Result<RegionPlan> plan_region(const FlashData& region, const Md5Oracle& in_flash,
                                             const PlanLimits& limits = {});

enum class Whole : std::uint8_t { unknown, differs };

// The MD5 of all of it (where it is not known to differ), and then those of halves of halves of
// what differs, down to a sector: an interrupted write goes on where it was, and a changed page
// costs a page. What is in no range is known to be in flash.
[[nodiscard]] Result<RegionPlan> search_region(const FlashData& region, const Md5Oracle& in_flash,
                                               const PlanLimits& limits = {},
                                               Whole whole = Whole::unknown);

}  // namespace imprint::loader
