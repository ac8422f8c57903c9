#include "local_registry/store/thing_types.h"

#include "local_registry/store/json_columns.h"
#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

ThingTypeRecord thing_type_of(const sqlite::Statement& row) {
    return {.name = row.text(0),
            .id = row.text(1),
            .description = row.text(2),
            .searchable = list_of_column(row.text(3)),
            .created = row.integer(4),
            .deprecated = row.optional_integer(5)};
}

}  // namespace

Result<std::optional<ThingTypeRecord>> find_thing_type(sqlite::Database& database,
                                                       const std::string& name) {
    IMPRINT_TRY(auto rows, database.query("SELECT name, id, description, searchable, created, "
                                          "deprecated FROM thing_type WHERE name = ?",
                                          name));
    return record_if_any(std::move(rows), thing_type_of);
}

Result<void> insert_thing_type(sqlite::Database& database, const ThingTypeRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO thing_type (name, id, description, searchable, created, deprecated) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        record.name, record.id, record.description, to_column(record.searchable), record.created,
        record.deprecated));
    return {};
}

Result<void> set_thing_type_deprecated(sqlite::Database& database, const std::string& name,
                                       std::optional<std::int64_t> since) {
    IMPRINT_CHECK(database.run("UPDATE thing_type SET deprecated = ? WHERE name = ?", since, name));
    return {};
}

Result<bool> is_thing_type_used(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto rows, database.query("SELECT 1 FROM thing WHERE type = ? LIMIT 1", name));
    return rows.step();
}

Result<void> delete_thing_type(sqlite::Database& database, const std::string& name) {
    IMPRINT_CHECK(database.run("DELETE FROM thing_type WHERE name = ?", name));
    return {};
}

Result<std::vector<ThingTypeRecord>> list_thing_types(sqlite::Database& database,
                                                      const std::string& after,
                                                      const std::optional<std::string>& only,
                                                      std::int64_t limit) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT name, id, description, searchable, created, deprecated "
                               "FROM thing_type WHERE name > ?1 AND (?2 IS NULL OR name = ?2) "
                               "ORDER BY name LIMIT ?3",
                               after, only, limit));
    return records_of(std::move(rows), thing_type_of);
}

}  // namespace imprint::local_registry
