#include "local_registry/operations/just_in_time.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "local_registry/operations/certificate_records.h"
#include "local_registry/operations/provisioning.h"
#include "local_registry/store/ca_certificates.h"
#include "local_registry/store/provisioning_templates.h"

namespace imprint::local_registry::operations {

using nlohmann::json;
using Names = std::map<std::string, std::vector<std::string>, std::less<>>;

namespace {

// The parameters that JITP fills, and the names of what they are filled from.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> subject_parameters{{
    {"AWS::IoT::Certificate::Country", "Subject.Country"},
    {"AWS::IoT::Certificate::Organization", "Subject.Organization"},
    {"AWS::IoT::Certificate::OrganizationalUnit", "Subject.OrganizationalUnit"},
    {"AWS::IoT::Certificate::DistinguishedNameQualifier", "Subject.DistinguishedNameQualifier"},
    {"AWS::IoT::Certificate::StateName", "Subject.State"},
    {"AWS::IoT::Certificate::CommonName", "Subject.CommonName"},
    {"AWS::IoT::Certificate::SerialNumber", "Subject.SerialNumber"},
}};

Outcome<CaCertificateRecord> find_registering_authority(sqlite::Database& database,
                                                        const pki::CertificateInfo& info,
                                                        const std::string& pem) {
    IMPRINT_TRY(const auto namesakes, find_ca_certificates_by_subject(database, info.issuer));
    for (const auto& authority : namesakes)
        if (authority.status == active && authority.auto_registration &&
            pki::is_issued_by(pem, authority.pem).value_or(false))
            return authority;
    return refuse(400, "CertificateValidationException",
                  fmt::format("no ACTIVE CA certificate with auto-registration signed "
                              "certificate {}",
                              info.id));
}

// The template's text: in the configuration itself, or by name.
Outcome<std::optional<std::string>> template_of(sqlite::Database& database,
                                                const CaCertificateRecord& authority) {
    if (!authority.registration_config) return std::nullopt;
    const json config = json::parse(*authority.registration_config, nullptr, false);
    if (config.contains("templateBody")) return config["templateBody"].get<std::string>();
    if (!config.contains("templateName")) return std::nullopt;
    const std::string name = config["templateName"];
    IMPRINT_TRY(const auto found, find_provisioning_template(database, name));
    if (!found) return not_found(fmt::format("Provisioning template {} not found", name));
    if (!found->enabled)
        return invalid_request(fmt::format("provisioning template {} is not enabled", name));
    return found->body;
}

std::map<std::string, std::string> parameters_of(const std::string& id, const Names& names) {
    std::map<std::string, std::string> parameters{{"AWS::IoT::Certificate::Id", id}};
    for (const auto& [parameter, name] : subject_parameters)
        if (const auto found = names.find(name); found != names.end() && !found->second.empty())
            parameters.emplace(parameter, found->second.front());
    return parameters;
}

std::string message_of(const CertificateRecord& record) {
    return json{{"certificateId", record.id},
                {"caCertificateId", *record.ca},
                {"timestamp", record.created},
                {"certificateStatus", pending_activation},
                {"awsAccountId", account},
                {"certificateRegistrationTimestamp", std::to_string(record.created)}}
        .dump();
}

}  // namespace

Outcome<std::optional<Registration>> register_just_in_time(const Context& context,
                                                           const std::string& pem,
                                                           const Names& names) {
    IMPRINT_TRY(const auto info, read_certificate_to_register(pem));
    CertificateRecord record = make_record(context, info, pending_activation, default_mode);
    Registration done{.certificate_id = info.id,
                      .ca_certificate_id = {},
                      .status = record.status,
                      .fault = {},
                      .topic = {},
                      .message = {}};
    // Registering and what the template makes are one: with a template that fails, only the
    // certificate is registered.
    const auto attempt = [&](sqlite::Database& database, bool with_template) -> Outcome<bool> {
        IMPRINT_TRY(const auto existing, find_certificate(database, info.id));
        if (existing) return false;
        IMPRINT_TRY(const auto authority, find_registering_authority(database, info, pem));
        record.ca = done.ca_certificate_id = authority.id;
        record.mode = authority.mode;
        IMPRINT_CHECK(insert_certificate(database, record));
        if (!authority.registration_config) {
            done.topic = fmt::format("$aws/events/certificates/registered/{}", authority.id);
            done.message = message_of(record);
        }
        if (!with_template) return true;
        IMPRINT_TRY(const auto body, template_of(database, authority));
        if (!body) return true;
        IMPRINT_TRY(const auto plan, read_plan(*body, parameters_of(info.id, names)));
        if (!plan.certificate || plan.certificate->id != info.id)
            return invalid_request(
                "the template's certificate is not {\"Ref\": \"AWS::IoT::Certificate::Id\"}");
        IMPRINT_TRY(auto certificate, prepare_certificate(context, plan));
        IMPRINT_CHECK(provision(context, database, plan, std::move(certificate)));
        done.status = plan.certificate->status;
        return true;
    };
    const auto run = [&](bool with_template) {
        return context.store.write([&](sqlite::Database& database) -> Outcome<bool> {
            return attempt(database, with_template);
        });
    };
    auto registered = run(true);
    if (!registered && registered.error().status < 500 &&
        registered.error().name != "CertificateValidationException") {
        done.fault = fmt::format("{}: {}", registered.error().name, registered.error().message);
        registered = run(false);
    }
    if (!registered) return std::unexpected(std::move(registered).error());
    if (!*registered) return std::nullopt;
    return done;
}

}  // namespace imprint::local_registry::operations
