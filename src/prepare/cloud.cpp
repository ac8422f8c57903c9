#include "prepare/cloud.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/url.h"
#include "pki/certificate_file.h"
#include "policy/places.h"
#include "prepare/policy_check.h"
#include "prepare/retirement.h"
#include "registry/local_folder.h"

namespace imprint::prepare {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Where Debian's ca-certificates keeps them. AWS IoT's ATS endpoints chain to the first with their
// RSA certificate and to the third with their ECC one (AWS IoT Developer Guide, "Server
// authentication": the two that devices should have, of which either may come).
constexpr std::array amazon_root_cas{"/usr/share/ca-certificates/mozilla/Amazon_Root_CA_1.crt",
                                     "/usr/share/ca-certificates/mozilla/Amazon_Root_CA_3.crt"};

// One that is past its time is told and not refused: a device without a clock does not look at the
// dates (ESP-IDF's MBEDTLS_HAVE_TIME_DATE is off unless a project turns it on), and it may be the
// only one that the broker's certificate chains to.
Result<RootCa> read_root_ca(const fs::path& path, std::string_view setting, WallTime now) {
    auto file = pki::read_certificates(path, setting);
    if (!file && file.error().is("file_missing"))
        return fail(ErrorKind::config, "root_ca_missing",
                    fmt::format("no root CA for the boards: {}", file.error().message),
                    "set credentials.root_ca to a PEM file, or install ca-certificates");
    if (!file) return with_context(std::move(file).error(), "root CA of the boards");
    RootCa root{std::move(file->pem), pki::validity_notes(*file, path, now)};
    for (auto& note : root.notes)
        note += ": a board that knows the time trusts no broker by it";
    return root;
}

Result<void> check_thing_type(registry::Reader& registry, const std::string& name) {
    IMPRINT_TRY(const auto type, registry.find_thing_type(name));
    if (type && type->deprecated) return registry::thing_type_deprecated(name);
    return {};  // one that is missing will be made
}

}  // namespace

std::optional<BrokerAddress> parse_endpoint(std::string_view text) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    auto found = parse_host_and_port(text);
    if (!found || found->host.find_first_not_of(allowed) != std::string::npos) return std::nullopt;
    BrokerAddress address;
    address.host = std::move(found->host);
    if (found->port) address.port = *found->port;
    return address;
}

Result<RootCa> find_root_ca(const RegistrySettings& settings, const fs::path& configured,
                            WallTime now) {
    if (!configured.empty()) return read_root_ca(configured, "credentials.root_ca", now);
    if (settings.provider == Provider::local)
        return read_root_ca(registry::root_ca_path(settings.state), "the local registry's", now);
    RootCa roots;
    for (const char* const path : amazon_root_cas) {
        IMPRINT_TRY(RootCa one, read_root_ca(path, "Debian's ca-certificates", now));
        roots.pem += one.pem;
        std::ranges::move(one.notes, std::back_inserter(roots.notes));
    }
    return roots;
}

Result<CloudFacts> facts_offline(const Settings& settings, WallTime now) {
    const auto address = parse_endpoint(settings.registry.data_endpoint);
    if (!address)
        return fail(ErrorKind::config, "data_endpoint_missing",
                    "offline, nobody tells the broker's address that boards are to connect to",
                    "set registry.data_endpoint; aws iot describe-endpoint --endpoint-type "
                    "iot:Data-ATS prints it");
    CloudFacts facts;
    facts.endpoint = address->host;
    facts.port = address->port;
    IMPRINT_TRY(auto root, find_root_ca(settings.registry, settings.credentials.root_ca, now));
    facts.root_ca_pem = std::move(root.pem);
    facts.notes = std::move(root.notes);
    const auto& policy = settings.identity.policy;
    IMPRINT_TRY(const std::string document, policy_document(policy));
    if (!document.empty())
        IMPRINT_CHECK(check_policies(
            std::array{BoardPolicy{policy.document.string(), document, ErrorKind::config}}, policy,
            policy::place_of_region(settings.registry.region), facts.notes));
    facts.notes.emplace_back(
        "offline: boards are prepared without the registry, and cannot connect until "
        "`imprint registry push` has registered them");
    return facts;
}

