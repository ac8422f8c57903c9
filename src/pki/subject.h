// A subject's distinguished name as a person writes it: "CN=246f28a1b2c3, O=Example GmbH, C=DE".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace imprint::pki {

struct NamePart {
    std::string type;   // "CN", "O", "serialNumber": OpenSSL's short or long name
    std::string value;  // UTF-8

    friend bool operator==(const NamePart&, const NamePart&) = default;
};

using Subject = std::vector<NamePart>;  // in the order of the certificate: CN need not come first

// TYPE=VALUE, separated by commas; in a value, "\," stands for a comma and "\\" for a backslash
// (RFC 4514, 2.4). Error: subject_invalid (config): not that form, no such type, an empty or a
// second CN, or a value longer than X.520 allows.
[[nodiscard]] Result<Subject> parse_subject(std::string_view text);

}  // namespace imprint::pki
