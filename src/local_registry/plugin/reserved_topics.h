// AWS IoT's reserved topics ("$aws/…"). Which of them the registry answers; and what a client that
// asks a service which the local registry does not have is told in place of an answer, so that its
// firmware does not wait for ever. Sources: AWS IoT Core developer guide, "Reserved topics"; for
// the forms of a refusal "Device Shadow error response documents", "Jobs device MQTT and HTTPS
// APIs" (ErrorResponse), "Device provisioning MQTT API", "MQTT-based file delivery error codes".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace imprint::local_registry {

struct Unserved {
    std::string_view service;  // "shadows"
    std::string topic;         // where its refusal goes; empty: AWS IoT has none for it
    std::string payload;
};

// Whether the registry answers what is published there.
[[nodiscard]] bool is_served(std::string_view topic);

// Nothing: no topic that a client asks an absent service on. payload: what it published.
[[nodiscard]] std::optional<Unserved> unserved(std::string_view topic, std::string_view payload,
                                               WallTime now);

// What a client is told whose question cannot be taken now: too many wait. The topic is served.
[[nodiscard]] Unserved overloaded(std::string_view topic, std::string_view payload, WallTime now);

}  // namespace imprint::local_registry
