#include "loader/plan.h"

#include <algorithm>

namespace imprint::loader {

namespace {

constexpr std::uint32_t sector = 4096;
constexpr std::uint32_t chunk = 65536;

void add(std::vector<FlashRange>& ranges, FlashRange range) {
    if (!ranges.empty() && ranges.back().offset + ranges.back().size == range.offset)
        ranges.back().size += range.size;
    else
        ranges.push_back(range);
}

// The pieces of a range in units of `unit`, counted from the range's start.
std::vector<FlashRange> pieces_of(FlashRange range, std::uint32_t unit) {
    std::vector<FlashRange> pieces;
    for (std::uint32_t at = 0; at < range.size; at += unit)
        pieces.push_back({range.offset + at, std::min(unit, range.size - at)});
    return pieces;
}

}  // namespace

Result<std::vector<FlashRange>> differing_ranges(std::uint32_t offset, ByteView content,
                                                 const Md5Oracle& flash) {
    const auto differs = [&](const FlashRange& range) -> Result<bool> {
        IMPRINT_TRY(const Md5 found, flash(range.offset, range.size));
        return found != md5(content.subspan(range.offset - offset, range.size));
    };
    const FlashRange whole{offset, static_cast<std::uint32_t>(content.size())};
    IMPRINT_TRY(const bool any, differs(whole));
    if (!any) return std::vector<FlashRange>{};

    const std::vector<FlashRange> chunks = pieces_of(whole, chunk);
    std::vector<FlashRange> strange;
    for (const FlashRange& each : chunks) {
        IMPRINT_TRY(const bool different, differs(each));
        if (different) strange.push_back(each);
    }
    if (strange.size() == chunks.size() && chunks.size() > 1) return std::vector<FlashRange>{whole};

    std::vector<FlashRange> ranges;
    for (const FlashRange& each : strange) {
        for (const FlashRange& piece : pieces_of(each, sector)) {
            IMPRINT_TRY(const bool different, differs(piece));
            if (different) add(ranges, piece);
        }
    }
    return ranges;
}

}  // namespace imprint::loader
