#include "local_registry/store/pending_writes.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

PendingWrite write_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .due = row.integer(1),
            .names = row.text(2),
            .request = row.text(3),
            .choices = row.text(4)};
}

Result<std::optional<std::int64_t>> number_of(sqlite::Statement rows) {
    IMPRINT_CHECK(rows.step());
    return rows.optional_integer(0);
}

}  // namespace

Result<void> insert_pending_write(sqlite::Database& database, const PendingWrite& write) {
    IMPRINT_CHECK(
        database.run("INSERT INTO pending_write (due, names, request, choices) VALUES (?, ?, ?, ?)",
                     write.due, write.names, write.request, write.choices));
    return {};
}

Result<std::optional<PendingWrite>> next_pending_write(sqlite::Database& database) {
    IMPRINT_TRY(auto rows, database.query("SELECT number, due, names, request, choices FROM "
                                          "pending_write ORDER BY due, number LIMIT 1"));
    return record_if_any(std::move(rows), write_of);
}

Result<std::optional<std::int64_t>> last_due(sqlite::Database& database, std::string_view names) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT MAX(due) FROM pending_write WHERE names = ?", names));
    return number_of(std::move(rows));
}

Result<std::optional<std::int64_t>> last_due(sqlite::Database& database) {
    IMPRINT_TRY(auto rows, database.query("SELECT MAX(due) FROM pending_write"));
    return number_of(std::move(rows));
}

Result<void> delete_pending_write(sqlite::Database& database, std::int64_t number) {
    IMPRINT_CHECK(database.run("DELETE FROM pending_write WHERE number = ?", number));
    return {};
}

}  // namespace imprint::local_registry
