// Who asks, and what the keys of policy variables and conditions mean for them.
// Sources: AWS IoT Core developer guide, "Basic AWS IoT Core policy variables", "Thing policy
// variables", "X.509 certificate AWS IoT Core policy variables" and, for iot:CertificateId, its
// "Certificate policy examples". Names of keys know no upper and lower case (IAM user guide, "IAM
// JSON policy elements: Condition"); names of thing attributes do.
// Decided: no key tells the MQTT user name (AWS documents none), and iot:Thing.ThingName, which
// some of AWS's examples have, is not a variable, as it is in none of its lists.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imprint::policy {

struct Thing {
    std::string name;
    std::string type;  // empty: none
    std::map<std::string, std::string, std::less<>> attributes;
};

struct Context {
    std::string client_id;
    // The thing that the client id names, if the certificate is attached to it. Else there is none:
    // its variables have no value, and IsAttached is false. AWS says that a variable of a thing
    // that is not attached is not resolved ("Thing policy examples").
    std::optional<Thing> thing;
    std::string certificate_id;
    std::string source_ip;    // "192.0.2.7"; empty: not known
    std::string domain_name;  // what the client asked for; empty: not known
    // What the certificate says, by the part of the key behind "iot:Certificate.":
    // "Subject.CommonName" → its values in their order, "SerialNumber" → one.
    std::map<std::string, std::vector<std::string>, std::less<>> certificate;
};

// One that AWS IoT documents, so that a condition on it can be weighed.
[[nodiscard]] bool is_known_key(std::string_view key);
// One that only has a value for an attached thing, or for certain certificates.
[[nodiscard]] bool may_lack_value(std::string_view key);

// The key's values here; empty: it has none. A certificate's attribute gives its first value, with
// ".1" behind it the second, with ".List" all (five at most). As in AWS's list of limits, one with
// a wildcard in it or longer than 1024 characters counts as none.
[[nodiscard]] std::vector<std::string> values_of(const Context& context, std::string_view key);

}  // namespace imprint::policy
