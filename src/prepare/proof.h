// The proof before shipping: the station uses a board's new identity itself, once, before the board
// does. It connects as the thing and publishes; then it tries another client id, to publish to
// another thing's topic and to subscribe to it, all of which have to be refused.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "prepare/cloud.h"
#include "prepare/identity.h"

namespace imprint::prepare {

// What the proof uses: a topic of the thing's own that the policy lets it publish to, and the same
// of a thing that cannot exist. Empty: the policy allows none (own), or the topic is not of one
// thing alone (foreign).
struct ProofTopics {
    std::string own;
    std::string foreign;
};

// A client id or thing that no board can have: the last character is exchanged for one that no MAC
// address has, so that a pattern on the beginning of a name is caught too.
[[nodiscard]] std::string foreign_name(const std::string& name);

// topic: of verify.topic, filled in; empty: one of the policy's. Of the thing's shadow only `get`
// is used, which changes nothing.
[[nodiscard]] ProofTopics proof_topics(const std::string& policy_document, const std::string& topic,
                                       const std::string& thing, const std::string& client_id);

struct ProofTools {
    const CloudFacts& cloud;
    std::string topic;      // verify.topic, filled in
    Milliseconds patience;  // for the service to have heard of certificate and policy everywhere
    Clock& clock;
};

// May be called from many threads. Errors (registry): proof_unreachable, proof_connect_refused,
// proof_publish_refused (what the thing may do was refused until the patience was over);
// proof_foreign_client_allowed, proof_foreign_topic_allowed; mqtt_credentials; interrupted.
[[nodiscard]] Result<void> prove_identity(const ProofTools& tools, const Identity& identity,
                                          const std::string& client_id,
                                          const std::stop_token& stop);

}  // namespace imprint::prepare
