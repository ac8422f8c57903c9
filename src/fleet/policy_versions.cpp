#include "fleet/policy_versions.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

namespace imprint::fleet {

namespace {

constexpr std::size_t most_versions = 5;

bool says_the_same(const std::string& one, const std::string& other) {
    using nlohmann::json;
    const json parsed = json::parse(one, nullptr, false);
    return !parsed.is_discarded() && parsed == json::parse(other, nullptr, false);
}

}  // namespace

Result<PolicyPutReport> put_policy(prepare::RecordedRegistry& registry, const std::string& name,
                                   const std::string& document) {
    IMPRINT_TRY(const auto policy, registry.find_policy(name));
    if (!policy) {
        IMPRINT_CHECK(registry.create_policy(name, document));
        return PolicyPutReport{PolicyChange::created, {}, {}};
    }
    IMPRINT_TRY(const auto versions, registry.policy_versions(name));
    PolicyPutReport put;
    for (const auto& version : versions)
        if (version.is_default) put.version = version.id;
    if (says_the_same(policy->document, document)) return put;
    for (const auto& version : versions) {
        if (version.is_default) continue;
        IMPRINT_TRY(const std::string said, registry.policy_document(name, version.id));
        if (!says_the_same(said, document)) continue;
        IMPRINT_CHECK(registry.set_default_policy_version(name, version.id));
        return PolicyPutReport{PolicyChange::restored, version.id, {}};
    }
    if (versions.size() >= most_versions) {
        // The newest come first.
        const auto oldest = std::find_if(versions.rbegin(), versions.rend(),
                                         [](const auto& version) { return !version.is_default; });
        IMPRINT_CHECK(registry.delete_policy_version(name, oldest->id));
        put.pruned = oldest->id;
    }
    IMPRINT_TRY(put.version, registry.add_policy_version(name, document));
    put.change = PolicyChange::added;
    return put;
}

}  // namespace imprint::fleet
