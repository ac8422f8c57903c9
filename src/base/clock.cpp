#include "base/clock.h"

#include <condition_variable>
#include <ctime>
#include <fmt/format.h>
#include <thread>

#include "base/mutex.h"

namespace imprint {

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

}  // namespace imprint
