// Time is passed in as a parameter, so that a test can simulate years in a moment.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace imprint {

using Milliseconds = std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
    // Returns early, with false, when a stop is requested.
    virtual bool sleep(Milliseconds time, const std::stop_token& stop = {}) = 0;
};

// The machine's own clocks. Stateless: any number may exist.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] WallTime wall() const override;
    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override;
};

// "2026-07-14T09:30:00.125Z"
[[nodiscard]] std::string to_iso8601(WallTime time);

// "2026-07-14T09:30:00Z", with a fraction or an offset such as +02:00; "UTC" is accepted for Z.
[[nodiscard]] std::optional<WallTime> parse_iso8601(std::string_view text);

}  // namespace imprint
