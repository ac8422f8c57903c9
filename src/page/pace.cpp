#include "page/pace.h"

#include <algorithm>
#include <cmath>

namespace imprint::page {

namespace {

constexpr std::chrono::minutes window{30};
// A bench that has just begun has been idle for most of the time.
constexpr std::chrono::seconds enough_time{30};
constexpr std::size_t enough_boards = 2;

}  // namespace

void PassPace::begin(Instant now) {
    began_ = now;
    passes_.clear();
}

void PassPace::passed(Instant now) {
    passes_.push_back(now);
    while (now - passes_.front() > window)
        passes_.pop_front();
}

std::optional<double> PassPace::an_hour(Instant now) const {
    const auto since = std::max(began_, now - window);
    const auto recent =
        std::ranges::count_if(passes_, [since](Instant pass) { return pass >= since; });
    const std::chrono::duration<double, std::ratio<3600>> hours = now - since;
    if (static_cast<std::size_t>(recent) < enough_boards || now - since < enough_time)
        return std::nullopt;
    return static_cast<double>(recent) / hours.count();
}

std::optional<std::chrono::seconds> PassPace::until(std::uint64_t boards, Instant now) const {
    const auto pace = an_hour(now);
    if (!pace || boards == 0) return std::nullopt;
    return std::chrono::seconds(std::lround(static_cast<double>(boards) / *pace * 3600));
}

}  // namespace imprint::page
