#include "policy/context.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace imprint::policy {

namespace {

constexpr std::string_view attributes_key = "iot:Connection.Thing.Attributes[";
constexpr std::string_view certificate_key = "iot:Certificate.";
constexpr std::array<std::string_view, 7> plain_keys{"iot:ClientId",
                                                     "iot:DomainName",
                                                     "aws:SourceIp",
                                                     "iot:CertificateId",
                                                     "iot:Connection.Thing.ThingName",
                                                     "iot:Connection.Thing.ThingTypeName",
                                                     "iot:Connection.Thing.IsAttached"};
constexpr std::array<std::string_view, 18> name_attributes{
    "DistinguishedNameQualifier",
    "Country",
    "Organization",
    "OrganizationalUnit",
    "State",
    "CommonName",
    "SerialNumber",
    "Title",
    "Surname",
    "GivenName",
    "Initials",
    "Pseudonym",
    "GenerationQualifier",
    "AlternativeName.RFC822Name",
    "AlternativeName.DNSName",
    "AlternativeName.DirectoryName",
    "AlternativeName.UniformResourceIdentifier",
    "AlternativeName.IPAddress"};
constexpr std::size_t most_values = 5;
constexpr std::size_t longest_value = 1024;

bool begins(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && same_but_for_case(text.substr(0, start.size()), start);
}

// "Subject.Country.1": the attribute, and which of its values.
struct CertificateKey {
    std::string_view attribute;  // "Subject.Country"
    std::size_t index = 0;
    bool all = false;
};

CertificateKey take_apart(std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return {.attribute = name};
    const std::string_view last = name.substr(dot + 1);
    if (same_but_for_case(last, "List")) return {.attribute = name.substr(0, dot), .all = true};
    if (last.size() == 1 && last[0] >= '0' && last[0] <= '9')
        return {.attribute = name.substr(0, dot), .index = static_cast<std::size_t>(last[0] - '0')};
    return {.attribute = name};
}

bool is_certificate_attribute(std::string_view attribute) {
    for (const std::string_view side : {"Issuer.", "Subject."})
        if (begins(attribute, side))
            return std::ranges::any_of(name_attributes, [&](std::string_view known) {
                return same_but_for_case(attribute.substr(side.size()), known);
            });
    return same_but_for_case(attribute, "SerialNumber");
}

bool is_usable(const std::string& value) {
    return value.size() <= longest_value && !value.contains('*') && !value.contains('?');
}

std::vector<std::string> of_certificate(const Context& context, std::string_view name) {
    if (same_but_for_case(name, "AvailableKeys")) {
        std::vector<std::string> keys;
        for (const auto& [attribute, values] : context.certificate)
            if (!values.empty()) keys.push_back(std::string(certificate_key) + attribute);
        return keys;
    }
    const CertificateKey key = take_apart(name);
    for (const auto& [attribute, values] : context.certificate) {
        if (!same_but_for_case(attribute, key.attribute)) continue;
        const std::size_t count = std::min(values.size(), most_values);
        const auto end = values.begin() + static_cast<std::ptrdiff_t>(count);
        if (!std::all_of(values.begin(), end, is_usable)) return {};
        if (key.all) return {values.begin(), end};
        return key.index < count ? std::vector{values[key.index]} : std::vector<std::string>{};
    }
    return {};
}

std::vector<std::string> one_or_none(const std::string& value) {
    return value.empty() ? std::vector<std::string>{} : std::vector{value};
}

// "name" of "iot:Connection.Thing.Attributes[name]"
std::optional<std::string_view> attribute_of(std::string_view key) {
    if (!begins(key, attributes_key) || !key.ends_with(']')) return std::nullopt;
    key.remove_prefix(attributes_key.size());
    key.remove_suffix(1);
    if (key.empty()) return std::nullopt;
    return key;
}

}  // namespace

bool is_known_key(std::string_view key) {
    if (std::ranges::any_of(
            plain_keys, [&](std::string_view known) { return same_but_for_case(key, known); }) ||
        attribute_of(key))
        return true;
    if (!begins(key, certificate_key)) return false;
    key.remove_prefix(certificate_key.size());
    return same_but_for_case(key, "AvailableKeys") ||
           is_certificate_attribute(take_apart(key).attribute);
}

bool may_lack_value(std::string_view key) {
    return !same_but_for_case(key, "iot:ClientId") && !same_but_for_case(key, "aws:SourceIp") &&
           !same_but_for_case(key, "iot:CertificateId") &&
           !same_but_for_case(key, "iot:Connection.Thing.IsAttached");
}

std::vector<std::string> values_of(const Context& context, std::string_view key) {
    if (same_but_for_case(key, "iot:ClientId")) return one_or_none(context.client_id);
    if (same_but_for_case(key, "iot:DomainName")) return one_or_none(context.domain_name);
    if (same_but_for_case(key, "aws:SourceIp")) return one_or_none(context.source_ip);
    if (same_but_for_case(key, "iot:CertificateId")) return one_or_none(context.certificate_id);
    if (same_but_for_case(key, "iot:Connection.Thing.IsAttached"))
        return {context.thing ? "true" : "false"};
    if (begins(key, certificate_key)) {
        key.remove_prefix(certificate_key.size());
        return of_certificate(context, key);
    }
    if (!context.thing) return {};
    if (same_but_for_case(key, "iot:Connection.Thing.ThingName"))
        return one_or_none(context.thing->name);
    if (same_but_for_case(key, "iot:Connection.Thing.ThingTypeName"))
        return one_or_none(context.thing->type);
    if (const auto attribute = attribute_of(key)) {
        const auto found = context.thing->attributes.find(*attribute);
        if (found != context.thing->attributes.end()) return one_or_none(found->second);
    }
    return {};
}

}  // namespace imprint::policy
