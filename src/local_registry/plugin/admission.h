// Who may connect, and what a client may publish, subscribe to and receive: the rules, without the
// broker that asks and the database that answers. The attached policies decide, evaluated by
// policy/evaluate.h.
// Sources: AWS IoT Core developer guide, "AWS IoT Core policies" (policies of a thing group count
// for a client whose id is the thing's name) and "AWS IoT Core policy actions" (a retained message
// needs iot:Publish and iot:RetainPublish); "Associating an AWS IoT thing to an MQTT client
// connection" (an exclusive thing counts for any client id).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.h"
#include "policy/evaluate.h"

namespace imprint::local_registry {

// One connection, as the broker knows it.
struct Client {
    std::string id;
    std::string certificate;  // its certificateId
    std::string address;
    std::map<std::string, std::vector<std::string>, std::less<>>
        certificate_names;  // policy::Context
};

// The registry's data of a certificate and of the client that presents it.
struct CertificateFacts {
    std::string status;                      // "ACTIVE"
    std::optional<policy::Thing> thing;      // named by the client id, or exclusive, and attached
    std::vector<policy::Attached> policies;  // in effect: its own, and those of that thing's groups
    std::string fault;                       // an unreadable document that might deny; empty: none
};

enum class Access : std::uint8_t { publish, subscribe, receive };

struct Use {
    Access access = Access::publish;
    std::string topic;    // or topic filter
    bool retain = false;  // of a published message
};

struct Verdict {
    bool admitted = false;
    std::string reason;  // of a refusal, for the log
};

// `arn_start`: the start of the registry's ARNs, see api/arn.h.
[[nodiscard]] Verdict admit_connect(const std::optional<CertificateFacts>& facts,
                                    const Client& client, std::string_view arn_start);
// For a client that may connect.
[[nodiscard]] Verdict admit_use(const CertificateFacts& facts, const Client& client, const Use& use,
                                std::string_view arn_start);

}  // namespace imprint::local_registry
