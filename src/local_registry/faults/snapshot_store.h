// The store as it was a moment ago: a separate connection that stays in one read transaction until
// that is too old (sqlite.org, "Isolation In SQLite": in WAL mode it sees one state).
#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "local_registry/store/store.h"

namespace imprint::local_registry {

class SnapshotStore {
  public:
    [[nodiscard]] static Result<SnapshotStore> open(const std::filesystem::path& path, Clock& clock,
                                                    Milliseconds most_behind);

    // work is called with the store; one caller at a time.
    template <typename Work>
    [[nodiscard]] auto use(Work&& work) {
        const Lock lock(*mutex_);
        refresh();
        return std::forward<Work>(work)(store_);
    }

  private:
    SnapshotStore(Store store, Clock& clock, Milliseconds most_behind);
    void refresh();

    std::unique_ptr<Mutex> mutex_;
    Store store_;
    Clock* clock_;
    Milliseconds most_behind_;
    Instant taken_;
    bool open_ = false;
};

}  // namespace imprint::local_registry
