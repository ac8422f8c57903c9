#include "local_registry/store/certificates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/operations.h"
#include "local_registry/random.h"
#include "local_registry/store/policies.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::string_view active = "ACTIVE";
constexpr std::string_view inactive = "INACTIVE";
constexpr std::string_view revoked = "REVOKED";
constexpr std::array settable{active, inactive, revoked};

constexpr std::string_view from_ca = "DEFAULT";
constexpr std::string_view without_ca = "SNI_ONLY";

Outcome<std::string> read_certificate_id(const Input& input) {
    IMPRINT_TRY(std::string id, input.required(member::certificate_id));
    for (char& c : id)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    return id;
}

Outcome<CertificateRecord> require(sqlite::Database& database, const std::string& id) {
    IMPRINT_TRY(auto record, find_certificate(database, id));
    if (!record) return not_found(fmt::format("Certificate {} not found", id));
    return *std::move(record);
}

// As AWS IoT's own certificates: good until the end of 2049.
std::chrono::days validity(WallTime now) {
    using namespace std::chrono;
    constexpr sys_days end = year{2049} / December / 31;
    return std::max(days{1}, floor<days>(end - now));
}

CertificateRecord make_record(const Context& context, const pki::CertificateInfo& info,
                              std::string pem, std::string_view status, std::string_view mode) {
    const std::int64_t now = context.now();
    return {.id = info.id,
            .pem = std::move(pem),
            .status = std::string(status),
            .mode = std::string(mode),
            .created = now,
            .modified = now,
            .version = 1,
            .generation = random_uuid(),
            .not_before = to_milliseconds(info.not_before),
            .not_after = to_milliseconds(info.not_after)};
}

// Signs the request and registers what came out.
Outcome<json> issue(const Context& context, const std::string& csr, bool as_active) {
    const WallTime now = context.clock.wall();
    const auto issued = context.authority.issue_client(csr, validity(now), now);
    if (!issued) return invalid_request(issued.error().message);
    IMPRINT_TRY(const auto info, pki::inspect_certificate(*issued));
    const auto record = make_record(context, info, *issued, as_active ? active : inactive, from_ca);
    IMPRINT_CHECK(context.store.write(
        [&](sqlite::Database& database) { return insert_certificate(database, record); }));
    return json{{"certificateArn", context.arn(ResourceKind::certificate, info.id)},
                {"certificateId", info.id},
                {"certificatePem", *issued}};
}

}  // namespace

Outcome<json> create_certificate_from_csr(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto csr, input.required(member::certificate_signing_request));
    IMPRINT_TRY(const bool as_active, input.flag(member::set_as_active));
    return issue(context, csr, as_active);
}

// An RSA-2048 pair, as AWS IoT makes it.
Outcome<json> create_keys_and_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const bool as_active, input.flag(member::set_as_active));
    IMPRINT_TRY(const auto key, pki::PrivateKey::generate(pki::KeyKind::rsa_2048));
    IMPRINT_TRY(json output, issue(context, key.request("Local IoT certificate"), as_active));
    output["keyPair"] = {{"PublicKey", key.public_pem()},
                         {"PrivateKey", std::string(key.to_pem().reveal_text())}};
    return output;
}

Outcome<json> register_certificate_without_ca(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pem, input.required(member::certificate_pem));
    IMPRINT_TRY(const auto asked, input.optional(member::status));
    const std::string status = asked.value_or(std::string(inactive));
    if (std::ranges::find(settable, status) == settable.end())
        return invalid_request(fmt::format("a certificate cannot be registered as '{}'", status));
    const auto info = pki::inspect_certificate(pem);
    if (!info) return refuse(400, "CertificateValidationException", info.error().message);
    const auto record = make_record(context, *info, pem, status, without_ca);
    const std::string arn = context.arn(ResourceKind::certificate, info->id);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto existing, find_certificate(database, record.id));
        if (existing)
            return already_exists("The certificate is already provisioned or registered", record.id,
                                  arn);
        IMPRINT_CHECK(insert_certificate(database, record));
        return json{{"certificateArn", arn}, {"certificateId", record.id}};
    });
}

Outcome<json> describe_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input));
    IMPRINT_TRY(const auto record, context.store.read([&](sqlite::Database& database) {
        return require(database, id);
    }));
    json description{{"certificateArn", context.arn(ResourceKind::certificate, id)},
                     {"certificateId", id},
                     {"status", record.status},
                     {"certificatePem", record.pem},
                     {"ownedBy", account},
                     {"creationDate", to_timestamp(record.created)},
                     {"lastModifiedDate", to_timestamp(record.modified)},
                     {"customerVersion", record.version},
                     {"generationId", record.generation},
                     {"validity",
                      {{"notBefore", to_timestamp(record.not_before)},
                       {"notAfter", to_timestamp(record.not_after)}}},
                     {"certificateMode", record.mode}};
    return json{{"certificateDescription", std::move(description)}};
}

// Revoking is for good (developer guide, "Revoke a client certificate").
Outcome<json> update_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input));
    IMPRINT_TRY(const auto status, input.required(member::new_status));
    if (std::ranges::find(settable, status) == settable.end())
        return invalid_request(fmt::format("a certificate's status cannot be set to '{}'", status));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(CertificateRecord record, require(database, id));
        if (record.status == status) return json::object();
        if (record.status == revoked)
            return certificate_state(
                fmt::format("Certificate {} is revoked, which cannot be undone", id));
        record.status = status;
        record.modified = context.now();
        ++record.version;
        IMPRINT_CHECK(local_registry::update_certificate(database, record));
        return json::object();
    });
}

// forceDelete overlooks policies, never things or an ACTIVE status.
Outcome<json> delete_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input));
    IMPRINT_TRY(const bool force, input.flag(member::force_delete));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, require(database, id));
        if (record.status == active)
            return certificate_state(fmt::format(
                "Certificate must be deactivated (not ACTIVE) before deletion. Id: {}", id));
        const std::string arn = context.arn(ResourceKind::certificate, id);
        IMPRINT_TRY(const auto things, list_things_of_principal(database, id, "", 1));
        if (!things.empty())
            return delete_conflict(
                fmt::format("Things must be detached before deletion (arn: {})", arn));
        IMPRINT_TRY(
            const auto policies,
            list_policies_of_target(database, {.kind = PolicyTarget::Kind::certificate, .name = id},
                                    std::nullopt, true, 1));
        if (!policies.empty() && !force)
            return delete_conflict(fmt::format(
                "Certificate policies must be detached before deletion (arn: {})", arn));
        IMPRINT_CHECK(local_registry::delete_certificate(database, id));
        return json::object();
    });
}

Outcome<json> list_certificates(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::marker));
    IMPRINT_TRY(const auto after, after_number(page));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_certificates(database, after, page.ascending, page.size + 1);
    }));
    const auto cut = cut_page(std::move(records), page, [](const CertificateRecord& last) {
        return std::to_string(last.number);
    });
    json output{{"certificates", json::array()}};
    for (const auto& record : cut.items)
        output["certificates"].push_back(
            {{"certificateArn", context.arn(ResourceKind::certificate, record.id)},
             {"certificateId", record.id},
             {"status", record.status},
             {"certificateMode", record.mode},
             {"creationDate", to_timestamp(record.created)}});
    add_token(output, "nextMarker", cut.next);
    return output;
}

}  // namespace imprint::local_registry::operations
