#include "local_registry/store/ca_certificates.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/operations/certificate_records.h"
#include "local_registry/operations/operations.h"
#include "local_registry/random.h"
#include "local_registry/store/provisioning_templates.h"

namespace imprint::local_registry::operations {

using nlohmann::json;

namespace {

constexpr std::size_t most_of_one_subject = 10;  // API reference, RegisterCACertificate
constexpr std::size_t code_length = 64;
constexpr std::array<std::string_view, 2> ca_statuses{active, inactive};
constexpr std::array<std::string_view, 2> auto_registration_statuses{"ENABLE", "DISABLE"};

Outcome<CaCertificateRecord> required_ca(sqlite::Database& database, const std::string& id) {
    IMPRINT_TRY(auto record, find_ca_certificate(database, id));
    if (!record) return not_found(fmt::format("CA certificate {} not found", id));
    return *std::move(record);
}

// registrationConfig as it came, checked: kept for whoever asks for it.
Outcome<std::optional<json>> read_registration_config(const Input& input) {
    IMPRINT_TRY(const auto config, input.structure("registrationConfig"));
    if (!config) return std::nullopt;
    IMPRINT_TRY(const auto body, config->optional(member::template_body));
    IMPRINT_TRY(const auto role, config->optional(member::role_arn));
    IMPRINT_TRY(const auto name, config->optional(member::template_name_in_body));
    if (body && name)
        return invalid_request(
            "registrationConfig: templateBody and templateName exclude each "
            "other");
    json kept = json::object();
    if (body) kept["templateBody"] = *body;
    if (role) kept["roleArn"] = *role;
    if (name) kept["templateName"] = *name;
    return kept;
}

Outcome<void> check_template(sqlite::Database& database, const std::optional<json>& config) {
    if (!config || !config->contains("templateName")) return {};
    const std::string name = config->at("templateName");
    IMPRINT_TRY(const auto found, find_provisioning_template(database, name));
    if (!found) return not_found(fmt::format("Provisioning template {} not found", name));
    return {};
}

// Proof that the caller has the CA's key: a certificate that it signed, with the registration code
// as common name (developer guide, "Register your CA certificate").
Outcome<void> check_proof(sqlite::Database& database, const std::string& ca_pem,
                          const std::string& proof_pem) {
    const auto proof = pki::inspect_certificate(proof_pem);
    if (!proof)
        return refuse(400, "CertificateValidationException",
                      fmt::format("verificationCertificate: {}", proof.error().message));
    const auto issued = pki::is_issued_by(proof_pem, ca_pem);
    if (!issued) return refuse(400, "CertificateValidationException", issued.error().message);
    if (!*issued)
        return refuse(400, "CertificateValidationException",
                      "the CA certificate did not sign the verification certificate");
    IMPRINT_TRY(const auto code, find_registration_code(database));
    if (!code || proof->subject_common_name != *code)
        return refuse(400, "RegistrationCodeValidationException",
                      "the common name of the verification certificate is not the registration "
                      "code: ask for it with GetRegistrationCode");
    return {};
}

}  // namespace

Outcome<json> get_registration_code(const Context& context, const Input& /*input*/) {
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(auto code, find_registration_code(database));
        if (!code) {
            code = random_text("0123456789abcdef", code_length).reveal_text();
            IMPRINT_CHECK(insert_registration_code(database, *code));
        }
        return json{{"registrationCode", *code}};
    });
}

Outcome<json> register_ca_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto pem, input.required(member::ca_certificate));
    IMPRINT_TRY(const auto proof, input.optional(member::verification_certificate));
    IMPRINT_TRY(const bool as_active, input.flag(member::set_as_active));
    IMPRINT_TRY(const bool auto_registration, input.flag(member::allow_auto_registration));
    IMPRINT_TRY(const auto config, read_registration_config(input));
    IMPRINT_TRY(const auto asked_mode, input.choice(member::certificate_mode, modes));
    const std::string mode = asked_mode.value_or(std::string(default_mode));
    if (proof.has_value() != (mode == default_mode))
        return invalid_request(
            fmt::format("a CA certificate in mode {} is registered {} a "
                        "verificationCertificate",
                        mode, proof ? "without" : "with"));
    IMPRINT_TRY(const auto info, read_certificate_to_register(pem));
    if (!info.authority)
        return refuse(400, "CertificateValidationException",
                      "the certificate is not a CA's: its basicConstraints do not say CA:TRUE");
    const std::int64_t now = context.now();
    const CaCertificateRecord record{
        .id = info.id,
        .pem = info.pem,
        .subject = info.subject,
        .status = std::string(as_active ? active : inactive),
        .mode = mode,
        .auto_registration = auto_registration,
        .registration_config = config ? std::optional(config->dump()) : std::nullopt,
        .created = now,
        .modified = now,
        .generation = random_uuid(),
        .not_before = to_milliseconds(info.not_before),
        .not_after = to_milliseconds(info.not_after)};
    const std::string arn = context.arn(ResourceKind::ca_certificate, record.id);
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        if (proof) IMPRINT_CHECK(check_proof(database, pem, *proof));
        IMPRINT_CHECK(check_template(database, config));
        IMPRINT_TRY(const auto existing, find_ca_certificate(database, record.id));
        if (existing)
            return already_exists("The CA certificate is already registered", record.id, arn);
        IMPRINT_TRY(const auto namesakes, find_ca_certificates_by_subject(database, info.subject));
        if (namesakes.size() >= most_of_one_subject)
            return refuse(410, "LimitExceededException",
                          fmt::format("{} CA certificates are registered for '{}' already",
                                      namesakes.size(), info.subject));
        IMPRINT_CHECK(insert_ca_certificate(database, record));
        return json{{"certificateArn", arn}, {"certificateId", record.id}};
    });
}

