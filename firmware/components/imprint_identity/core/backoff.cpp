#include "imprint_identity/backoff.h"

namespace imprint_identity {

namespace {

constexpr std::uint32_t check_of(std::uint32_t count) {
    return count ^ 0x51a7ed5b;
}

constexpr std::uint32_t first_pause_s = 10;
constexpr std::uint32_t longest_pause_s = 3600;
constexpr std::uint32_t doublings = 9;  // 10 s become more than an hour

}  // namespace

std::uint32_t Backoff::next_ms(std::uint32_t random) {
    const std::uint64_t choices = std::uint64_t{most_ms_} - limits_.shortest_ms + 1;
    const auto above = static_cast<std::uint32_t>(choices * random >> 32);
    most_ms_ = most_ms_ < limits_.longest_ms / 2 ? most_ms_ * 2 : limits_.longest_ms;
    return limits_.shortest_ms + above;
}

void Backoff::connection_ended(std::uint32_t held_ms) {
    if (has_lasted(held_ms)) most_ms_ = limits_.first_ms;
}

std::uint32_t FailedStarts::pause_s() {
    if (check_ != check_of(count_) || count_ > doublings) count_ = 0;
    const std::uint32_t pause = first_pause_s << count_;
    if (count_ < doublings) ++count_;
    check_ = check_of(count_);
    return pause < longest_pause_s ? pause : longest_pause_s;
}

void FailedStarts::forget() {
    count_ = 0;
    check_ = check_of(0);
}

}  // namespace imprint_identity
