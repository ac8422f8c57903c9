#include "aws/retry.h"

#include <algorithm>
#include <array>

namespace imprint::aws {

Trouble trouble_of(int status, const std::string& code) {
    constexpr std::array<std::string_view, 9> throttling = {
        "ThrottlingException",      "Throttling",       "ThrottledException",
        "TooManyRequestsException", "RequestThrottled", "RequestThrottledException",
        "RequestLimitExceeded",     "SlowDown",         "BandwidthLimitExceeded"};
    constexpr ErrorCode unreachable = "registry_unreachable";
    constexpr ErrorCode reply_lost = "registry_reply_lost";
    constexpr ErrorCode damaged = "registry_answer_damaged";
    if (code == unreachable.text()) return Trouble::unsent;
    if (code == reply_lost.text() || code == damaged.text()) return Trouble::maybe_done;
    if (status == 429 || std::ranges::find(throttling, code) != throttling.end())
        return Trouble::throttled;
    if (status >= 500) return Trouble::maybe_done;
    return Trouble::none;
}

Backoff::Backoff(std::uint64_t seed) : random_(seed) {}

Milliseconds Backoff::wait(unsigned attempt, std::optional<Milliseconds> asked) {
    constexpr std::int64_t base = 100;
    constexpr std::int64_t most = longest.count();
    const std::int64_t span = std::min(base << std::min(attempt, 16U), most);
    const Lock lock(mutex_);
    const Milliseconds chosen(std::uniform_int_distribution<std::int64_t>(base / 2, span)(random_));
    return asked ? std::max(chosen, std::min(*asked, Milliseconds(most))) : chosen;
}

}  // namespace imprint::aws
