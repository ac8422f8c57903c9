#include "local_registry/plugin/certificate_names.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <string_view>

#include "base/text.h"

namespace imprint::local_registry {

namespace {

struct Attribute {
    int nid;
    std::string_view name;
};

constexpr std::array attributes{
    Attribute{NID_dnQualifier, "DistinguishedNameQualifier"},
    Attribute{NID_countryName, "Country"},
    Attribute{NID_organizationName, "Organization"},
    Attribute{NID_organizationalUnitName, "OrganizationalUnit"},
    Attribute{NID_stateOrProvinceName, "State"},
    Attribute{NID_commonName, "CommonName"},
    Attribute{NID_serialNumber, "SerialNumber"},
    Attribute{NID_title, "Title"},
    Attribute{NID_surname, "Surname"},
    Attribute{NID_givenName, "GivenName"},
    Attribute{NID_initials, "Initials"},
    Attribute{NID_pseudonym, "Pseudonym"},
    Attribute{NID_generationQualifier, "GenerationQualifier"},
};

struct FreeOpenssl {
    void operator()(unsigned char* text) const noexcept { OPENSSL_free(text); }

    void operator()(char* text) const noexcept { OPENSSL_free(text); }

    void operator()(BIGNUM* number) const noexcept { BN_free(number); }
};

using Names = std::map<std::string, std::vector<std::string>, std::less<>>;

void add_name(Names& names, std::string_view side, const X509_NAME* name) {
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        const auto known = std::ranges::find(attributes, nid, &Attribute::nid);
        if (known == attributes.end()) continue;
        unsigned char* text = nullptr;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
        if (size < 0) continue;
        const std::unique_ptr<unsigned char, FreeOpenssl> owner(text);
        names[fmt::format("{}.{}", side, known->name)].emplace_back(
            reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    }
}

}  // namespace

Names certificate_names_of(const void* x509) {
    const auto* certificate = static_cast<const X509*>(x509);
    Names names;
    add_name(names, "Subject", X509_get_subject_name(certificate));
    add_name(names, "Issuer", X509_get_issuer_name(certificate));
    const std::unique_ptr<BIGNUM, FreeOpenssl> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
    const std::unique_ptr<char, FreeOpenssl> digits(number ? BN_bn2hex(number.get()) : nullptr);
    if (digits) names["SerialNumber"] = {lower_case(digits.get())};
    return names;
}

}  // namespace imprint::local_registry
