// The baud rate at which a bay's cable and bridge have worked, remembered between runs: a bay that
// had to step down starts at the lower rate next time, and now and then tries the full rate again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"

namespace imprint::bays {

// Safe to call from many threads, and with other processes on the same file. Nothing here can fail
// a board: an unreadable or unwritable file is a single warning.
class RateMemory {
  public:
    // file empty: remembers nothing. The file's folder is created when there is something to store.
    explicit RateMemory(std::filesystem::path file, Log log = {});

    // place: the bay's USB path, or its port if it has none (bays::BayPort).
    [[nodiscard]] std::uint32_t rate_for(const std::string& place, std::uint32_t wanted);
    // A board was proven there, finally at the rate `reached`.
    void proven(const std::string& place, std::uint32_t wanted, std::uint32_t reached);

    // The full rate is tried again after this many boards at a lower one.
    static constexpr unsigned boards_between_trials = 8;

  private:
    struct Entry {
        std::uint32_t wanted = 0;
        std::uint32_t rate = 0;
        unsigned boards = 0;  // since the next higher rate was last tried
    };

    using Entries = std::map<std::string, Entry>;

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
