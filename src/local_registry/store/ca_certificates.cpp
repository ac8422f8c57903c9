#include "local_registry/store/ca_certificates.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

CaCertificateRecord ca_certificate_of(const sqlite::Statement& row) {
    return {.number = row.integer(0),
            .id = row.text(1),
            .pem = row.text(2),
            .subject = row.text(3),
            .status = row.text(4),
            .mode = row.text(5),
            .auto_registration = row.boolean(6),
            .registration_config = row.optional_text(7),
            .created = row.integer(8),
            .modified = row.integer(9),
            .version = row.integer(10),
            .generation = row.text(11),
            .not_before = row.integer(12),
            .not_after = row.integer(13)};
}

}  // namespace

Result<std::optional<CaCertificateRecord>> find_ca_certificate(sqlite::Database& database,
                                                               const std::string& id) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT number, id, pem, subject, status, mode, auto_registration, "
                               "registration_config, created, modified, version, generation, "
                               "not_before, not_after FROM ca_certificate WHERE id = ?",
                               id));
    return record_if_any(std::move(rows), ca_certificate_of);
}

Result<std::vector<CaCertificateRecord>> find_ca_certificates_by_subject(
    sqlite::Database& database, const std::string& subject) {
    IMPRINT_TRY(auto rows,
                database.query("SELECT number, id, pem, subject, status, mode, auto_registration, "
                               "registration_config, created, modified, version, generation, "
                               "not_before, not_after FROM ca_certificate WHERE subject = ? "
                               "ORDER BY number",
                               subject));
    return records_of(std::move(rows), ca_certificate_of);
}

Result<void> insert_ca_certificate(sqlite::Database& database, const CaCertificateRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO ca_certificate (id, pem, subject, status, mode, auto_registration, "
        "registration_config, created, modified, version, generation, not_before, not_after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.id, record.pem, record.subject, record.status, record.mode, record.auto_registration,
        record.registration_config, record.created, record.modified, record.version,
        record.generation, record.not_before, record.not_after));
    return {};
}

Result<void> update_ca_certificate(sqlite::Database& database, const CaCertificateRecord& record) {
    IMPRINT_CHECK(database.run(
        "UPDATE ca_certificate SET status = ?, auto_registration = ?, registration_config = ?, "
        "modified = ?, version = ? WHERE id = ?",
        record.status, record.auto_registration, record.registration_config, record.modified,
        record.version, record.id));
    return {};
}

Result<void> delete_ca_certificate(sqlite::Database& database, const std::string& id) {
    IMPRINT_CHECK(database.run("DELETE FROM ca_certificate WHERE id = ?", id));
    return {};
}

Result<std::vector<CaCertificateRecord>> list_ca_certificates(
    sqlite::Database& database, std::optional<std::int64_t> after, bool ascending,
    const std::optional<std::string>& template_name, std::int64_t limit) {
    constexpr std::string_view up =
        "SELECT number, id, pem, subject, status, mode, auto_registration, registration_config, "
        "created, modified, version, generation, not_before, not_after FROM ca_certificate "
        "WHERE (?1 IS NULL OR number > ?1) "
        "AND (?2 IS NULL OR registration_config ->> '$.templateName' = ?2) "
        "ORDER BY number LIMIT ?3";
    constexpr std::string_view down =
        "SELECT number, id, pem, subject, status, mode, auto_registration, registration_config, "
        "created, modified, version, generation, not_before, not_after FROM ca_certificate "
        "WHERE (?1 IS NULL OR number < ?1) "
        "AND (?2 IS NULL OR registration_config ->> '$.templateName' = ?2) "
        "ORDER BY number DESC LIMIT ?3";
    IMPRINT_TRY(auto rows, database.query(ascending ? up : down, after, template_name, limit));
    return records_of(std::move(rows), ca_certificate_of);
}

Result<std::optional<std::string>> find_registration_code(sqlite::Database& database) {
    IMPRINT_TRY(auto rows, database.query("SELECT code FROM registration_code"));
    return record_if_any(std::move(rows), [](const sqlite::Statement& row) { return row.text(0); });
}

Result<void> insert_registration_code(sqlite::Database& database, const std::string& code) {
    IMPRINT_CHECK(database.run("INSERT INTO registration_code (only, code) VALUES (1, ?)", code));
    return {};
}

}  // namespace imprint::local_registry
