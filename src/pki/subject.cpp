#include "pki/subject.h"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "base/text.h"
#include "pki/openssl.h"

namespace imprint::pki {

namespace {

std::unexpected<Error> invalid(std::string_view text, const std::string& why) {
    return fail(ErrorKind::config, "subject_invalid",
                fmt::format("\"{}\" is no subject for a certificate: {}", text, why),
                "write it as \"CN={thing}, O=Example GmbH, C=DE\"");
}

// Up to the next comma that is not escaped; takes it away from the text.
std::string next_part(std::string_view& text) {
    std::string part;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == ',') break;
        if (c == '\\' && !text.empty()) {
            part += text.front();
            text.remove_prefix(1);
        } else {
            part += c;
        }
    }
    return part;
}

// Of UTF-8; -1: it is something else.
long count_characters(std::string_view text) {
    long count = 0;
    for (; !text.empty(); ++count) {
        unsigned long character = 0;
        const int size = UTF8_getc(reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()), &character);
        if (size <= 0) return -1;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return count;
}

// X.520's upper bounds, as OpenSSL's table has them.
std::string fault_of(const NamePart& part) {
    const int nid = OBJ_txt2nid(part.type.c_str());
    if (nid == NID_undef) return fmt::format("\"{}\" is no type of name", part.type);
    if (part.value.empty()) return fmt::format("{} is empty", part.type);
    const ASN1_STRING_TABLE* row = ASN1_STRING_TABLE_get(nid);
    if (row == nullptr) return fmt::format("\"{}\" is not a part of a subject", part.type);
    const auto characters = count_characters(part.value);
    if (characters < 0) return fmt::format("{} is not UTF-8", part.type);
    if (row->maxsize > 0 && characters > row->maxsize)
        return fmt::format("{} has {} characters, {} are allowed", part.type, characters,
                           row->maxsize);
    if (row->minsize > 0 && characters < row->minsize)
        return fmt::format("{} needs {} characters", part.type, row->minsize);
    return {};
}

}  // namespace

Result<Subject> parse_subject(std::string_view text) {
    const std::string_view whole = text;
    Subject subject;
    while (!text.empty()) {
        const std::string part = next_part(text);
        const auto equals = part.find('=');
        if (equals == std::string::npos)
            return invalid(whole, fmt::format("\"{}\" has no \"=\"", trimmed(part)));
        subject.push_back({std::string(trimmed(std::string_view(part).substr(0, equals))),
                           std::string(trimmed(std::string_view(part).substr(equals + 1)))});
        if (const std::string fault = fault_of(subject.back()); !fault.empty())
            return invalid(whole, fault);
    }
    const auto names = std::ranges::count_if(subject, [](const NamePart& part) {
        return OBJ_txt2nid(part.type.c_str()) == NID_commonName;
    });
    if (names != 1) return invalid(whole, "it needs one CN");
    return subject;
}

}  // namespace imprint::pki
