#include "base/nearest.h"

#include <algorithm>

namespace imprint {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the table: a swap looks two back.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
    const auto closest = std::ranges::min_element(
        known, {}, [word](const std::string& candidate) { return edit_distance(word, candidate); });
    if (closest == known.end()) return std::nullopt;
    return *closest;
}

std::optional<std::string> probably_meant(std::string_view word,
                                          const std::vector<std::string>& known) {
    for (const auto& candidate : known)
        if (!word.empty() && candidate.starts_with(word)) return candidate;
    auto closest = nearest(word, known);
    if (!closest) return std::nullopt;
    const std::size_t longest = std::max(word.size(), closest->size());
    if (edit_distance(word, *closest) > std::max<std::size_t>(1, longest / 3)) return std::nullopt;
    return closest;
}

}  // namespace imprint
