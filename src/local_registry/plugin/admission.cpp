#include "local_registry/plugin/admission.h"

#include <fmt/format.h>

namespace imprint::local_registry {

namespace {

Verdict refused(std::string reason) {
    return {.admitted = false, .reason = std::move(reason)};
}

policy::Context context_of(const CertificateFacts& facts, const Client& client) {
    return {.client_id = client.id,
            .thing = facts.thing,
            .certificate_id = client.certificate,
            .source_ip = client.address,
            .domain_name = {},  // the broker does not tell which name a client asked for
            .certificate = client.certificate_names};
}

Verdict ask(const CertificateFacts& facts, const Client& client, std::string action,
            std::string resource) {
    auto decision = policy::evaluate(facts.policies,
                                     {.action = std::move(action), .resource = std::move(resource)},
                                     context_of(facts, client));
    return {.admitted = decision.allowed(), .reason = std::move(decision.why)};
}

}  // namespace

Verdict admit_connect(const std::optional<CertificateFacts>& facts, const Client& client,
                      std::string_view arn_start) {
    if (!facts) return refused("the certificate is not registered");
    if (facts->status != "ACTIVE")
        return refused(fmt::format("the certificate is {}", facts->status));
    if (facts->policies.empty()) return refused("the certificate has no policy");
    if (!facts->fault.empty()) return refused(facts->fault);
    if (client.id.empty()) return refused("it has no client id");
    return ask(*facts, client, "iot:Connect", fmt::format("{}client/{}", arn_start, client.id));
}

Verdict admit_use(const CertificateFacts& facts, const Client& client, const Use& use,
                  std::string_view arn_start) {
    const std::string topic = fmt::format("{}topic/{}", arn_start, use.topic);
    switch (use.access) {
        case Access::subscribe:
            return ask(facts, client, "iot:Subscribe",
                       fmt::format("{}topicfilter/{}", arn_start, use.topic));
        case Access::receive:
            return ask(facts, client, "iot:Receive", topic);
        case Access::publish:
            break;
    }
    Verdict verdict = ask(facts, client, "iot:Publish", topic);
    if (verdict.admitted && use.retain) verdict = ask(facts, client, "iot:RetainPublish", topic);
    return verdict;
}

}  // namespace imprint::local_registry
