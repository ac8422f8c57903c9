// How long to wait before the next try to connect: longer after each failure, and by chance, so
// that ten thousand boards do not come back in the same second once their broker is there again.
//
// As AWS advises it (Architecture Blog, "Exponential Backoff And Jitter": full jitter) and its own
// client for devices does (aws-c-mqtt: min_reconnect_delay_ms, max_reconnect_delay_ms,
// min_connected_time_to_reset_reconnect_delay_ms). The bounds are those that boards with
// aws-iot-device-sdk-embedded-C had: 1 s to 128 s.
#pragma once

#include <cstdint>

namespace imprint_identity {

struct BackoffLimits {
    std::uint32_t shortest_ms = 1000;
    std::uint32_t first_ms = 4000;  // the most that is waited after the first failure
    std::uint32_t longest_ms = 128000;
    std::uint32_t lasting_ms = 30000;  // a connection that held so long was a good one
};

class Backoff {
  public:
    explicit Backoff(const BackoffLimits& limits = {})
        : limits_(limits), most_ms_(limits.first_ms) {}

    // After a try that failed, or a connection that ended: what to wait before the next one.
    // random: 32 bits, each value as likely as any other (esp_random).
    std::uint32_t next_ms(std::uint32_t random);

    // A connection has ended. One that did not last leaves the waiting as long as it was: a broker
    // that accepts and drops everybody is not asked by all of them at once.
    void connection_ended(std::uint32_t held_ms);

    // Whether one that has held so long is a good one.
    [[nodiscard]] bool has_lasted(std::uint32_t held_ms) const {
        return held_ms >= limits_.lasting_ms;
    }

    // At most this is waited next.
    [[nodiscard]] std::uint32_t most_ms() const { return most_ms_; }

  private:
    BackoffLimits limits_;
    std::uint32_t most_ms_;
};

// How often in a row a board has started in vain. It lies in memory that a restart leaves alone
// (ESP-IDF's __NOINIT_ATTR), and holds anything after power came.
class FailedStarts {
  public:
    // One more: how long to wait before the restart, 10 s at first and an hour at last. Each is one
    // reading of flash, and a passing fault is over soon or not.
    std::uint32_t pause_s();
    void forget();

  private:
    std::uint32_t count_;
    std::uint32_t check_;  // of count_; else it is not one
};

}  // namespace imprint_identity
