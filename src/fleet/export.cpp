#include "fleet/export.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "pki/certificate.h"

namespace imprint::fleet {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<ExportFormat, std::string_view>, 4> formats = {{
    {ExportFormat::bulk, "bulk"},
    {ExportFormat::csv, "csv"},
    {ExportFormat::thingpress, "thingpress"},
    {ExportFormat::thingpress_espressif, "thingpress-espressif"},
}};

bool of_each_board(std::string_view value) {
    return value.contains("{mac}");
}

// A template's parameters have names of letters and digits.
std::string attribute_parameter(std::size_t index) {
    return fmt::format("Attribute{}", index + 1);
}

std::string filled(std::string text, std::string_view place, const std::string& value) {
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size())
        text.replace(at, place.size(), value);
    return text;
}

std::string quoted(const std::string& text) {
    return "\"" + filled(text, "\"", "\"\"") + "\"";
}

std::unexpected<Error> named_otherwise(const MintedIdentity& identity, const std::string& name) {
    return fail(ErrorKind::config, "export_names",
                fmt::format("ThingPress would call the thing \"{}\" \"{}\"", identity.thing, name),
                "mint with identity.ca.subject = \"CN={thing}\" (thingpress), or with "
                "thing_name = \"{mac}\" and --list (thingpress-espressif); or export as bulk");
}

Result<std::string> line_of(ExportFormat format, const prepare::IdentitySettings& settings,
                            const MintedIdentity& one) {
    switch (format) {
        case ExportFormat::bulk:
            return json(template_parameters(settings, one)).dump() + "\n";
        case ExportFormat::csv:
            return fmt::format("{},{},{},{}\n", one.thing, one.mac, one.certificate_id,
                               quoted(one.certificate_pem));
        case ExportFormat::thingpress: {
            IMPRINT_TRY(const auto info, pki::inspect_certificate(one.certificate_pem));
            if (info.subject_common_name != one.thing)
                return named_otherwise(one, info.subject_common_name);
            return to_base64(as_bytes(one.certificate_pem)) + "\n";
        }
        case ExportFormat::thingpress_espressif:
            if (one.mac != one.thing) return named_otherwise(one, one.mac);
            return fmt::format("{},{}\n", one.mac, quoted(one.certificate_pem));
    }
    return std::string();
}

std::string_view head_of(ExportFormat format) {
    if (format == ExportFormat::csv) return "thing,mac,certificate_id,certificate\n";
    if (format == ExportFormat::thingpress_espressif) return "MAC,cert\n";
    return "";
}

}  // namespace

Result<ExportFormat> parse_export_format(std::string_view text) {
    for (const auto& [format, name] : formats)
        if (name == text) return format;
    return fail(ErrorKind::usage, "export_format",
                fmt::format("there is no export format \"{}\"", text),
                "use bulk, csv, thingpress or thingpress-espressif");
}

std::string provisioning_template(const prepare::IdentitySettings& settings, const std::string& lot,
                                  const std::string& ca_pem, bool active) {
    const auto reference = [](const std::string& name) { return json{{"Ref", name}}; };
    json parameters = {{"ThingName", {{"Type", "String"}}},
                       {"CertificatePem", {{"Type", "String"}}}};
    json thing = {{"ThingName", reference("ThingName")}};
    if (!settings.thing_type.empty()) thing["ThingTypeName"] = settings.thing_type;
    if (!settings.thing_groups.empty()) thing["ThingGroups"] = settings.thing_groups;
    std::size_t index = 0;
    for (const auto& [key, value] : settings.attributes) {
        const std::string parameter = attribute_parameter(index++);
        const std::string of_all = filled(value, "{lot}", lot);
        if (of_all.empty()) continue;
        if (!of_each_board(of_all)) {
            thing["AttributePayload"][key] = of_all;
            continue;
        }
        parameters[parameter] = {{"Type", "String"}};
        thing["AttributePayload"][key] = reference(parameter);
    }
    json certificate = {{"CertificatePem", reference("CertificatePem")},
                        {"Status", active ? "ACTIVE" : "INACTIVE"}};
    if (!ca_pem.empty()) certificate["CACertificatePem"] = ca_pem;
    // A second task over the same list finds what the first one made.
    const json override = {
        {"AttributePayload", "MERGE"}, {"ThingTypeName", "REPLACE"}, {"ThingGroups", "DO_NOTHING"}};
    const json whole = {
        {"Parameters", parameters},
        {"Resources",
         {{"thing",
           {{"Type", "AWS::IoT::Thing"}, {"Properties", thing}, {"OverrideSettings", override}}},
          {"certificate", {{"Type", "AWS::IoT::Certificate"}, {"Properties", certificate}}},
          {"policy",
           {{"Type", "AWS::IoT::Policy"},
            {"Properties", {{"PolicyName", settings.policy.name}}}}}}}};
    return whole.dump(2) + "\n";
}

std::map<std::string, std::string> template_parameters(const prepare::IdentitySettings& settings,
                                                       const MintedIdentity& identity) {
    std::map<std::string, std::string> parameters{{"ThingName", identity.thing},
                                                  {"CertificatePem", identity.certificate_pem}};
    std::size_t index = 0;
    for (const auto& [key, value] : settings.attributes) {
        const std::string parameter = attribute_parameter(index++);
        if (of_each_board(value)) parameters[parameter] = filled(value, "{mac}", identity.mac);
    }
    return parameters;
}

Result<std::int64_t> export_identities(MintedStore& store, ExportFormat format,
                                       const prepare::IdentitySettings& settings,
                                       const std::filesystem::path& path) {
    const std::filesystem::path part = path.string() + ".part";
    const auto unwritable = [&path](int number) {
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("cannot write {}: {}", path.string(),
                                std::generic_category().message(number)),
                    "name a file in a folder that can be written");
    };
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    if (!file) return unwritable(errno);
    file << head_of(format);
    std::int64_t count = 0;
    Result<void> fault;
    auto done = store.each([&](const MintedIdentity& one) {
        auto line = line_of(format, settings, one);
        if (!line) {
            fault = std::unexpected(std::move(line).error());
            return false;
        }
        file << *line;
        ++count;
        return file.good();
    });
    if (done && fault && !file.flush()) return unwritable(errno);
    file.close();
    std::error_code failed;
    if (!done || !fault) {
        std::filesystem::remove(part, failed);
        return std::unexpected(!done ? std::move(done).error() : std::move(fault).error());
    }
    std::filesystem::rename(part, path, failed);
    if (failed) return unwritable(failed.value());
    return count;
}

}  // namespace imprint::fleet
