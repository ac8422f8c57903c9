// Certificates that another authority signed.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/certificate_records.h"
#include "local_registry/operations/operations.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

Outcome<json> insert_new(const Context& context, sqlite::Database& database,
                         const CertificateRecord& record) {
    const std::string arn = context.arn(ResourceKind::certificate, record.id);
    IMPRINT_TRY(const auto existing, find_certificate(database, record.id));
    if (existing)
        return already_exists("The certificate is already provisioned or registered", record.id,
                              arn);
    IMPRINT_CHECK(insert_certificate(database, record));
    return json{{"certificateArn", arn}, {"certificateId", record.id}};
}

}  // namespace

// setAsActive is the older way to say what status says.
Outcome<json> register_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pem, input.required(member::certificate_pem));
    IMPRINT_TRY(const auto ca_pem, input.optional(member::ca_certificate_pem));
    IMPRINT_TRY(const bool as_active, input.flag(member::set_as_active));
    IMPRINT_TRY(const auto status, read_status(input, as_active ? active : inactive));
    IMPRINT_TRY(const auto info, read_certificate_to_register(pem));
    CertificateRecord record = make_record(context, info, status, default_mode);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_CHECK(find_authority(database, info, ca_pem, record));
        return insert_new(context, database, record);
    });
}

Outcome<json> register_certificate_without_ca(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pem, input.required(member::certificate_pem));
    IMPRINT_TRY(const auto status, read_status(input, inactive));
    IMPRINT_TRY(const auto info, read_certificate_to_register(pem));
    const CertificateRecord record = make_record(context, info, status, sni_only);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        return insert_new(context, database, record);
    });
}

// An unknown CA has no certificates: the model lists no ResourceNotFoundException.
Outcome<json> list_certificates_by_ca(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto ca, read_certificate_id(input, member::ca_certificate_id));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::marker));
    IMPRINT_TRY(const auto after, after_number(page));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_certificates_by_ca(database, ca, after, page.ascending,
                                                       page.size + 1);
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
