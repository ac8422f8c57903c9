#include "loader/plan.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace imprint::loader {

namespace {

constexpr std::uint32_t erase_block = 0x10000;
constexpr std::uint32_t page = 256;
constexpr std::uint32_t smallest_sampled = 2 * flash_sector;

void add(std::vector<FlashRange>& ranges, std::uint32_t offset, std::uint32_t size) {
    if (!ranges.empty() && ranges.back().offset + ranges.back().size == offset)
        ranges.back().size += size;
    else
        ranges.push_back({offset, size});
}

struct Candidate {
    FlashRange range;
    unsigned fruitless = 0;
};

class Search {
  public:
    Search(const FlashData& region, const Md5Oracle& in_flash, const PlanLimits& limits)
        : region_(&region), in_flash_(&in_flash), limits_(limits), left_(limits.questions) {}

    Result<std::vector<FlashRange>> run(Whole known) {
        const FlashRange whole{region_->offset(), region_->size()};
        if (whole.size == 0) return std::vector<FlashRange>{};
        bool differs = known == Whole::differs;
        if (!differs) {
            IMPRINT_TRY(differs, ask(whole));
        }
        if (!differs) return std::vector<FlashRange>{};

        std::vector<Candidate> found{{whole, 0}};
        for (;;) {
            const auto splittable = std::ranges::count_if(
                found, [this](const Candidate& each) { return can_split(each); });
            // Level by level, so that the questions go to the largest ranges first.
            if (splittable == 0 || 2 * static_cast<std::uint64_t>(splittable) > left_) break;
            IMPRINT_TRY(found, halve(found));
        }
        return merge(found, whole);
    }

  private:
    [[nodiscard]] bool can_split(const Candidate& each) const {
        return each.range.size > flash_sector && each.fruitless < limits_.fruitless_halvings;
    }

    Result<bool> ask(const FlashRange& range) {
        left_ -= std::min(left_, 1U);
        const ByteView content =
            region_->content().subspan(range.offset - region_->offset(), range.size);
        const Md5 wanted =
            content.size() == region_->size() ? region_->md5() : imprint::md5(content);
        IMPRINT_TRY(const Md5 found, (*in_flash_)(range.offset, range.size));
        return found != wanted;
    }

    Result<std::vector<Candidate>> halve(const std::vector<Candidate>& found) {
        std::vector<Candidate> next;
        for (const Candidate& each : found) {
            if (!can_split(each)) {
                next.push_back(each);
                continue;
            }
            const std::uint32_t unit = each.range.size > erase_block ? erase_block : flash_sector;
            const auto half = static_cast<std::uint32_t>(round_up(each.range.size / 2, unit));
            const FlashRange first{each.range.offset, half};
            const FlashRange second{each.range.offset + half, each.range.size - half};
            IMPRINT_TRY(const bool first_differs, ask(first));
            // The whole differs: if the first half does not, the second must.
            bool second_differs = true;
            if (first_differs) {
                IMPRINT_TRY(second_differs, ask(second));
            }
            const unsigned fruitless = first_differs && second_differs ? each.fruitless + 1 : 0;
            if (first_differs) next.push_back({first, fruitless});
            if (second_differs) next.push_back({second, fruitless});
        }
        return next;
    }

    // Neighbours become one, and nearly everything becomes everything.
    static std::vector<FlashRange> merge(const std::vector<Candidate>& found,
                                         const FlashRange& whole) {
        std::vector<FlashRange> ranges;
        std::uint64_t bytes = 0;
        for (const Candidate& each : found) {
            bytes += each.range.size;
            add(ranges, each.range.offset, each.range.size);
        }
        if (bytes * 4 >= static_cast<std::uint64_t>(whole.size) * 3) return {whole};
        return ranges;
    }

    const FlashData* region_;
    const Md5Oracle* in_flash_;
    PlanLimits limits_;
    unsigned left_;
};

// The region's sectors by what is in them, as offsets in it.
struct Sectors {
    std::vector<std::uint32_t> full;    // at least half of the pages
    std::vector<std::uint32_t> sparse;  // fewer

    explicit Sectors(ByteView content) {
        for (std::uint32_t at = 0; at < content.size(); at += flash_sector) {
            unsigned used = 0;
            for (std::uint32_t in = at; in < at + flash_sector; in += page)
                used += is_blank(content.subspan(in, page)) ? 0 : 1;
            if (used >= flash_sector / page / 2)
                full.push_back(at);
            else if (used > 0)
                sparse.push_back(at);
        }
    }

    static bool is_blank(ByteView bytes) {
        return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
    }
};

enum class Found { same, blank, other };

Result<Found> look(const FlashData& region, const Md5Oracle& in_flash, std::uint32_t at) {
    static const Md5 blank = imprint::md5(Bytes(flash_sector, 0xFF));
    IMPRINT_TRY(const Md5 found, in_flash(region.offset() + at, flash_sector));
    if (found == imprint::md5(region.content().subspan(at, flash_sector))) return Found::same;
    return found == blank ? Found::blank : Found::other;
}

}  // namespace

std::uint32_t RegionPlan::bytes_to_write() const {
    return std::transform_reduce(ranges.begin(), ranges.end(), 0U, std::plus<>(),
                                 [](const FlashRange& range) { return range.size; });
}

Result<RegionPlan> search_region(const FlashData& region, const Md5Oracle& in_flash,
                                 const PlanLimits& limits, Whole whole) {
    IMPRINT_TRY(auto ranges, Search(region, in_flash, limits).run(whole));
    const bool proven = ranges.empty();
    return RegionPlan{region, std::move(ranges), proven, false};
}

Result<RegionPlan> plan_region(const FlashData& region, const Md5Oracle& in_flash,
                               const PlanLimits& limits) {
    const Sectors sectors(region.content());
    const auto& telling = sectors.full.empty() ? sectors.sparse : sectors.full;
    // A few sectors are as quickly asked for as looked at.
    if (telling.empty() || region.size() < smallest_sampled)
        return search_region(region, in_flash, limits);
    bool blank = false;
    bool any_same = false;
    bool any_other = false;
    for (const std::uint32_t at :
         std::set{telling.front(), telling[telling.size() / 2], telling.back()}) {
        IMPRINT_TRY(const Found found, look(region, in_flash, at));
        any_same = any_same || found == Found::same;
        any_other = any_other || found != Found::same;
        if (any_same && any_other) return search_region(region, in_flash, limits, Whole::differs);
        // Writing begins at the front: nothing of it has been written.
        blank = at == telling.front() && found == Found::blank;
        if (blank) break;
    }
    if (any_same) return RegionPlan{region, {}, false, false};
    bool sparse_there = false;
    if (!blank && !sectors.full.empty() && !sectors.sparse.empty()) {
        IMPRINT_TRY(const Found found, look(region, in_flash, sectors.sparse.back()));
        sparse_there = found == Found::same;
    }
    RegionPlan plan{region, {}, false, !sparse_there};
    if (sparse_there)
        // With the sector behind each, where the last file may end.
        for (const std::uint32_t at : sectors.full) {
            add(plan.ranges, region.offset() + at, flash_sector);
            const std::uint32_t next = at + flash_sector;
            if (std::ranges::binary_search(sectors.sparse, next))
                add(plan.ranges, region.offset() + next, flash_sector);
        }
    else
        for (const FlashPiece& piece : region.pieces())
            add(plan.ranges, region.offset() + piece.from, piece.erase_size);
    return plan;
}

}  // namespace imprint::loader
