#include "local_registry/store/certificates.h"

#include <algorithm>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/certificate_records.h"
#include "local_registry/operations/operations.h"
#include "local_registry/operations/rules.h"
#include "local_registry/store/policies.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

// Signs the request and registers what came out.
Outcome<json> issue(const Context& context, const std::string& csr, bool as_active) {
    IMPRINT_TRY(const auto record, sign_request(context, csr, as_active ? active : inactive));
    IMPRINT_CHECK(context.store.write(
        [&](sqlite::Database& database) { return insert_certificate(database, record); }));
    return json{{"certificateArn", context.arn(ResourceKind::certificate, record.id)},
                {"certificateId", record.id},
                {"certificatePem", record.pem}};
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

Outcome<json> describe_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input, member::certificate_id));
    IMPRINT_TRY(const auto record, context.store.read([&](sqlite::Database& database) {
        return required_certificate(database, id);
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
                     {"validity", validity_of(record.not_before, record.not_after)},
                     {"certificateMode", record.mode}};
    if (record.ca) description["caCertificateId"] = *record.ca;
    return json{{"certificateDescription", std::move(description)}};
}

// Revoking is for good (developer guide, "Revoke a client certificate").
Outcome<json> update_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input, member::certificate_id));
    IMPRINT_CHECK(input.choice(member::new_status, all_statuses));
    IMPRINT_TRY(const auto status, input.required(member::new_status));
    if (std::ranges::find(settable_statuses, status) == settable_statuses.end())
        return invalid_request(fmt::format("a certificate's status cannot be set to '{}'", status));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(CertificateRecord record, required_certificate(database, id));
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
    IMPRINT_TRY(const auto id, read_certificate_id(input, member::certificate_id));
    IMPRINT_TRY(const bool force, input.flag(member::force_delete));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_certificate(database, id));
        if (record.status == active)
            return certificate_state(fmt::format(
                "Certificate must be deactivated (not ACTIVE) before deletion. Id: {}", id));
        const std::string arn = context.arn(ResourceKind::certificate, id);
        IMPRINT_TRY(const auto things,
                    list_attachments_of_principal(database, id, std::nullopt, "", 1));
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
        output["certificates"].push_back(certificate_entry(context, record));
    add_token(output, "nextMarker", cut.next);
    return output;
}

}  // namespace imprint::local_registry::operations
