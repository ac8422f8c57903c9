// What is the same in the cloud for every board of a run, made sure of before the first one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credential_source.h"
#include "aws/credentials.h"
#include "aws/iot_client.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/client.h"
#include "ledger/ledger.h"
#include "prepare/settings.h"

namespace imprint::prepare {

// What a board trusts its broker by: certificates, encoded anew.
struct RootCa {
    std::string pem;
    std::vector<std::string> notes;  // one that is not good now
};

// The way to the registry, as the settings and the machine have it.
struct RegistryAccess {
    aws::CredentialSource credentials{aws::Credentials{}};
    aws::IotClientOptions options;
    http::CurlOptions trust;
    RootCa root_ca;
    bool local = false;
};

// log gets what renewing the credentials later has to say. Errors (registry): those of
// find_credentials, no_region, registry_not_serving (a local registry's folder
// without a running service), registry_not_running (its service was killed); config: those of
// find_root_ca. Only asked here, at a command's start: a local registry that goes away and comes
// back later, under a run, is waited for as AWS is.
[[nodiscard]] Result<RegistryAccess> find_registry(const RegistrySettings& settings,
                                                   const std::filesystem::path& root_ca,
                                                   const aws::CredentialEnvironment& environment,
                                                   WallTime now, const Log& log = {},
                                                   const std::stop_token& stop = {});

struct BrokerAddress {
    std::string host;
    std::uint16_t port = 8883;
};

// "host" or "host:port". Nothing: it is neither.
[[nodiscard]] std::optional<BrokerAddress> parse_endpoint(std::string_view text);

struct CloudFacts {
    std::string endpoint;  // host of the broker
    std::uint16_t port = 8883;
    std::string root_ca_pem;
    std::string policy_document;     // what boards may do; empty: not known
    std::vector<std::string> notes;  // a policy that differs from its document, …
};

// What a run knows without asking anybody: the broker's address from the settings. Errors (config):
// data_endpoint_missing, policy_document, those of find_root_ca.
[[nodiscard]] Result<CloudFacts> facts_offline(const Settings& settings, WallTime now);

// The root CA that boards trust the broker by: the configured one, the local registry's, or
// Amazon's. Errors (config): root_ca_missing, and those of pki::read_certificates.
[[nodiscard]] Result<RootCa> find_root_ca(const RegistrySettings& settings,
                                          const std::filesystem::path& configured, WallTime now);

// Looks without changing anything: endpoint, and that type, groups and policy exist or can be made.
// What is wrong with the policy becomes notes; error policy_wide (registry for one that exists,
// config for a document): it is as wide as iot:* on *, and allow_wide is not set.
[[nodiscard]] Result<CloudFacts> look_at_cloud(aws::IotClient& iot, const RegistryAccess& access,
                                               const Settings& settings);

// Makes thing type, groups and policy where they are missing, and settles what earlier runs owe.
[[nodiscard]] Result<void> ensure_cloud(aws::IotClient& iot, const IdentitySettings& settings,
                                        ledger::Ledger& ledger, const Log& log);

}  // namespace imprint::prepare
