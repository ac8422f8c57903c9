// The authorities whose certificates may be registered, and the code that proves their ownership.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct CaCertificateRecord {
    std::int64_t number = 0;  // in the order of registration; given by the store
    std::string id;
    std::string pem;
    std::string subject;             // pki::CertificateInfo::subject
    std::string status;              // "ACTIVE", "INACTIVE"
    std::string mode;                // "DEFAULT"; "SNI_ONLY" without a proof of its key
    bool auto_registration = false;  // its certificates are registered when they first connect
    std::optional<std::string> registration_config;  // the API's structure, as JSON
    std::int64_t created = 0;
    std::int64_t modified = 0;
    std::int64_t version = 1;
    std::string generation;
    std::int64_t not_before = 0;
    std::int64_t not_after = 0;
};

[[nodiscard]] Result<std::optional<CaCertificateRecord>> find_ca_certificate(
    sqlite::Database& database, const std::string& id);
// All with the same name: a renewed authority has two certificates.
[[nodiscard]] Result<std::vector<CaCertificateRecord>> find_ca_certificates_by_subject(
    sqlite::Database& database, const std::string& subject);
[[nodiscard]] Result<void> insert_ca_certificate(sqlite::Database& database,
                                                 const CaCertificateRecord& record);
// Status, auto-registration, its configuration, time of change and version.
[[nodiscard]] Result<void> update_ca_certificate(sqlite::Database& database,
                                                 const CaCertificateRecord& record);
// The certificates that it signed are kept.
[[nodiscard]] Result<void> delete_ca_certificate(sqlite::Database& database, const std::string& id);
// In the order of registration or in reverse; `template_name`: only those that provision with it.
[[nodiscard]] Result<std::vector<CaCertificateRecord>> list_ca_certificates(
    sqlite::Database& database, std::optional<std::int64_t> after, bool ascending,
    const std::optional<std::string>& template_name, std::int64_t limit);

[[nodiscard]] Result<std::optional<std::string>> find_registration_code(sqlite::Database& database);
[[nodiscard]] Result<void> insert_registration_code(sqlite::Database& database,
                                                    const std::string& code);

}  // namespace imprint::local_registry
