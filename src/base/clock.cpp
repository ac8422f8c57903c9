#include "base/clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <ctime>
#include <fmt/format.h>
#include <thread>

#include "base/mutex.h"

namespace imprint {

namespace {

// Digits only, exactly so many; moves on behind them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits) return std::nullopt;
    const std::string_view part = text.substr(0, digits);
    if (!std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::from_chars(part.data(), part.data() + part.size(), value);
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view mark) {
    if (!text.starts_with(mark)) return false;
    text.remove_prefix(mark.size());
    return true;
}

// "Z", "UTC", "+02:00", "-0500"; nothing behind it.
std::optional<std::chrono::minutes> take_offset(std::string_view text) {
    if (text == "Z" || text == "UTC") return std::chrono::minutes(0);
    const int sign = text.starts_with('-') ? -1 : 1;
    if (!take(text, "+") && !take(text, "-")) return std::nullopt;
    const auto hours = take_number(text, 2);
    take(text, ":");
    const auto minutes = take_number(text, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59 || !text.empty()) return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

}  // namespace

Instant SystemClock::now() const {
    return std::chrono::steady_clock::now();
}

WallTime SystemClock::wall() const {
    return std::chrono::system_clock::now();
}

bool SystemClock::sleep(Milliseconds time, const std::stop_token& stop) {
    if (!stop.stop_possible()) {
        std::this_thread::sleep_for(time);
        return true;
    }
    Mutex mutex;
    std::condition_variable_any wake;
    UniqueLock lock(mutex);
    static_cast<void>(wake.wait_for(lock, stop, time, [] { return false; }));
    return !stop.stop_requested();
}

std::string to_iso8601(WallTime time) {
    const auto since = std::chrono::floor<Milliseconds>(time.time_since_epoch());
    const auto seconds =
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(since).count());
    std::tm parts{};
    static_cast<void>(gmtime_r(&seconds, &parts));
    const auto rest = since - std::chrono::seconds(seconds);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       rest.count());
}

std::optional<WallTime> parse_iso8601(std::string_view text) {
    std::array<int, 6> parts{};
    constexpr std::array<std::size_t, 6> digits = {4, 2, 2, 2, 2, 2};
    constexpr std::string_view behind = "--T::";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = take_number(text, digits[i]);
        if (!number) return std::nullopt;
        parts[i] = *number;
        if (i < behind.size() && !take(text, behind.substr(i, 1)) &&
            !(behind[i] == 'T' && take(text, " ")))
            return std::nullopt;
    }
    if (take(text, ".")) {
        const std::size_t fraction = std::min(text.find_first_not_of("0123456789"), text.size());
        if (fraction == 0) return std::nullopt;
        text.remove_prefix(fraction);
    }
    const auto offset = take_offset(text);
    // The clock's nanoseconds end in 2262; what is to last longer never ends here.
    const std::chrono::year_month_day day(std::chrono::year(std::clamp(parts[0], 1900, 2200)),
                                          std::chrono::month(static_cast<unsigned>(parts[1])),
                                          std::chrono::day(static_cast<unsigned>(parts[2])));
    if (!offset || !day.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60)
        return std::nullopt;
    return std::chrono::sys_days(day) + std::chrono::hours(parts[3]) +
           std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]) - *offset;
}

}  // namespace imprint
