#include "local_registry/faults/snapshot_store.h"

namespace imprint::local_registry {

SnapshotStore::SnapshotStore(Store store, Clock& clock, Milliseconds most_behind)
    : mutex_(std::make_unique<Mutex>()),
      store_(std::move(store)),
      clock_(&clock),
      most_behind_(most_behind) {}

Result<SnapshotStore> SnapshotStore::open(const std::filesystem::path& path, Clock& clock,
                                          Milliseconds most_behind) {
    IMPRINT_TRY(Store store, Store::open(path));
    return SnapshotStore(std::move(store), clock, most_behind);
}

void SnapshotStore::refresh() {
    if (open_ && clock_->now() - taken_ < most_behind_) return;
    // The first read is what takes the snapshot. One that cannot be taken is no fault of a client:
    // the answer then is of now.
    open_ = store_
                .read([this](sqlite::Database& database) -> Result<void> {
                    if (open_) IMPRINT_CHECK(database.exec("COMMIT"));
                    IMPRINT_CHECK(database.exec("BEGIN"));
                    return database.exec("SELECT COUNT(*) FROM sqlite_schema");
                })
                .has_value();
    taken_ = clock_->now();
}

}  // namespace imprint::local_registry
