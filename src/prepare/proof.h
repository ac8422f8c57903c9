// The proof before shipping: the station uses a board's new identity once, before the board does.
// It connects as the thing and publishes. Then it tries another client id, publishing to another
// thing's topic, and subscribing to that topic: all of these must be refused.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "prepare/cloud.h"
#include "prepare/identity.h"

namespace imprint::prepare {

// The topics of the proof: one of the thing's own that the policy lets it publish to, and the same
// topic of a thing that cannot exist. Empty: the policy allows none (own), or the topic does not
// belong to a single thing (foreign).
struct ProofTopics {
    std::string own;
    std::string foreign;
};

// A client id or thing name that no board can have: the last character is replaced by one that no
// MAC address contains, so that a policy with a pattern on the beginning of a name is caught too.
[[nodiscard]] std::string foreign_name(const std::string& name);

// topic: from verify.topic, filled in; empty: one of the policy's. Of the thing's shadow only `get`
// is used, which changes nothing.
[[nodiscard]] ProofTopics proof_topics(const std::string& policy_document, const std::string& topic,
                                       const std::string& thing, const std::string& client_id);

struct ProofTools {
    const CloudFacts& cloud;
    std::string topic;      // verify.topic, filled in
    Milliseconds patience;  // until the service applies certificate and policy everywhere
    Clock& clock;
};

// May be called from many threads. Errors (registry): proof_unreachable, proof_connect_refused,
// proof_publish_refused (what the thing may do was still refused when the patience was over);
// proof_foreign_client_allowed, proof_foreign_topic_allowed; mqtt_credentials; interrupted.
[[nodiscard]] Result<void> prove_identity(const ProofTools& tools, const Identity& identity,
                                          const std::string& client_id,
                                          const std::stop_token& stop);

}  // namespace imprint::prepare
