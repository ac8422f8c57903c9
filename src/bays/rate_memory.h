// The baud rate at which a bay's cable and bridge have worked, remembered between runs. For a rate
// that the owner wants, a bay that had to step down starts at the lower rate next time, and now and
// then tries the full rate again. Without such a rate (wanted 0, "auto") each bay climbs to the
// highest that it carries, starts there the next time, and now and then tries to climb again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"

namespace imprint::bays {

struct RateChoice {
    std::uint32_t rate = 0;      // to start at
    std::uint32_t climb_to = 0;  // the highest to try from there; 0: none
};

// Safe to call from many threads, and with other processes on the same file. Nothing here can fail
// a board: an unreadable or unwritable file is a single warning.
class RateMemory {
  public:
    // file empty: remembers nothing. The file's folder is created when there is something to store.
    explicit RateMemory(std::filesystem::path file, Log log = {});

    // place: the bay's USB path, or its port if it has none (bays::BayPort).
    // wanted: 0 for the highest that is found.
    [[nodiscard]] RateChoice choose(const std::string& place, std::uint32_t wanted);
    // A board was proven there, finally at the rate `reached`.
    void proven(const std::string& place, std::uint32_t wanted, std::uint32_t reached);

    // The full rate, or a higher one, is tried again after this many boards at a lower one.
    static constexpr unsigned boards_between_trials = 8;
    // Where a bay of which nothing is known starts to climb, and where that ends: what CP2102N,
    // FT232R and their like can do at the most.
    static constexpr std::uint32_t first_rate = 921'600;
    static constexpr std::uint32_t top_rate = 3'000'000;

  private:
    struct Entry {
        std::uint32_t wanted = 0;  // found_by_climbing: none
        std::uint32_t rate = 0;
        unsigned boards = 0;  // since the next higher rate was last tried
    };

    using Entries = std::map<std::string, Entry>;

    // In place of a wanted rate in the file, where 0 is nothing.
    static constexpr std::uint32_t found_by_climbing = 1;

    [[nodiscard]] Entries read() IMPRINT_REQUIRES(mutex_);
    void update(const std::string& place, std::uint32_t wanted, std::uint32_t reached)
        IMPRINT_REQUIRES(mutex_);
    void warn(const std::string& what) IMPRINT_REQUIRES(mutex_);

    std::filesystem::path file_;
    Log log_;
    Mutex mutex_;  // the file's content, for this process
    bool warned_ IMPRINT_GUARDED_BY(mutex_) = false;
};

}  // namespace imprint::bays
