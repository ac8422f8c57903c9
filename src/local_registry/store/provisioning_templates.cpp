#include "local_registry/store/provisioning_templates.h"

#include "local_registry/store/rows.h"

namespace imprint::local_registry {

namespace {

ProvisioningTemplateRecord template_of(const sqlite::Statement& row) {
    return {.name = row.text(0),
            .description = row.text(1),
            .body = row.text(2),
            .role = row.text(3),
            .enabled = row.boolean(4),
            .type = row.text(5),
            .hook = row.optional_text(6),
            .created = row.integer(7),
            .modified = row.integer(8)};
}

}  // namespace

Result<std::optional<ProvisioningTemplateRecord>> find_provisioning_template(
    sqlite::Database& database, const std::string& name) {
    IMPRINT_TRY(auto rows, database.query("SELECT name, description, body, role, enabled, type, "
                                          "hook, created, modified FROM provisioning_template "
                                          "WHERE name = ?",
                                          name));
    return record_if_any(std::move(rows), template_of);
}

Result<void> insert_provisioning_template(sqlite::Database& database,
                                          const ProvisioningTemplateRecord& record) {
    IMPRINT_CHECK(database.run(
        "INSERT INTO provisioning_template (name, description, body, role, enabled, type, hook, "
        "created, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record.name, record.description, record.body, record.role, record.enabled, record.type,
        record.hook, record.created, record.modified));
    return {};
}

Result<void> delete_provisioning_template(sqlite::Database& database, const std::string& name) {
    IMPRINT_CHECK(database.run("DELETE FROM provisioning_template WHERE name = ?", name));
    return {};
}

Result<std::vector<ProvisioningTemplateRecord>> list_provisioning_templates(
    sqlite::Database& database, const std::string& after, std::int64_t limit) {
    IMPRINT_TRY(auto rows, database.query("SELECT name, description, body, role, enabled, type, "
                                          "hook, created, modified FROM provisioning_template "
                                          "WHERE name > ? ORDER BY name LIMIT ?",
                                          after, limit));
    return records_of(std::move(rows), template_of);
}

}  // namespace imprint::local_registry
