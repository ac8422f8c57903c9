#include "local_registry/operations/certificate_records.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/random.h"
#include "local_registry/store/ca_certificates.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

// As AWS IoT's own certificates: good until the end of 2049.
std::chrono::days validity(WallTime now) {
    using namespace std::chrono;
    constexpr sys_days end = year{2049} / December / 31;
    return std::max(days{1}, floor<days>(end - now));
}

// The registered CA that the caller gave.
Outcome<std::vector<CaCertificateRecord>> given_authority(sqlite::Database& database,
                                                          const std::string& ca_pem) {
    const auto info = pki::inspect_certificate(ca_pem);
    if (!info)
        return refuse(400, "CertificateValidationException",
                      fmt::format("caCertificatePem: {}", info.error().message));
    IMPRINT_TRY(auto found, find_ca_certificate(database, info->id));
    std::vector<CaCertificateRecord> records;
    if (found) records.push_back(*std::move(found));
    return records;
}

}  // namespace

Outcome<std::string> read_certificate_id(const Input& input, const Member& member) {
    IMPRINT_TRY(std::string id, input.required(member));
    for (char& c : id)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return id;
}

Outcome<std::string> read_status(const Input& input, std::string_view otherwise) {
    IMPRINT_TRY(const auto asked, input.choice(member::status, all_statuses));
    std::string status = asked.value_or(std::string(otherwise));
    if (std::ranges::find(settable_statuses, status) == settable_statuses.end())
        return invalid_request(fmt::format("a certificate cannot be registered as '{}'", status));
    return status;
}

Outcome<pki::CertificateInfo> read_certificate_to_register(const std::string& pem) {
    auto info = pki::inspect_certificate(pem);
    if (!info) return refuse(400, "CertificateValidationException", info.error().message);
    if (const std::string fault = pki::key_fault(info->public_pem); !fault.empty())
        return refuse(400, "CertificateValidationException", "the certificate's key: " + fault);
    return *std::move(info);
}

CertificateRecord make_record(const Context& context, const pki::CertificateInfo& info,
                              std::string_view status, std::string_view mode) {
    const std::int64_t now = context.now();
    return {.id = info.id,
            .pem = info.pem,
            .ca = {},
            .status = std::string(status),
            .mode = std::string(mode),
            .created = now,
            .modified = now,
            .version = 1,
            .generation = random_uuid(),
            .not_before = to_milliseconds(info.not_before),
            .not_after = to_milliseconds(info.not_after)};
}

Outcome<CertificateRecord> sign_request(const Context& context, const std::string& csr,
                                        std::string_view status) {
    const WallTime now = context.clock.wall();
    IMPRINT_TRY(const std::string issued,
                context.settle("certificate", [&]() -> Outcome<std::string> {
                    auto made = context.authority.issue_client(csr, validity(now), now);
                    if (!made) return invalid_request(made.error().message);
                    return *std::move(made);
                }));
    IMPRINT_TRY(const auto info, pki::inspect_certificate(issued));
    if (const std::string fault = pki::key_fault(info.public_pem); !fault.empty())
        return invalid_request("The certificate request's key: " + fault);
    return make_record(context, info, status, default_mode);
}

Outcome<void> find_authority(sqlite::Database& database, const pki::CertificateInfo& info,
                             const std::optional<std::string>& ca_pem, CertificateRecord& record) {
    std::vector<CaCertificateRecord> candidates;
    if (ca_pem) {
        IMPRINT_TRY(candidates, given_authority(database, *ca_pem));
    } else {
        IMPRINT_TRY(candidates, find_ca_certificates_by_subject(database, info.issuer));
    }
    if (candidates.empty())
        return refuse(
            400, "CertificateValidationException",
            fmt::format("the CA certificate of the issuer '{}' is not registered", info.issuer));
    if (candidates.size() > 1)
        return refuse(409, "CertificateConflictException",
                      fmt::format("{} CA certificates are registered for '{}': name the one that "
                                  "signed, in caCertificatePem",
                                  candidates.size(), info.issuer));
    const CaCertificateRecord& authority = candidates.front();
    const auto issued = pki::is_issued_by(record.pem, authority.pem);
    if (!issued) return refuse(400, "CertificateValidationException", issued.error().message);
    if (!*issued)
        return refuse(
            400, "CertificateValidationException",
            fmt::format("the certificate is not signed by CA certificate {}", authority.id));
    if (authority.status != active)
        return refuse(406, "CertificateStateException",
                      fmt::format("CA certificate {} is {}", authority.id, authority.status));
    record.ca = authority.id;
    record.mode = authority.mode;
    return {};
}

json certificate_entry(const Context& context, const CertificateRecord& record) {
    return {{"certificateArn", context.arn(ResourceKind::certificate, record.id)},
            {"certificateId", record.id},
            {"status", record.status},
            {"certificateMode", record.mode},
            {"creationDate", to_timestamp(record.created)}};
}

json validity_of(std::int64_t not_before, std::int64_t not_after) {
    return {{"notBefore", to_timestamp(not_before)}, {"notAfter", to_timestamp(not_after)}};
}

}  // namespace imprint::local_registry::operations
