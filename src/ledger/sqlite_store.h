// One connection behind a lock; the commits of many threads are combined.
//
// A commit waits for the disk. What several threads write meanwhile goes into the next commit, so
// that many bays cost hardly more commits than one. Writes that need not be durable at once wait
// for the next commit that is.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"
#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {

class SqliteStore {
  public:
    using Work = std::function<Result<void>(sqlite::Database&)>;

    SqliteStore(sqlite::Database database, Clock& clock, const OpenOptions& options)
        : database_(std::move(database)),
          clock_(clock),
          log_(options.log),
          tell_after_(options.tell_after) {}

    ~SqliteStore();
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    // Committed or rolled back as a whole, durable on return. The work may be run twice; its
    // outputs are valid only if this returns without an error.
    [[nodiscard]] Result<void> commit(const Work& work);
    // Written with the next commit, in this order. Only for writes that no later step relies on.
    void commit_later(Work work);

    template <typename Record, typename Read, typename... Values>
    [[nodiscard]] Result<std::vector<Record>> rows(const Read& read, std::string_view sql,
                                                   const Values&... values) {
        IMPRINT_CHECK(flush());
        const Lock lock(database_mutex_);
        return read_rows<Record>(database_, read, sql, values...);
    }

    // Row by row, without keeping any. visit: returns nothing.
    template <typename Visit, typename... Values>
    [[nodiscard]] Result<void> each(const Visit& visit, std::string_view sql,
                                    const Values&... values) {
        IMPRINT_CHECK(flush());
        const Lock lock(database_mutex_);
        IMPRINT_TRY(sqlite::Statement statement, database_.query(sql, values...));
        for (;;) {
            IMPRINT_TRY(const bool more, statement.step());
            if (!more) return {};
            visit(statement);
        }
    }

    // For work inside a commit. read: returns a Record, or a Result of one.
    template <typename Record, typename Read, typename... Values>
    [[nodiscard]] static Result<std::vector<Record>> read_rows(sqlite::Database& database,
                                                               const Read& read,
                                                               std::string_view sql,
                                                               const Values&... values) {
        IMPRINT_TRY(sqlite::Statement statement, database.query(sql, values...));
        std::vector<Record> records;
        for (;;) {
            IMPRINT_TRY(const bool more, statement.step());
            if (!more) return records;
            if constexpr (std::is_same_v<std::invoke_result_t<Read, const sqlite::Statement&>,
                                         Result<Record>>) {
                IMPRINT_TRY(auto record, read(statement));
                records.push_back(std::move(record));
            } else {
                records.push_back(read(statement));
            }
        }
    }

    // The number of commits so far: a measure of what a board costs.
    [[nodiscard]] std::uint64_t commits() const { return commits_; }

  private:
    struct Waiting {
        const Work* work = nullptr;
        Result<void> result = {};
        bool done = false;
    };

    [[nodiscard]] Result<void> flush();
    void commit_batch(const std::vector<Work>& later, const std::vector<Waiting*>& batch)
        IMPRINT_EXCLUDES(database_mutex_, queue_mutex_);
    [[nodiscard]] Result<void> in_transaction(const Work& work) IMPRINT_REQUIRES(database_mutex_);

    Mutex database_mutex_;  // never held together with queue_mutex_
    sqlite::Database database_ IMPRINT_GUARDED_BY(database_mutex_);
    Clock& clock_;
    Log log_;
    Milliseconds tell_after_;

    Mutex queue_mutex_;
    std::condition_variable_any changed_;
    std::vector<Waiting*> waiting_ IMPRINT_GUARDED_BY(queue_mutex_);
    std::vector<Work> later_ IMPRINT_GUARDED_BY(queue_mutex_);
    // A thread is committing, for others too.
    bool leading_ IMPRINT_GUARDED_BY(queue_mutex_) = false;
    std::atomic<std::uint64_t> commits_ = 0;
};

}  // namespace imprint::ledger
