// The client that makes a request, and the values of policy variables and condition keys for it.
// Sources: AWS IoT Core developer guide, "Basic AWS IoT Core policy variables", "Thing policy
// variables", "X.509 certificate AWS IoT Core policy variables" and, for iot:CertificateId, its
// "Certificate policy examples". Names of keys are case-insensitive (IAM user guide, "IAM JSON
// policy elements: Condition"); names of thing attributes are not.
// Decided: no key has the MQTT user name (AWS documents none), and iot:Thing.ThingName, which some
// of AWS's examples use, is not a variable, since none of its lists has it.
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
    // The thing that the client id names, if the certificate is attached to it. Otherwise there is
    // none: its variables have no value, and IsAttached is false. AWS says that a variable of a
    // thing that is not attached is not resolved ("Thing policy examples").
    std::optional<Thing> thing;
    std::string certificate_id;
    std::string source_ip;    // "192.0.2.7"; empty: unknown
    std::string domain_name;  // requested by the client; empty: unknown
    // The certificate's names, by the part of the key after "iot:Certificate.":
    // "Subject.CommonName" → its values in order, "SerialNumber" → one.
    std::map<std::string, std::vector<std::string>, std::less<>> certificate;
};

// Whether AWS IoT documents the key, so that a condition on it can be evaluated.
[[nodiscard]] bool is_known_key(std::string_view key);
// Whether it only has a value for an attached thing, or for certain certificates.
[[nodiscard]] bool may_lack_value(std::string_view key);

// The key's values here; empty: it has none. A certificate's attribute returns its first value,
// with ".1" after it the second, with ".List" all (at most five). As in AWS's list of limits, a
// value that contains a wildcard or is longer than 1024 characters is ignored.
[[nodiscard]] std::vector<std::string> values_of(const Context& context, std::string_view key);

}  // namespace imprint::policy
