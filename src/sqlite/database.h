// A typed interface to SQLite: every value is bound, every failure is an Error of the kind that the
// opener chose. Statements are prepared once and cached by their text.
// Source of behaviour: sqlite.org, "C/C++ Interface" and "Write-Ahead Logging".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/thread_annotations.h"
#include "sqlite/statement.h"

namespace imprint::sqlite {

// read_only and untouched: the file must exist. A reader of a database in WAL mode makes files
// beside it, unless it is to leave it untouched: then it only peeks, and fails where the -shm is
// missing while the -wal has writes that are still to come.
enum class Access { read_write, read_only, untouched };

// What a commit survives once it has returned: the end of the process (normal), or a power cut too
// (full).
enum class Durability { normal, full };

struct OpenOptions {
    ErrorKind kind = ErrorKind::config;  // of every error from this database
    Access access = Access::read_write;
    Durability durability = Durability::full;
    // How long to wait for another connection's lock, and when to report the wait: once per wait,
    // with its duration so far, on the waiting thread.
    Milliseconds patience{5000};
    Milliseconds tell_after{5000};
    std::function<void(Milliseconds)> tell = {};
};

// The migration steps of a schema, oldest first; step n takes user_version from n to n + 1. Steps
// are only ever added. The application id distinguishes one program's file from another's (0: not
// checked).
struct Schema {
    std::int32_t application_id = 0;
    std::span<const std::string_view> steps;
};

class Transaction;

// One connection, for one thread at a time; open another one for another thread. WAL, foreign keys
// on. Errors: database_missing, database_unopenable, database_busy, database_damaged (also: not a
// database), database_full, database_read_only, database_constraint (a UNIQUE, CHECK or foreign
// key), database_moved (its file is another one now, or none: nothing is written any more),
// database_newer (made by a later program), database_foreign (another program's),
// database_older, database_failed. Their message names the file.
class Database {
  public:
    // A new file gets mode 0600. A file opened for writing must be ours (check_ours). One opened
    // for reading only may be where nothing can be written (sqlite.org, "Write-Ahead Logging",
    // "Read-Only Databases"), but not if it has pending writes beside it (-wal).
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path,
                                               const OpenOptions& options);
    // Statements and transactions of a database must be destroyed before it.
    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // A copy of its present content, to be changed without changing the file.
    [[nodiscard]] Result<Database> copy_in_memory();

    // Attaches a copy of the other's present content under this name, in a temporary file of
    // SQLite's that ends with this connection. Not within a transaction. name: a word of the
    // program's own.
    [[nodiscard]] Result<void> attach_copy_of(Database& other, std::string_view name);

    // One statement, or several separated by ';', without values. Never with text from outside.
    [[nodiscard]] Result<void> exec(std::string_view sql);

    [[nodiscard]] Result<Statement> prepare(std::string_view sql);

    // Bound and ready to step: while (IMPRINT_TRY…(rows.step())) rows.text(0).
    template <typename... Values>
    [[nodiscard]] Result<Statement> query(std::string_view sql, const Values&... values) {
        auto statement = prepare(sql);
        if (!statement) return statement;
        if (auto bound = statement->bind_all(values...); !bound)
            return std::unexpected(std::move(bound).error());
        return statement;
    }

    // Runs one statement to its end. Returns the number of changed rows.
    template <typename... Values>
    [[nodiscard]] Result<std::int64_t> run(std::string_view sql, const Values&... values) {
        auto statement = query(sql, values...);
        if (!statement) return std::unexpected(std::move(statement).error());
        return finish(*statement);
    }

    // Frees its cache of the file's content, which may contain a key that was read.
    void forget();

    [[nodiscard]] std::int64_t last_insert_rowid() const;

    // Commits all changes of `work` if it returns a value, and rolls them back if it returns an
    // error. Takes the write lock at once (BEGIN IMMEDIATE), so that it cannot lose it half-way.
    // Not nested.
    template <typename Work>
    [[nodiscard]] std::invoke_result_t<Work> transaction(Work&& work);

    // Migrates a file to the schema, each step in its own transaction. Safe if several processes do
    // it at once.
    [[nodiscard]] Result<void> migrate(const Schema& schema);
    // For a database opened for reading only: checks the schema and its version. Error:
    // database_older, and those of migrate().
    [[nodiscard]] Result<void> check(const Schema& schema);
    [[nodiscard]] Result<std::int64_t> schema_version();

  private:
    friend class Transaction;
    explicit Database(std::unique_ptr<Connection> connection);
    [[nodiscard]] Result<std::int64_t> finish(Statement& statement);
    std::unique_ptr<Connection> connection_;
};

// BEGIN IMMEDIATE until commit(), or until it is destroyed: then all changes are rolled back.
class Transaction {
  public:
    [[nodiscard]] static Result<Transaction> begin(Database& database);
    ~Transaction();

    Transaction(Transaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}

    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] Result<void> commit();

  private:
    explicit Transaction(Database& database) : database_(&database) {}

    Database* database_;
};

// The work runs under its caller's locks, which clang cannot see through a template.
template <typename Work>
IMPRINT_NO_LOCK_CHECK std::invoke_result_t<Work> Database::transaction(Work&& work) {
    auto begun = Transaction::begin(*this);
    if (!begun) return std::unexpected(std::move(begun).error());
    auto result = std::forward<Work>(work)();
    if (!result) return result;
    if (auto kept = begun->commit(); !kept) return std::unexpected(std::move(kept).error());
    return result;
}

}  // namespace imprint::sqlite
