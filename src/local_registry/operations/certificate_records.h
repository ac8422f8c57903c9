// Shared by the operations that create, register and show certificates.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "local_registry/operations/context.h"
#include "local_registry/store/certificates.h"
#include "pki/certificate.h"

namespace imprint::local_registry::operations {

inline constexpr std::string_view active = "ACTIVE";
inline constexpr std::string_view inactive = "INACTIVE";
inline constexpr std::string_view revoked = "REVOKED";
inline constexpr std::string_view pending_activation = "PENDING_ACTIVATION";
// The statuses that a caller may set, and all those in the model.
inline constexpr std::array settable_statuses{active, inactive, revoked};
inline constexpr std::array<std::string_view, 6> all_statuses{
    active, inactive, revoked, "PENDING_TRANSFER", "REGISTER_INACTIVE", pending_activation};

inline constexpr std::string_view default_mode = "DEFAULT";
inline constexpr std::string_view sni_only = "SNI_ONLY";
inline constexpr std::array modes{default_mode, sni_only};

// Ids are stored in lower case.
[[nodiscard]] Outcome<std::string> read_certificate_id(const Input& input, const Member& member);
// The requested status, or `otherwise`; one that cannot be set is an InvalidRequestException.
[[nodiscard]] Outcome<std::string> read_status(const Input& input, std::string_view otherwise);

// A device's or an authority's, with a key that AWS IoT takes.
[[nodiscard]] Outcome<pki::CertificateInfo> read_certificate_to_register(const std::string& pem);
[[nodiscard]] CertificateRecord make_record(const Context& context,
                                            const pki::CertificateInfo& info,
                                            std::string_view status, std::string_view mode);
// A certificate for the request, signed by the registry's own CA, not stored yet.
[[nodiscard]] Outcome<CertificateRecord> sign_request(const Context& context,
                                                      const std::string& csr,
                                                      std::string_view status);

// Matches the certificate with its CA (store/ca_certificates.h), and sets the `ca` and `mode` of
// `record`. The CA must be registered and ACTIVE; without `ca_pem` it is found by the issuer's
// name. Errors: InvalidRequestException, CertificateValidationException, CertificateStateException,
// CertificateConflictException.
[[nodiscard]] Outcome<void> find_authority(sqlite::Database& database,
                                           const pki::CertificateInfo& info,
                                           const std::optional<std::string>& ca_pem,
                                           CertificateRecord& record);

// One entry of a list.
[[nodiscard]] nlohmann::json certificate_entry(const Context& context,
                                               const CertificateRecord& record);
[[nodiscard]] nlohmann::json validity_of(std::int64_t not_before, std::int64_t not_after);

}  // namespace imprint::local_registry::operations
