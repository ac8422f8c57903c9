#include "local_registry/store/thing_groups.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

ThingGroupRecord thing_group_of(const sqlite::Statement& row) {
    return {.name = row.text(0),
            .id = row.text(1),
            .parent = row.optional_text(2),
            .description = row.text(3),
            .attributes = attributes_of_column(row.text(4)),
            .version = row.integer(5),
            .created = row.integer(6)};
}

}  // namespace

Result<std::optional<ThingGroupRecord>> find_thing_group(sqlite::Database& database,
                                                         const std::string& name) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT name, id, parent, description, attributes, version, created "
                               "FROM thing_group WHERE name = ?",
                               name));
    return record_if_any(std::move(rows), thing_group_of);
}

Result<void> insert_thing_group(sqlite::Database& database, const ThingGroupRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO thing_group (name, id, parent, description, attributes, version, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        record.name, record.id, record.parent, record.description, to_column(record.attributes),
        record.version, record.created));
    return {};
}

Result<void> delete_thing_group(sqlite::Database& database, const std::string& name) {
    IMPRINT_CHECK(
        database.run("DELETE FROM policy_target WHERE kind = 'thinggroup' AND name = ?", name));
    IMPRINT_CHECK(database.run("DELETE FROM thing_group WHERE name = ?", name));
    return {};
}

Result<bool> has_child_groups(sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT 1 FROM thing_group WHERE parent = ? LIMIT 1", name));
    return rows.step();
}

Result<std::vector<std::string>> thing_group_lineage(sqlite::Database& database,
                                                     const std::string& name) {
    IMPRINT_TRY(auto rows,
                database.query("WITH RECURSIVE up(name, parent, steps) AS ("
                               "  SELECT name, parent, 0 FROM thing_group WHERE name = ? "
                               "  UNION ALL SELECT g.name, g.parent, steps + 1 "
                               "  FROM thing_group g JOIN up ON g.name = up.parent) "
                               "SELECT name FROM up ORDER BY steps DESC",
                               name));
    return texts_of(std::move(rows));
}

Result<std::vector<std::string>> list_thing_groups(sqlite::Database& database,
                                                   const std::string& after,
                                                   const ThingGroupFilter& filter,
                                                   std::int64_t limit) {
    IMPRINT_TRY(auto rows,
                database.query("WITH RECURSIVE wanted(name) AS ("
                               "  SELECT name FROM thing_group WHERE ?2 IS NULL OR parent = ?2 "
                               "  UNION SELECT g.name FROM thing_group g "
                               "  JOIN wanted ON ?3 AND g.parent = wanted.name) "
                               "SELECT name FROM wanted WHERE name > ?1 "
                               "AND (?4 IS NULL OR substr(name, 1, length(?4)) = ?4) "
                               "ORDER BY name LIMIT ?5",
                               after, filter.parent, filter.recursive, filter.prefix, limit));
    return texts_of(std::move(rows));
}

Result<void> insert_thing_group_member(sqlite::Database& database, const std::string& group,
                                       const std::string& thing) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO thing_group_member (thing_group, thing) VALUES (?, ?) ON CONFLICT DO NOTHING",
        group, thing));
    return {};
}

Result<void> delete_thing_group_member(sqlite::Database& database, const std::string& group,
                                       const std::string& thing) {
    IMPRINT_CHECK(database.run("DELETE FROM thing_group_member WHERE thing_group = ? AND thing = ?",
                               group, thing));
    return {};
}

Result<std::vector<std::string>> list_groups_of_thing(sqlite::Database& database,
                                                      const std::string& thing,
                                                      const std::string& after,
                                                      std::int64_t limit) {
    IMPRINT_TRY(auto rows, database.query("SELECT thing_group FROM thing_group_member WHERE thing "
                                          "= ? AND thing_group > ? ORDER BY thing_group LIMIT ?",
                                          thing, after, limit));
    return texts_of(std::move(rows));
}

Result<std::vector<std::string>> list_things_of_group(sqlite::Database& database,
                                                      const std::string& group, bool recursive,
                                                      const std::string& after,
                                                      std::int64_t limit) {
    IMPRINT_TRY(auto rows,
                database.query("WITH RECURSIVE wanted(name) AS ("
                               "  SELECT ?1 UNION SELECT g.name FROM thing_group g "
                               "  JOIN wanted ON ?2 AND g.parent = wanted.name) "
                               "SELECT DISTINCT thing FROM thing_group_member "
                               "WHERE thing_group IN (SELECT name FROM wanted) AND thing > ?3 "
                               "ORDER BY thing LIMIT ?4",
                               group, recursive, after, limit));
    return texts_of(std::move(rows));
}

}  // namespace imprint::local_registry
