// Decides what has to be written so that flash holds the right content, from MD5s of ranges that
// the chip computes itself. Pure: the MD5s may come from a chip, a file or a test.
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
    // The MD5 of the whole region shows that flash holds it. If false, it must still be checked,
    // even if there is nothing to write: what is not in `ranges` may have been assumed wrongly.
    bool proven = false;
    bool all_used = false;  // the ranges are all parts that are not blank

    [[nodiscard]] std::uint32_t bytes_to_write() const;
};

// Limits of the search. Each question costs time too: at some point writing is cheaper.
struct PlanLimits {
    unsigned questions = 64;  // for one region
    // A range is not halved further once this many halvings in a row found nothing equal.
    unsigned fruitless_halvings = 2;
};

// The quick plan. It compares three sectors that are full of content; only the first if flash is
// blank there. If all are in flash, the whole region counts as being there until it is verified. If
// none is, everything that is not blank is to be written, except nearly empty sectors if the last
// of those is there (other files in the same file system); blank parts of the region are assumed to
// be blank in flash. If some are there, the region is searched.
[[nodiscard]] Result<RegionPlan> plan_region(const FlashData& region, const Md5Oracle& in_flash,
                                             const PlanLimits& limits = {});

enum class Whole : std::uint8_t { unknown, differs };

// Compares the MD5 of the whole region (unless it is known to differ), and then repeatedly halves
// what differs, down to a sector: an interrupted write continues where it was, and a changed page
// costs a page. What is in no range is known to be in flash.
[[nodiscard]] Result<RegionPlan> search_region(const FlashData& region, const Md5Oracle& in_flash,
                                               const PlanLimits& limits = {},
                                               Whole whole = Whole::unknown);

}  // namespace imprint::loader
