#include "fleet/provisioning_template.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "pki/subject.h"

namespace imprint::fleet {

namespace {

using nlohmann::json;

bool of_each_board(std::string_view value) {
    return value.contains("{mac}");
}

// A template's parameters have names of letters and digits.
std::string attribute_parameter(std::size_t index) {
    return fmt::format("Attribute{}", index + 1);
}

json reference(std::string_view name) {
    return {{"Ref", name}};
}

json declared() {
    return {{"Type", "String"}};
}

json thing_properties(const prepare::IdentitySettings& settings, json name) {
    json thing = {{"ThingName", std::move(name)}};
    if (!settings.thing_type.empty()) thing["ThingTypeName"] = settings.thing_type;
    if (!settings.thing_groups.empty()) thing["ThingGroups"] = settings.thing_groups;
    return thing;
}

std::string whole(const prepare::IdentitySettings& settings, json parameters, json thing,
                  json certificate, bool active) {
    // What is carried out a second time finds what the first one made.
    const json override = {
        {"AttributePayload", "MERGE"}, {"ThingTypeName", "REPLACE"}, {"ThingGroups", "DO_NOTHING"}};
    json of_certificate = {{"Type", "AWS::IoT::Certificate"},
                           {"Properties", std::move(certificate)}};
    // A board may work with it by now: nothing that is carried out for a whole list takes that
    // away.
    if (!active) of_certificate["OverrideSettings"] = {{"Status", "DO_NOTHING"}};
    const json document = {{"Parameters", std::move(parameters)},
                           {"Resources",
                            {{"thing",
                              {{"Type", "AWS::IoT::Thing"},
                               {"Properties", std::move(thing)},
                               {"OverrideSettings", override}}},
                             {"certificate", std::move(of_certificate)},
                             {"policy",
                              {{"Type", "AWS::IoT::Policy"},
                               {"Properties", {{"PolicyName", settings.policy.name}}}}}}}};
    return document.dump(2) + "\n";
}

// The parameters that AWS IoT fills from a certificate's subject, by OpenSSL's names of its parts.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> subject_parameters{{
    {"CN", "CommonName"},
    {"commonName", "CommonName"},
    {"serialNumber", "SerialNumber"},
    {"O", "Organization"},
    {"organizationName", "Organization"},
    {"OU", "OrganizationalUnit"},
    {"organizationalUnitName", "OrganizationalUnit"},
    {"dnQualifier", "DistinguishedNameQualifier"},
    {"ST", "StateName"},
    {"stateOrProvinceName", "StateName"},
    {"C", "Country"},
    {"countryName", "Country"},
}};

// The parameter that says what `place` stands for: a part of the subject that is nothing else.
std::optional<std::string> parameter_of(const pki::Subject& subject, std::string_view place) {
    for (const auto& part : subject) {
        if (part.value != place) continue;
        const auto found = std::ranges::find_if(
            subject_parameters, [&](const auto& known) { return known.first == part.type; });
        if (found != subject_parameters.end())
            return fmt::format("AWS::IoT::Certificate::{}", found->second);
    }
    return std::nullopt;
}

// A text with {mac} in it, put together by AWS IoT.
json joined(std::string_view text, const std::string& mac_parameter) {
    constexpr std::string_view place = "{mac}";
    if (text == place) return reference(mac_parameter);
    json pieces = json::array();
    while (!text.empty()) {
        const auto at = std::min(text.find(place), text.size());
        if (at > 0) pieces.push_back(text.substr(0, at));
        text.remove_prefix(at);
        if (text.empty()) break;
        pieces.push_back(reference(mac_parameter));
        text.remove_prefix(place.size());
    }
    return {{"Fn::Join", json::array({"", std::move(pieces)})}};
}

std::unexpected<Error> not_in_subject(std::string_view what, const std::string& subject) {
    return fail(ErrorKind::config, "just_in_time_subject",
                fmt::format("AWS IoT can take {} only from a certificate's subject, and "
                            "identity.ca.subject = \"{}\" does not hold it",
                            what, subject),
                "give it a part of its own, as in \"CN={thing}, serialNumber={mac}\"");
}

}  // namespace

std::string provisioning_template(const prepare::IdentitySettings& settings, const std::string& lot,
                                  const std::string& ca_pem, bool active) {
    json parameters = {{"ThingName", declared()}, {"CertificatePem", declared()}};
    json thing = thing_properties(settings, reference("ThingName"));
    std::size_t index = 0;
    for (const auto& [key, value] : settings.attributes) {
        const std::string parameter = attribute_parameter(index++);
        const std::string of_all = replace_all(value, "{lot}", lot);
        if (of_all.empty()) continue;
        if (!of_each_board(of_all)) {
            thing["AttributePayload"][key] = of_all;
            continue;
        }
        parameters[parameter] = declared();
        thing["AttributePayload"][key] = reference(parameter);
    }
    json certificate = {{"CertificatePem", reference("CertificatePem")},
                        {"Status", active ? "ACTIVE" : "INACTIVE"}};
    if (!ca_pem.empty()) certificate["CACertificatePem"] = ca_pem;
    return whole(settings, std::move(parameters), std::move(thing), std::move(certificate), active);
}

std::map<std::string, std::string> template_parameters(const prepare::IdentitySettings& settings,
                                                       const minted::MintedIdentity& identity) {
    std::map<std::string, std::string> parameters{{"ThingName", identity.thing},
                                                  {"CertificatePem", identity.certificate_pem}};
    std::size_t index = 0;
    for (const auto& [key, value] : settings.attributes) {
        const std::string parameter = attribute_parameter(index++);
        if (of_each_board(value)) parameters[parameter] = replace_all(value, "{mac}", identity.mac);
    }
    return parameters;
}

Result<std::string> just_in_time_template(const prepare::IdentitySettings& settings,
                                          const std::string& lot) {
    constexpr std::string_view certificate_id = "AWS::IoT::Certificate::Id";
    IMPRINT_TRY(const auto subject, pki::parse_subject(settings.ca.subject));
    const auto of_thing = parameter_of(subject, "{thing}");
    auto of_mac = parameter_of(subject, "{mac}");
    if (!of_mac && settings.thing_name == "{mac}") of_mac = of_thing;
    if (!of_thing && !of_mac) return not_in_subject("the thing's name", settings.ca.subject);
    json parameters = {{certificate_id, declared()}};
    for (const auto& parameter : {of_thing, of_mac})
        if (parameter) parameters[*parameter] = declared();
    json thing = thing_properties(
        settings, of_thing ? reference(*of_thing)
                           : joined(replace_all(settings.thing_name, "{lot}", lot), *of_mac));
    for (const auto& [key, value] : settings.attributes) {
        const std::string of_all = replace_all(value, "{lot}", lot);
        if (of_all.empty()) continue;
        if (of_each_board(of_all) && !of_mac)
            return not_in_subject(fmt::format("the MAC of identity.attributes.{}", key),
                                  settings.ca.subject);
        thing["AttributePayload"][key] =
            of_each_board(of_all) ? joined(of_all, *of_mac) : json(of_all);
    }
    return whole(settings, std::move(parameters), std::move(thing),
                 {{"CertificateId", reference(certificate_id)}, {"Status", "ACTIVE"}}, true);
}

}  // namespace imprint::fleet
