#include "local_registry/store/things.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

ThingRecord thing_of(const sqlite::Statement& row) {
    return {.name = row.text(0),
            .id = row.text(1),
            .type = row.optional_text(2),
            .attributes = attributes_of_column(row.text(3)),
            .version = row.integer(4),
            .created = row.integer(5)};
}

}  // namespace

Result<std::optional<ThingRecord>> find_thing(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(
        auto rows,
        database.query(
            "SELECT name, id, type, attributes, version, created FROM thing WHERE name = ?", name));
    return record_if_any(std::move(rows), thing_of);
}

Result<void> insert_thing(sqlite::Database& database, const ThingRecord& record) {
    IMPRINT_CHECK(
        database.run("INSERT INTO thing (name, id, type, attributes, version, created) "
                     "VALUES (?, ?, ?, ?, ?, ?)",
                     record.name, record.id, record.type, to_column(record.attributes),
                     record.version, record.created));
    return {};
}

Result<void> update_thing(sqlite::Database& database, const ThingRecord& record) {
    IMPRINT_CHECK(
        database.run("UPDATE thing SET type = ?, attributes = ?, version = ? WHERE name = ?",
                     record.type, to_column(record.attributes), record.version, record.name));
    return {};
}

Result<void> delete_thing(sqlite::Database& database, const std::string& name) {
    IMPRINT_CHECK(database.run("DELETE FROM thing WHERE name = ?", name));
    return {};
}

Result<std::vector<ThingRecord>> list_things(sqlite::Database& database, const std::string& after,
                                             const ThingFilter& filter, std::int64_t limit) {
    IMPRINT_TRY(
        auto rows,
        database.query("SELECT name, id, type, attributes, version, created FROM thing "
                       "WHERE name > ?1 AND (?2 IS NULL OR type = ?2) "
                       "AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(thing.attributes) "
                       "  WHERE key = ?3 AND (?4 IS NULL OR value = ?4 "
                       "    OR (?5 AND substr(value, 1, length(?4)) = ?4)))) "
                       "ORDER BY name LIMIT ?6",
                       after, filter.type, filter.attribute, filter.value, filter.prefix, limit));
    return records_of(std::move(rows), thing_of);
}

}  // namespace imprint::local_registry
