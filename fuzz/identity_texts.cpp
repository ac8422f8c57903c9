// The texts that identities are configured and remembered by: a subject, a queued registration, a
// broker's address, a fault plan. The first byte says which.
#include <string>
#include <string_view>

#include "local_registry/faults/plan.h"
#include "pki/subject.h"
#include "prepare/cloud.h"
#include "prepare/proof.h"
#include "prepare/registration.h"
#include "target.h"

using namespace imprint;

namespace {

void check_facts(const std::string& text) {
    const auto facts = prepare::facts_from_json(text);
    if (!facts) return;
    const auto again = prepare::facts_from_json(prepare::to_json(*facts));
    fuzz::require(again && *again == *facts);
}

void check_topics(const std::string& policy) {
    const auto topics = prepare::proof_topics(policy, {}, "246f28000001", "246f28000001");
    fuzz::require(topics.foreign.empty() || topics.foreign != topics.own);
}

}  // namespace

void fuzz::run(ByteView input) {
    if (input.empty()) return;
    const std::string text(as_text(input.subspan(1)));
    switch (input[0] % 5) {
        case 0:
            static_cast<void>(pki::parse_subject(text));
            break;
        case 1:
            check_facts(text);
            break;
        case 2:
            static_cast<void>(prepare::parse_endpoint(text));
            break;
        case 3:
            check_topics(text);
            break;
        default:
            static_cast<void>(local_registry::parse_fault_plan(text, "plan"));
            break;
    }
}
