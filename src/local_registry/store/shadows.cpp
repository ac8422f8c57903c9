#include "local_registry/store/shadows.h"

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "local_registry/store/rows.h"

namespace imprint::local_registry {

using nlohmann::json;

namespace {

constexpr Milliseconds version_kept = std::chrono::hours{48};

std::optional<std::string> state_column(const json& value) {
    if (value.is_null()) return std::nullopt;
    return value.dump();
}

json state_of(const std::optional<std::string>& text) {
    return text ? json::parse(*text) : json();
}

}  // namespace

Result<shadow::Document> read_shadow(sqlite::Database& database, const shadow::Name& name,
                                     std::int64_t now) {
    IMPRINT_TRY(auto rows, database.query("SELECT desired, desired_metadata, reported, "
                                          "reported_metadata, version, deleted FROM shadow "
                                          "WHERE thing = ? AND name = ?",
                                          name.thing, name.shadow));
    IMPRINT_TRY(const bool found, rows.step());
    if (!found) return shadow::Document{};
    const auto deleted = rows.optional_integer(5);
    if (deleted && now - *deleted > version_kept.count()) return shadow::Document{};
    return shadow::Document{.desired = {.state = state_of(rows.optional_text(0)),
                                        .metadata = state_of(rows.optional_text(1))},
                            .reported = {.state = state_of(rows.optional_text(2)),
                                         .metadata = state_of(rows.optional_text(3))},
                            .version = rows.integer(4),
                            .exists = !deleted};
}

Result<void> write_shadow(sqlite::Database& database, const shadow::Name& name,
                          const shadow::Document& document, std::int64_t now) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO shadow (thing, name, desired, desired_metadata, reported, reported_metadata, "
        "version, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (thing, name) DO UPDATE SET desired = excluded.desired, "
        "desired_metadata = excluded.desired_metadata, reported = excluded.reported, "
        "reported_metadata = excluded.reported_metadata, version = excluded.version, "
        "modified = excluded.modified, deleted = NULL",
        name.thing, name.shadow, state_column(document.desired.state),
        state_column(document.desired.metadata), state_column(document.reported.state),
        state_column(document.reported.metadata), document.version, now));
    return {};
}

Result<void> delete_shadow(sqlite::Database& database, const shadow::Name& name, std::int64_t now) {
    IMPRINT_CHECK(
        database.run("UPDATE shadow SET desired = NULL, desired_metadata = NULL, "
                     "reported = NULL, reported_metadata = NULL, modified = ?3, "
                     "deleted = ?3 WHERE thing = ?1 AND name = ?2",
                     name.thing, name.shadow, now));
    return {};
}

Result<std::vector<std::string>> list_shadow_names(sqlite::Database& database,
                                                   const std::string& thing,
                                                   const std::string& after, std::int64_t limit) {
    IMPRINT_TRY(auto rows, database.query("SELECT name FROM shadow WHERE thing = ? AND name > ? "
                                          "AND deleted IS NULL ORDER BY name LIMIT ?",
                                          thing, after, limit));
    return texts_of(std::move(rows));
}

}  // namespace imprint::local_registry
