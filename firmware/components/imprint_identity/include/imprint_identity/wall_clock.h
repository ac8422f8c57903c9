// What time it may be, on a board without a battery: certificates have dates, and a clock that
// stands in 1970 refuses each of them (mbedTLS with MBEDTLS_HAVE_TIME_DATE).
//
// There is a lower bound that is known without a network: when the firmware was built, and the last
// time that this board was sure of. The clock is set to it at a start, so that no certificate is
// "not yet valid"; a time from the network that lies before it is a wrong one.
//
// Times are seconds since 1970, UTC; 0 is unknown.
#pragma once

#include <cstdint>

namespace imprint_identity {

// Of the compiler's __DATE__ and __TIME__ ("Jul  1 2025", "12:00:00"), as esp_app_desc_t has them.
// They are of the place where it was built, so this is 14 hours less (UTC+14 is as far as time
// zones go). 0: there is none, as in a reproducible build.
std::int64_t built_at(const char* date, const char* time);

class TimeBound {
  public:
    // kept: what keep() told to write down, or 0.
    TimeBound(std::int64_t built, std::int64_t kept)
        : kept_(kept), earliest_(kept > built ? kept : built) {}

    // It is not earlier than this.
    [[nodiscard]] std::int64_t earliest() const { return earliest_; }

    // Whether the network's time can be.
    [[nodiscard]] bool accepts(std::int64_t time) const { return time >= earliest_; }

    // The broker's certificate was valid at this time, which vouches for it: a network time alone
    // can be anybody's, and one that lies too far ahead and is kept would lock the board out. True:
    // write it down. That is once a day at most, so that flash is not worn out.
    bool keep(std::int64_t proven);

    static constexpr std::int64_t keep_every_s = 86400;

  private:
    std::int64_t kept_;
    std::int64_t earliest_;
};

using TimeText = char[24];

// "2025-07-01 12:00 UTC"
void to_text(std::int64_t time, TimeText& into);

}  // namespace imprint_identity
