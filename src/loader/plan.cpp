#include "loader/plan.h"

#include <algorithm>
#include <numeric>

namespace imprint::loader {

namespace {

constexpr std::uint32_t erase_block = 0x10000;
// From here on a sample of three tells enough to be worth its three questions.
constexpr std::uint32_t smallest_sampled = 4 * erase_block;

struct Candidate {
    FlashRange range;
    unsigned fruitless = 0;
};

class Search {
  public:
    Search(const FlashData& region, const Md5Oracle& in_flash, const PlanLimits& limits)
        : region_(&region), in_flash_(&in_flash), limits_(limits), left_(limits.questions) {}

    Result<std::vector<FlashRange>> run() {
        const FlashRange whole{region_->offset(), region_->size()};
        if (whole.size == 0) return std::vector<FlashRange>{};
        IMPRINT_TRY(const bool foreign, differs_everywhere(whole));
        if (foreign) return std::vector{whole};
        IMPRINT_TRY(const bool differs, ask(whole));
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

    Result<bool> differs_everywhere(const FlashRange& whole) {
        if (whole.size < smallest_sampled) return false;
        const auto middle = static_cast<std::uint32_t>(round_up(whole.size / 2, flash_sector));
        for (const std::uint32_t at : {0U, middle, whole.size - erase_block}) {
            IMPRINT_TRY(const bool differs, ask({whole.offset + at, erase_block}));
            if (!differs) return false;
        }
        return true;
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
            if (!ranges.empty() && ranges.back().offset + ranges.back().size == each.range.offset)
                ranges.back().size += each.range.size;
            else
                ranges.push_back(each.range);
        }
        if (bytes * 4 >= static_cast<std::uint64_t>(whole.size) * 3) return {whole};
        return ranges;
    }

    const FlashData* region_;
    const Md5Oracle* in_flash_;
    PlanLimits limits_;
    unsigned left_;
};

}  // namespace

std::uint32_t RegionPlan::bytes_to_write() const {
    return std::transform_reduce(ranges.begin(), ranges.end(), 0U, std::plus<>(),
                                 [](const FlashRange& range) { return range.size; });
}

std::uint64_t FlashPlan::bytes_to_write() const {
    return std::transform_reduce(
        regions.begin(), regions.end(), std::uint64_t{0}, std::plus<>(),
        [](const RegionPlan& plan) { return std::uint64_t{plan.bytes_to_write()}; });
}

std::uint64_t FlashPlan::bytes_total() const {
    return std::transform_reduce(
        regions.begin(), regions.end(), std::uint64_t{0}, std::plus<>(),
        [](const RegionPlan& plan) { return std::uint64_t{plan.region.size()}; });
}

Result<RegionPlan> plan_region(const FlashData& region, const Md5Oracle& in_flash,
                               const PlanLimits& limits) {
    IMPRINT_TRY(auto ranges, Search(region, in_flash, limits).run());
    return RegionPlan{region, std::move(ranges)};
}

Result<FlashPlan> plan_flash(std::span<const FlashData> regions, const Md5Oracle& in_flash,
                             const PlanLimits& limits) {
    FlashPlan plan;
    for (const FlashData& region : regions) {
        IMPRINT_TRY(auto one, plan_region(region, in_flash, limits));
        plan.regions.push_back(std::move(one));
    }
    return plan;
}

}  // namespace imprint::loader
