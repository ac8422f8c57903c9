#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sqlite/database.h"

namespace imprint::local_registry {

struct CertificateRecord {
    std::int64_t number = 0;  // in the order of registration; given by the store
    std::string id;
    std::string pem;
    std::optional<std::string> ca;  // the id of the registered CA that signed it
    std::string status;             // "ACTIVE", "INACTIVE", "REVOKED", "PENDING_ACTIVATION"
    std::string mode;  // "DEFAULT"; "SNI_ONLY" if registered without a CA, or with such a CA
    std::int64_t created = 0;
    std::int64_t modified = 0;
    std::int64_t version = 1;
    std::string generation;
    std::int64_t not_before = 0;
    std::int64_t not_after = 0;
};

[[nodiscard]] Result<std::optional<CertificateRecord>> find_certificate(sqlite::Database& database,
                                                                        const std::string& id);
[[nodiscard]] Result<void> insert_certificate(sqlite::Database& database,
                                              const CertificateRecord& record);
// Status, time of change and version.
[[nodiscard]] Result<void> update_certificate(sqlite::Database& database,
                                              const CertificateRecord& record);
// Detaches its policies too; things must be detached before.
[[nodiscard]] Result<void> delete_certificate(sqlite::Database& database, const std::string& id);
// In the order of registration or in reverse; after: the number of the last one seen.
[[nodiscard]] Result<std::vector<CertificateRecord>> list_certificates(
    sqlite::Database& database, std::optional<std::int64_t> after, bool ascending,
    std::int64_t limit);
[[nodiscard]] Result<std::vector<CertificateRecord>> list_certificates_by_ca(
    sqlite::Database& database, const std::string& ca, std::optional<std::int64_t> after,
    bool ascending, std::int64_t limit);

// Of one that is attached already, the kind of attachment changes.
[[nodiscard]] Result<void> insert_thing_principal(sqlite::Database& database,
                                                  const std::string& thing,
                                                  const std::string& certificate,
                                                  bool exclusive = false);
[[nodiscard]] Result<void> delete_thing_principal(sqlite::Database& database,
                                                  const std::string& thing,
                                                  const std::string& certificate);

// Certificate ids of a thing, and names of the things of a certificate.
struct Attachment {
    std::string name;  // of the other side: a certificate's id, or a thing's name
    bool exclusive = false;
};

// The same with the kind of each; `exclusive`: those of one kind alone.
[[nodiscard]] Result<std::vector<Attachment>> list_attachments_of_thing(
    sqlite::Database& database, const std::string& thing, std::optional<bool> exclusive,
    const std::string& after, std::int64_t limit);
[[nodiscard]] Result<std::vector<Attachment>> list_attachments_of_principal(
    sqlite::Database& database, const std::string& certificate, std::optional<bool> exclusive,
    const std::string& after, std::int64_t limit);

}  // namespace imprint::local_registry