Result<CloudFacts> look_at_cloud(registry::Reader& registry, const RootCa& root_ca,
                                 const Settings& all) {
    const IdentitySettings& settings = all.identity;
    CloudFacts facts;
    facts.root_ca_pem = root_ca.pem;
    facts.notes = root_ca.notes;
    std::string endpoint = all.registry.data_endpoint;
    if (endpoint.empty()) {
        IMPRINT_TRY(endpoint, registry.endpoint());
    }
    const auto address = parse_endpoint(endpoint);
    if (!address)
        return fail(
            ErrorKind::registry, "registry_answer_damaged",
            fmt::format("the registry's endpoint \"{}\" is no host, or host and port", endpoint));
    facts.endpoint = address->host;
    facts.port = address->port;
    if (!settings.thing_type.empty())
        IMPRINT_CHECK(check_thing_type(registry, settings.thing_type));
    if (settings.thing_name != "{mac}")
        facts.notes.push_back(fmt::format(
            "a thing is called \"{}\", but a board connects with its MAC as client id: a policy "
            "built on thing variables refuses it",
            settings.thing_name));
    IMPRINT_TRY(const std::string document, policy_document(settings.policy));
    IMPRINT_TRY(const auto policy, registry.find_policy(settings.policy.name));
    if (!policy && document.empty())
        return fail(
            ErrorKind::registry, "policy_missing",
            fmt::format("there is no policy \"{}\" in the registry, and no document to make "
                        "it from",
                        settings.policy.name),
            "create it, or set identity.policy.document to a policy file");
    facts.policy_document = policy ? policy->document : document;
    std::vector<BoardPolicy> policies;
    if (policy)
        policies.push_back({fmt::format("policy \"{}\"", settings.policy.name), policy->document,
                            ErrorKind::registry});
    else
        policies.push_back({settings.policy.document.string(), document, ErrorKind::config});
    IMPRINT_TRY(const auto groups, find_groups(registry, settings, facts.notes));
    IMPRINT_CHECK(check_groups(groups));
    IMPRINT_TRY(auto of_groups, policies_of_groups(registry, groups, settings, facts.notes));
    std::ranges::move(of_groups, std::back_inserter(policies));
    auto place = policy::place_of_region(registry.region());
    // The policy's own name tells the account too, and what another provider calls its region.
    if (policy)
        if (auto told = policy::place_of_arn(policy->arn); !told.partition.empty())
            place = std::move(told);
    facts.account = place.account;
    facts.region = place.region;
    IMPRINT_CHECK(check_policies(policies, settings.policy, place, facts.notes));
    if (policy && !document.empty() &&
        json::parse(policy->document, nullptr, false) != json::parse(document, nullptr, false)) {
        facts.notes.push_back(
            fmt::format("policy \"{}\" in the registry differs from {}; the registry's is used",
                        settings.policy.name, settings.policy.document.string()));
    }
    return facts;
}

Result<void> ensure_cloud(RecordedRegistry& registry, const IdentitySettings& settings,
                          ledger::Ledger& ledger, const Log& log) {
    IMPRINT_CHECK(settle_debts(registry, ledger, log));
    if (!settings.thing_type.empty()) {
        IMPRINT_TRY(const auto type, registry.find_thing_type(settings.thing_type));
        if (!type || type->deprecated)
            IMPRINT_CHECK(registry.ensure_thing_type(settings.thing_type));
    }
    IMPRINT_CHECK(registry.ensure_groups(settings.thing_groups));
    IMPRINT_TRY(const auto policy, registry.find_policy(settings.policy.name));
    if (policy) return {};
    IMPRINT_TRY(const std::string document, policy_document(settings.policy));
    // Somebody may have removed the policy since look_at_cloud: what is made is checked here too.
    std::vector<std::string> notes;
    IMPRINT_CHECK(check_policies(
        std::array{BoardPolicy{settings.policy.document.string(), document, ErrorKind::config}},
        settings.policy, policy::place_of_region(registry.region()), notes));
    return registry.create_policy(settings.policy.name, document);
}

}  // namespace imprint::prepare
