// What every board of a run needs in the cloud alike; checked or created before the first board.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "ledger/ledger.h"
#include "prepare/recorded_registry.h"
#include "prepare/settings.h"
#include "registry/registry.h"

namespace imprint::prepare {

// The certificates by which a board trusts its broker, encoded anew.
struct RootCa {
    std::string pem;
    std::vector<std::string> notes;  // certificates that are not valid now
};

struct BrokerAddress {
    std::string host;
    std::uint16_t port = 8883;
};

// "host" or "host:port". Nothing: neither of them.
[[nodiscard]] std::optional<BrokerAddress> parse_endpoint(std::string_view text);

struct CloudFacts {
    std::string endpoint;  // host of the broker
    std::uint16_t port = 8883;
    std::string root_ca_pem;
    std::string account = {};        // of AWS, by the policy's ARN; empty: not known yet
    std::string region = {};         // likewise
    std::string policy_document;     // what boards may do; empty: unknown
    std::vector<std::string> notes;  // a policy that differs from its document, …
};

// The facts that need no request: the broker's address from the settings. Errors (config):
// data_endpoint_missing, policy_document, those of find_root_ca.
[[nodiscard]] Result<CloudFacts> facts_offline(const Settings& settings, WallTime now);

// The root CA that boards trust the broker by: the configured one, the local registry's, or
// Amazon's. Errors (config): root_ca_missing, and those of pki::read_certificates.
[[nodiscard]] Result<RootCa> find_root_ca(const RegistrySettings& settings,
                                          const std::filesystem::path& configured, WallTime now);

// Checks without changing anything: the endpoint, and that type, groups and policy exist or can be
// created. Problems of the policies, the groups' too, become notes. Errors: policy_missing, and
// those of check_groups and check_policies (policy_check.h).
[[nodiscard]] Result<CloudFacts> look_at_cloud(registry::Reader& registry, const RootCa& root_ca,
                                               const Settings& settings);

// Creates thing type, groups and policy if they are missing, and settles what earlier runs owe.
[[nodiscard]] Result<void> ensure_cloud(RecordedRegistry& registry,
                                        const IdentitySettings& settings, ledger::Ledger& ledger,
                                        const Log& log);

}  // namespace imprint::prepare
