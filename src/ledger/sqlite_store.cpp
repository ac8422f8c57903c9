#include "ledger/sqlite_store.h"

#include "base/threads.h"

namespace imprint::ledger {

SqliteStore::~SqliteStore() {
    if (auto kept = flush(); !kept)
        log_.warning("the last results could not be written: {}", kept.error().describe());
}

Result<void> SqliteStore::commit(const Work& work) {
    Waiting mine{.work = &work};
    UniqueLock lock(queue_mutex_);
    waiting_.push_back(&mine);
    changed_.wait(lock, [&]() IMPRINT_REQUIRES(queue_mutex_) { return mine.done || !leading_; });
    if (mine.done) return mine.result;
    leading_ = true;
    const std::vector<Waiting*> batch = std::exchange(waiting_, {});
    const std::vector<Work> later = std::exchange(later_, {});
    lock.unlock();
    // An exception must not leave the others waiting for ever.
    const auto carried = run_guarded("writing the ledger", [&]() -> Result<void> {
        commit_batch(later, batch);
        return {};
    });
    lock.lock();
    for (Waiting* one : batch) {
        if (!carried) one->result = carried;
        one->done = true;
    }
    leading_ = false;
    changed_.notify_all();
    return mine.result;
}

void SqliteStore::commit_later(Work work) {
    const Lock lock(queue_mutex_);
    later_.push_back(std::move(work));
}

Result<void> SqliteStore::flush() {
    {
        const Lock lock(queue_mutex_);
        if (later_.empty()) return {};
    }
    return commit([](sqlite::Database&) -> Result<void> { return {}; });
}

Result<void> SqliteStore::in_transaction(const Work& work) {
    const Instant started = clock_.now();
    auto kept =
        database_.transaction([&]() IMPRINT_REQUIRES(database_mutex_) { return work(database_); });
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - started);
    if (took >= tell_after_)
        log_.warning("the ledger's disk took {} s for one write: the boards wait for it",
                     took.count());
    ++commits_;
    return kept;
}

// Together; where one of them fails, each by itself, so that one board's failure is not another's.
void SqliteStore::commit_batch(const std::vector<Work>& later, const std::vector<Waiting*>& batch) {
    const Lock lock(database_mutex_);
    auto all = in_transaction([&](sqlite::Database& database) -> Result<void> {
        for (const Work& work : later)
            IMPRINT_CHECK(work(database));
        for (const Waiting* one : batch)
            IMPRINT_CHECK((*one->work)(database));
        return {};
    });
    if (all) return;
    if (later.empty() && batch.size() == 1) {
        batch.front()->result = std::move(all);
        return;
    }
    for (const Work& work : later)
        if (auto kept = in_transaction(work); !kept)
            log_.warning("a result could not be written: {}", kept.error().describe());
    for (Waiting* one : batch)
        one->result = in_transaction(*one->work);
}

}  // namespace imprint::ledger
