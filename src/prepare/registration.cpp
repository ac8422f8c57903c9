#include "prepare/registration.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "prepare/identity.h"

namespace imprint::prepare {

using nlohmann::json;

ThingFacts thing_facts(const IdentitySettings& settings, const MacAddress& mac,
                       const std::string& thing, const std::string& lot,
                       const std::string& serial) {
    ThingFacts facts;
    facts.thing = thing;
    facts.type = settings.thing_type;
    for (const auto& [key, value] : settings.attributes) {
        std::string filled = replace_all(fill_in(value, mac, lot), "{serial}", serial);
        if (!filled.empty()) facts.attributes[key] = std::move(filled);
    }
    facts.groups = settings.thing_groups;
    facts.policy = settings.policy.name;
    facts.with_ca = settings.ca.registration == Registration::with_ca;
    return facts;
}

std::string to_json(const ThingFacts& facts) {
    return json{{"thing", facts.thing},           {"type", facts.type},
                {"attributes", facts.attributes}, {"groups", facts.groups},
                {"policy", facts.policy},         {"with_ca", facts.with_ca}}
        .dump();
}

Result<ThingFacts> facts_from_json(const std::string& text) {
    const json root = json::parse(text, nullptr, false);
    ThingFacts facts;
    try {
        root.at("thing").get_to(facts.thing);
        root.at("type").get_to(facts.type);
        root.at("attributes").get_to(facts.attributes);
        root.at("groups").get_to(facts.groups);
        root.at("policy").get_to(facts.policy);
        root.at("with_ca").get_to(facts.with_ca);
    } catch (const json::exception&) {
        return fail(ErrorKind::ledger, "ledger_damaged",
                    "a queued registration in the ledger does not say what the thing is to be",
                    "prepare the board again");
    }
    return facts;
}

}  // namespace imprint::prepare
