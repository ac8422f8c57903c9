#include "local_registry/store/certificates.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

CertificateRecord certificate_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .id = row.text(1),
            .pem = row.text(2),
            .ca = row.optional_text(3),
            .status = row.text(4),
            .mode = row.text(5),
            .created = row.integer(6),
            .modified = row.integer(7),
            .version = row.integer(8),
            .generation = row.text(9),
            .not_before = row.integer(10),
            .not_after = row.integer(11)};
}

}  // namespace

Result<std::optional<CertificateRecord>> find_certificate(sqlite::Database& database,
                                                          const std::string& id) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT number, id, pem, ca, status, mode, created, modified, "
                               "version, generation, not_before, not_after FROM certificate "
                               "WHERE id = ?",
                               id));
    return record_if_any(std::move(rows), certificate_of);
}

Result<void> insert_certificate(sqlite::Database& database, const CertificateRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO certificate (id, pem, ca, status, mode, created, modified, version, "
        "generation, not_before, not_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.id, record.pem, record.ca, record.status, record.mode, record.created,
        record.modified, record.version, record.generation, record.not_before, record.not_after));
    return {};
}

Result<void> update_certificate(sqlite::Database& database, const CertificateRecord& record) {
    IMPRINT_CHECK(
        database.run("UPDATE certificate SET status = ?, modified = ?, version = ? WHERE id = ?",
                     record.status, record.modified, record.version, record.id));
    return {};
}

Result<void> delete_certificate(sqlite::Database& database, const std::string& id) {
    IMPRINT_CHECK(database.run("DELETE FROM policy_target WHERE kind = 'cert' AND name = ?", id));
    IMPRINT_CHECK(database.run("DELETE FROM certificate WHERE id = ?", id));
    return {};
}

Result<std::vector<CertificateRecord>> list_certificates(sqlite::Database& database,
                                                         std::optional<std::int64_t> after,
                                                         bool ascending, std::int64_t limit) {
    constexpr std::string_view up =
        "SELECT number, id, pem, ca, status, mode, created, modified, version, generation, "
        "not_before, not_after FROM certificate WHERE ?1 IS NULL OR number > ?1 "
        "ORDER BY number LIMIT ?2";
    constexpr std::string_view down =
        "SELECT number, id, pem, ca, status, mode, created, modified, version, generation, "
        "not_before, not_after FROM certificate WHERE ?1 IS NULL OR number < ?1 "
        "ORDER BY number DESC LIMIT ?2";
    IMPRINT_TRY(auto rows, database.query(ascending ? up : down, after, limit));
    return records_of(std::move(rows), certificate_of);
}

Result<std::vector<CertificateRecord>> list_certificates_by_ca(sqlite::Database& database,
                                                               const std::string& ca,
                                                               std::optional<std::int64_t> after,
                                                               bool ascending, std::int64_t limit) {
    constexpr std::string_view up =
        "SELECT number, id, pem, ca, status, mode, created, modified, version, generation, "
        "not_before, not_after FROM certificate WHERE ca = ?3 AND (?1 IS NULL OR number > ?1) "
        "ORDER BY number LIMIT ?2";
    constexpr std::string_view down =
        "SELECT number, id, pem, ca, status, mode, created, modified, version, generation, "
        "not_before, not_after FROM certificate WHERE ca = ?3 AND (?1 IS NULL OR number < ?1) "
        "ORDER BY number DESC LIMIT ?2";
    IMPRINT_TRY(auto rows, database.query(ascending ? up : down, after, limit, ca));
    return records_of(std::move(rows), certificate_of);
}

Result<void> insert_thing_principal(sqlite::Database& database, const std::string& thing,
                                    const std::string& certificate, bool exclusive) {
    IMPRINT_CHECK(
        database.run("INSERT INTO thing_principal (thing, certificate, exclusive) "
                     "VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET exclusive = ?3",
                     thing, certificate, exclusive ? 1 : 0));
    return {};
}

Result<void> delete_thing_principal(sqlite::Database& database, const std::string& thing,
                                    const std::string& certificate) {
    IMPRINT_CHECK(database.run("DELETE FROM thing_principal WHERE thing = ? AND certificate = ?",
                               thing, certificate));
    return {};
}

namespace {

Attachment thing_attachment_of(const sqlite::Statement& row) {
    return {.name = row.text(0), .exclusive = row.integer(1) != 0};
}

std::optional<std::int64_t> as_column(std::optional<bool> exclusive) {
    if (!exclusive) return std::nullopt;
    return *exclusive ? 1 : 0;
}

}  // namespace

Result<std::vector<Attachment>> list_attachments_of_thing(sqlite::Database& database,
                                                          const std::string& thing,
                                                          std::optional<bool> exclusive,
                                                          const std::string& after,
                                                          std::int64_t limit) {
    IMPRINT_TRY(
        auto rows,
        database.query("SELECT certificate, exclusive FROM thing_principal WHERE thing = ?1 "
                       "AND certificate > ?2 AND (?3 IS NULL OR exclusive = ?3) "
                       "ORDER BY certificate LIMIT ?4",
                       thing, after, as_column(exclusive), limit));
    return records_of(std::move(rows), thing_attachment_of);
}

Result<std::vector<Attachment>> list_attachments_of_principal(sqlite::Database& database,
                                                              const std::string& certificate,
                                                              std::optional<bool> exclusive,
                                                              const std::string& after,
                                                              std::int64_t limit) {
    IMPRINT_TRY(
        auto rows,
        database.query("SELECT thing, exclusive FROM thing_principal WHERE certificate = ?1 "
                       "AND thing > ?2 AND (?3 IS NULL OR exclusive = ?3) "
                       "ORDER BY thing LIMIT ?4",
                       certificate, after, as_column(exclusive), limit));
    return records_of(std::move(rows), thing_attachment_of);
}

}  // namespace imprint::local_registry
