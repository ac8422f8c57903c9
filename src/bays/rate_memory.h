// At which rate a bay's cable and bridge have proven to work, from run to run: a bay that had to
// step down begins there the next time, and now and then tries the full rate again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"

namespace imprint::bays {

// Safe to call from many threads, and beside other processes on the same file. Nothing here can
// fail a board: a file that cannot be read or written is a warning, once.
class RateMemory {
  public:
    // file empty: remembers nothing. The file's folder is made when there is something to keep.
    explicit RateMemory(std::filesystem::path file, Log log = {});

    // place: the bay's USB path, or its port where it has none (bays::BayPort).
    [[nodiscard]] std::uint32_t rate_for(const std::string& place, std::uint32_t wanted);
    // A board was proven there, at that rate in the end.
    void proven(const std::string& place, std::uint32_t wanted, std::uint32_t reached);

    // The full rate is tried again after so many boards at a lower one.
    static constexpr unsigned boards_between_trials = 8;

  private:
    struct Entry {
        std::uint32_t wanted = 0;
        std::uint32_t rate = 0;
        unsigned boards = 0;  // since the rate above it was tried last
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
