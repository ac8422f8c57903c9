#include "local_registry/store/policies.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

PolicyRecord policy_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .name = row.text(1),
            .default_version = row.integer(2),
            .last_version = row.integer(3),
            .created = row.integer(4),
            .modified = row.integer(5),
            .generation = row.text(6)};
}

PolicyVersionRecord version_of(const sqlite::Statement& row) {
    return {.version = row.integer(0), .document = row.text(1), .created = row.integer(2)};
}

constexpr std::string_view certificate_kind = "cert";
constexpr std::string_view thing_group_kind = "thinggroup";

std::string_view column_of(PolicyTarget::Kind kind) {
    return kind == PolicyTarget::Kind::certificate ? certificate_kind : thing_group_kind;
}

AttachmentRecord attachment_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .policy = row.text(1),
            .target = {.kind = row.text(2) == certificate_kind ? PolicyTarget::Kind::certificate
                                                               : PolicyTarget::Kind::thing_group,
                       .name = row.text(3)}};
}

}  // namespace

Result<std::optional<PolicyRecord>> find_policy(sqlite::Database& database,
                                                const std::string& name) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT number, name, default_version, last_version, created, "
                               "modified, generation FROM policy WHERE name = ?",
                               name));
    return record_if_any(std::move(rows), policy_of);
}

Result<void> insert_policy(sqlite::Database& database, const PolicyRecord& record) {
    IMPRINT_CHECK(
        database.run("INSERT INTO policy (name, default_version, last_version, created, "
                     "modified, generation) VALUES (?, ?, ?, ?, ?, ?)",
                     record.name, record.default_version, record.last_version, record.created,
                     record.modified, record.generation));
    return {};
}

Result<void> update_policy(sqlite::Database& database, const PolicyRecord& record) {
    IMPRINT_CHECK(database.run(
        "UPDATE policy SET default_version = ?, last_version = ?, modified = ? WHERE name = ?",
        record.default_version, record.last_version, record.modified, record.name));
    return {};
}

Result<void> delete_policy(sqlite::Database& database, const std::string& name) {
    IMPRINT_CHECK(database.run("DELETE FROM policy WHERE name = ?", name));
    return {};
}

Result<std::vector<PolicyRecord>> list_policies(sqlite::Database& database,
                                                std::optional<std::int64_t> after, bool ascending,
                                                std::int64_t limit) {
    constexpr std::string_view up =
        "SELECT number, name, default_version, last_version, created, modified, generation "
        "FROM policy WHERE ?1 IS NULL OR number > ?1 ORDER BY number LIMIT ?2";
    constexpr std::string_view down =
        "SELECT number, name, default_version, last_version, created, modified, generation "
        "FROM policy WHERE ?1 IS NULL OR number < ?1 ORDER BY number DESC LIMIT ?2";
    IMPRINT_TRY(auto rows, database.query(ascending ? up : down, after, limit));
    return records_of(std::move(rows), policy_of);
}

Result<std::optional<PolicyVersionRecord>> find_policy_version(sqlite::Database& database,
                                                               const std::string& policy,
                                                               std::int64_t version) {
    IMPRINT_TRY(auto rows, database.query("SELECT version, document, created FROM policy_version "
                                          "WHERE policy = ? AND version = ?",
                                          policy, version));
    return record_if_any(std::move(rows), version_of);
}

Result<void> insert_policy_version(sqlite::Database& database, const std::string& policy,
                                   const PolicyVersionRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO policy_version (policy, version, document, created) VALUES (?, ?, ?, ?)",
        policy, record.version, record.document, record.created));
    return {};
}

Result<void> delete_policy_version(sqlite::Database& database, const std::string& policy,
                                   std::int64_t version) {
    IMPRINT_CHECK(database.run("DELETE FROM policy_version WHERE policy = ? AND version = ?",
                               policy, version));
    return {};
}

Result<std::vector<PolicyVersionRecord>> list_policy_versions(sqlite::Database& database,
                                                              const std::string& policy) {
    IMPRINT_TRY(auto rows, database.query("SELECT version, document, created FROM policy_version "
                                          "WHERE policy = ? ORDER BY version DESC",
                                          policy));
    return records_of(std::move(rows), version_of);
}

Result<void> attach_policy(sqlite::Database& database, const std::string& policy,
                           const PolicyTarget& target) {
    IMPRINT_CHECK(
        database.run("INSERT INTO policy_target (policy, kind, name) VALUES (?, ?, ?) "
                     "ON CONFLICT DO NOTHING",
                     policy, column_of(target.kind), target.name));
    return {};
}

Result<void> detach_policy(sqlite::Database& database, const std::string& policy,
                           const PolicyTarget& target) {
    IMPRINT_CHECK(
        database.run("DELETE FROM policy_target WHERE policy = ? AND kind = ? AND name = ?", policy,
                     column_of(target.kind), target.name));
    return {};
}

Result<std::vector<AttachmentRecord>> list_policies_of_target(sqlite::Database& database,
                                                              const PolicyTarget& target,
                                                              std::optional<std::int64_t> after,
                                                              bool ascending, std::int64_t limit) {
    constexpr std::string_view up =
        "SELECT number, policy, kind, name FROM policy_target WHERE kind = ?1 AND name = ?2 "
        "AND (?3 IS NULL OR number > ?3) ORDER BY number LIMIT ?4";
    constexpr std::string_view down =
        "SELECT number, policy, kind, name FROM policy_target WHERE kind = ?1 AND name = ?2 "
        "AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4";
    IMPRINT_TRY(auto rows, database.query(ascending ? up : down, column_of(target.kind),
                                          target.name, after, limit));
    return records_of(std::move(rows), attachment_of);
}

Result<std::vector<AttachmentRecord>> list_targets_of_policy(sqlite::Database& database,
                                                             const std::string& policy,
                                                             std::optional<std::int64_t> after,
                                                             bool ascending, std::int64_t limit) {
    constexpr std::string_view up =
        "SELECT number, policy, kind, name FROM policy_target WHERE policy = ?1 "
        "AND (?2 IS NULL OR number > ?2) ORDER BY number LIMIT ?3";
    constexpr std::string_view down =
        "SELECT number, policy, kind, name FROM policy_target WHERE policy = ?1 "
        "AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3";
    IMPRINT_TRY(auto rows, database.query(ascending ? up : down, policy, after, limit));
    return records_of(std::move(rows), attachment_of);
}

}  // namespace imprint::local_registry
