#include "local_registry/plugin/admission.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

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

// AWS General Reference, "AWS IoT Core message broker and protocol limits and quotas": a topic or
// filter has at most 256 bytes and 7 slashes, not counting the mandatory segments of Basic Ingest;
// nor those of a shared subscription here, of which the page says nothing.
std::string_view counted_part(Access access, std::string_view topic) {
    const std::string_view fixed = access == Access::subscribe ? "$share/" : "$aws/rules/";
    if (!topic.starts_with(fixed)) return topic;
    const std::size_t end = topic.find('/', fixed.size());
    return end == std::string_view::npos ? topic : topic.substr(end + 1);
}

// What AWS IoT refuses whatever the policies say; empty: nothing.
std::string broken_limit(Access access, std::string_view topic) {
    constexpr std::size_t longest = 256;
    constexpr std::ptrdiff_t most_slashes = 7;
    const std::string_view counted = counted_part(access, topic);
    if (counted.size() > longest)
        return fmt::format("it has {} bytes, and AWS IoT takes {}", counted.size(), longest);
    const auto slashes = std::ranges::count(counted, '/');
    if (slashes > most_slashes)
        return fmt::format("it has {} slashes, and AWS IoT takes {}", slashes, most_slashes);
    // Developer guide, "Reserved topics".
    const bool shared = access == Access::subscribe && topic.starts_with("$share/");
    if (topic.starts_with('$') && !topic.starts_with("$aws/") && !shared)
        return "topics that begin with $ are reserved, and AWS IoT has none of this name";
    return {};
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
    if (use.access != Access::receive)
        if (std::string broken = broken_limit(use.access, use.topic); !broken.empty())
            return refused(std::move(broken));
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
