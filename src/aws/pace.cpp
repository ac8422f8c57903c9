#include "aws/pace.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace imprint::aws {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr double slowest = 0.5;          // calls a second: below it nothing would be learnt
constexpr double first_guess = 5;        // at least, after a first refusal
constexpr double growth = 0.02;          // of the rate, a second
constexpr double fast_growth = 0.2;      // where the rate has left behind what was counted
constexpr double guess_growth = 1.0;     // while nothing has been counted
constexpr double under = 0.99;           // of what was counted
constexpr Seconds shortest_window{0.5};  // with enough calls in it
constexpr Seconds longest_window{2.0};   // however many
constexpr Seconds stale_window{10.0};    // what began so long ago says nothing of now
constexpr unsigned enough = 10;

double seconds_between(Instant from, Instant to) {
    return std::chrono::duration_cast<Seconds>(to - from).count();
}

}  // namespace

void Pace::grow(Operation& row, Instant now) {
    const double passed = std::min(seconds_between(row.grown, now), 1.0);
    row.grown = now;
    double steepness = growth;
    if (row.counted_rate == 0)
        steepness = guess_growth;
    else if (*row.rate > 1.5 * row.counted_rate)
        steepness = fast_growth;
    *row.rate *= 1 + steepness * passed;
}

Milliseconds Pace::reserve(std::string_view operation, Instant now) {
    const Lock lock(mutex_);
    const auto found = rows_.find(operation);
    if (found == rows_.end() || !found->second.rate) return Milliseconds(0);
    Operation& row = found->second;
    if (row.next <= now) {
        // Nobody waits: the rate is not what holds anybody back, and tells nothing.
        row.next = now;
        row.grown = now;
    } else {
        grow(row, now);
    }
    const Instant place = row.next;
    row.next += std::chrono::duration_cast<Instant::duration>(Seconds(1 / *row.rate));
    return std::chrono::ceil<Milliseconds>(place - now);
}

void Pace::accepted(std::string_view operation, Instant now) {
    const Lock lock(mutex_);
    auto [found, is_new] = rows_.try_emplace(std::string(operation));
    Operation& row = found->second;
    if (is_new) row.window = now;
    ++row.counted;
    const Seconds most = row.emptied ? stale_window : longest_window;
    if (seconds_between(row.window, now) > most.count()) {
        row.window = now;
        row.counted = 0;
        row.emptied = false;
    }
}

void Pace::throttled(std::string_view operation, Instant now) {
    const Lock lock(mutex_);
    auto [found, is_new] = rows_.try_emplace(std::string(operation));
    Operation& row = found->second;
    if (is_new) row.window = now;
    const double passed = seconds_between(row.window, now);
    if (row.emptied && passed < shortest_window.count()) return;
    if (row.emptied && row.counted < enough && passed < longest_window.count()) return;
    const double counted = passed > 0 ? row.counted / passed : 0;
    if (!row.rate) {
        row.rate = std::max(counted * 0.7, first_guess);
    } else if (row.emptied) {
        // The window began with an empty bucket and ends with one: what was accepted in it is what
        // the service gives. Where the rate was more than a guess, not less than half of it at a
        // time: it may be a moment's trouble.
        const double least = row.counted_rate == 0 ? slowest : std::max(*row.rate / 2, slowest);
        row.rate = std::max(std::min(*row.rate, counted * under), least);
        row.counted_rate = *row.rate;
    }
    row.grown = now;
    row.window = now;
    row.counted = 0;
    row.emptied = true;
}

std::optional<double> Pace::rate(std::string_view operation) const {
    const Lock lock(mutex_);
    const auto found = rows_.find(operation);
    return found == rows_.end() ? std::nullopt : found->second.rate;
}

bool RetryQuota::take(bool after_timeout) {
    const Lock lock(mutex_);
    const int cost = after_timeout ? timeout_cost : retry_cost;
    if (left_ < cost) return false;
    left_ -= cost;
    return true;
}

void RetryQuota::give_back(bool was_retried) {
    const Lock lock(mutex_);
    left_ = std::min(left_ + (was_retried ? retry_cost : 1), capacity);
}

}  // namespace imprint::aws
