// SQLite behind types: every value is bound, every failure is an Error of the kind that the opener
// chose. Statements are prepared once and kept by their text.
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

enum class Access { read_write, read_only };

// What a commit has survived when it returns: the process's death (normal) or a power cut too
// (full).
enum class Durability { normal, full };

struct OpenOptions {
    ErrorKind kind = ErrorKind::config;  // of every error from this database
    Access access = Access::read_write;  // read_only: the file must exist
    Durability durability = Durability::full;
    // How long to wait for another connection's lock, and from when on to tell of it: once a wait,
    // with how long it took so far, from the thread that waits.
    Milliseconds patience{5000};
    Milliseconds tell_after{5000};
    std::function<void(Milliseconds)> tell = {};
};

// The steps that make a schema, oldest first; step n takes user_version from n to n + 1. Steps are
// only ever added. The application id tells one program's file from another's (0: not checked).
struct Schema {
    std::int32_t application_id = 0;
    std::span<const std::string_view> steps;
};

// One connection, for one thread at a time; open one more for another thread. WAL, foreign keys on.
// Errors: database_missing, database_unopenable, database_busy, database_damaged (also: not a
// database), database_full, database_read_only, database_constraint (a UNIQUE, CHECK or foreign
// key), database_newer (made by a later program), database_foreign (another program's),
// database_older, database_failed. Their message names the file.
class Database {
  public:
    // A new file gets mode 0600. One to write to has to be ours (check_ours). One that is only read
    // may lie where nothing can be written (sqlite.org, "Write-Ahead Logging", "Read-Only
    // Databases"); one that has writes waiting beside it (-wal) cannot be read there.
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path,
                                               const OpenOptions& options);
    // Statements and transactions of a database go before it does.
    ~Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // All of it as it is now, to be changed without changing the file.
    [[nodiscard]] Result<Database> copy_in_memory();

    // One statement or several with ';' between, without values. Never with text from outside.
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

    // Runs one statement to its end. Gives the number of rows that it changed.
    template <typename... Values>
    [[nodiscard]] Result<std::int64_t> run(std::string_view sql, const Values&... values) {
        auto statement = query(sql, values...);
        if (!statement) return std::unexpected(std::move(statement).error());
        return finish(*statement);
    }

    // Lets go of what it keeps of the file in memory: a key that was read is in there.
    void forget();

    [[nodiscard]] std::int64_t last_insert_rowid() const;

    // Everything that `work` did is kept when it gives a value, and undone when it gives an error.
    // Takes the write lock at once (BEGIN IMMEDIATE), so that it cannot lose it half-way. Not
    // nested.
    template <typename Work>
    [[nodiscard]] std::invoke_result_t<Work> transaction(Work&& work);

    // Brings a file up to the schema, each step in a transaction of its own. Safe when several
    // processes do it at once.
    [[nodiscard]] Result<void> migrate(const Schema& schema);
    // Of one that is only read: whether it is of this schema, and of its version. Error:
    // database_older, and those of migrate().
    [[nodiscard]] Result<void> check(const Schema& schema);
    [[nodiscard]] Result<std::int64_t> schema_version();

  private:
    explicit Database(std::unique_ptr<Connection> connection);
    [[nodiscard]] Result<std::int64_t> finish(Statement& statement);
    std::unique_ptr<Connection> connection_;
};

// BEGIN IMMEDIATE until commit(), or until it goes: then everything since is undone.
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

// The work runs under the locks of whoever called this, which a template does not know.
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