Outcome<json> describe_ca_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input, member::ca_certificate_id));
    IMPRINT_TRY(const auto record, context.store.read([&](sqlite::Database& database) {
        return required_ca(database, id);
    }));
    json output{{"certificateDescription",
                 {{"certificateArn", context.arn(ResourceKind::ca_certificate, id)},
                  {"certificateId", id},
                  {"status", record.status},
                  {"certificatePem", record.pem},
                  {"ownedBy", account},
                  {"creationDate", to_timestamp(record.created)},
                  {"autoRegistrationStatus", record.auto_registration ? "ENABLE" : "DISABLE"},
                  {"lastModifiedDate", to_timestamp(record.modified)},
                  {"customerVersion", record.version},
                  {"generationId", record.generation},
                  {"validity", validity_of(record.not_before, record.not_after)},
                  {"certificateMode", record.mode}}}};
    if (record.registration_config)
        output["registrationConfig"] = json::parse(*record.registration_config, nullptr, false);
    return output;
}

Outcome<json> list_ca_certificates(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto with_template, input.optional(member::template_name_in_query));
    IMPRINT_TRY(const auto page, read_page(input, PageStyle::marker));
    IMPRINT_TRY(const auto after, after_number(page));
    IMPRINT_TRY(auto records, context.store.read([&](sqlite::Database& database) {
        return local_registry::list_ca_certificates(database, after, page.ascending, with_template,
                                                    page.size + 1);
    }));
    const auto cut = cut_page(std::move(records), page, [](const CaCertificateRecord& last) {
        return std::to_string(last.number);
    });
    json output{{"certificates", json::array()}};
    for (const auto& record : cut.items)
        output["certificates"].push_back(
            {{"certificateArn", context.arn(ResourceKind::ca_certificate, record.id)},
             {"certificateId", record.id},
             {"status", record.status},
             {"creationDate", to_timestamp(record.created)}});
    add_token(output, "nextMarker", cut.next);
    return output;
}

Outcome<json> update_ca_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input, member::ca_certificate_id));
    IMPRINT_TRY(const auto status, input.choice(member::new_status, ca_statuses));
    IMPRINT_TRY(const auto auto_registration,
                input.choice(member::new_auto_registration_status, auto_registration_statuses));
    IMPRINT_TRY(const auto config, read_registration_config(input));
    IMPRINT_TRY(const bool remove_config, input.flag(member::remove_auto_registration));
    if (config && remove_config)
        return invalid_request("registrationConfig and removeAutoRegistration exclude each other");
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(CaCertificateRecord record, required_ca(database, id));
        IMPRINT_CHECK(check_template(database, config));
        if (status) record.status = *status;
        if (auto_registration) record.auto_registration = *auto_registration == "ENABLE";
        if (config) record.registration_config = config->dump();
        if (remove_config) {
            record.auto_registration = false;
            record.registration_config.reset();
        }
        record.modified = context.now();
        ++record.version;
        IMPRINT_CHECK(local_registry::update_ca_certificate(database, record));
        return json::object();
    });
}

Outcome<json> delete_ca_certificate(const Context& context, const Input& input) {
    IMPRINT_TRY(const auto id, read_certificate_id(input, member::ca_certificate_id));
    return context.store.write([&](sqlite::Database& database) -> Outcome<json> {
        IMPRINT_TRY(const auto record, required_ca(database, id));
        if (record.status == active)
            return certificate_state(fmt::format(
                "CA certificate must be deactivated (not ACTIVE) before deletion. Id: {}", id));
        IMPRINT_CHECK(local_registry::delete_ca_certificate(database, id));
        return json::object();
    });
}

}  // namespace imprint::local_registry::operations
