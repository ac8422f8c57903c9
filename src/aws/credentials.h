// AWS credentials, found as the AWS CLI finds them (docs/registry.md). What a run signs with comes
// from a CredentialSource (credential_source.h), which renews them in time; here is one set of
// them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace imprint::aws {

struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;             // empty for long-lived keys
    std::optional<WallTime> expires;  // where that is known
    std::string source;               // "environment", "profile factory in ~/.aws/credentials"

    [[nodiscard]] Credentials copy() const;
};

// Where the search looks; the process's own by default, a made-up one in tests.
struct CredentialEnvironment {
    std::function<std::optional<std::string>(const std::string&)> variable;
    std::filesystem::path home;
    [[nodiscard]] static CredentialEnvironment of_this_process();
};

// AWS_REGION, AWS_DEFAULT_REGION, then the profile's region. Errors: no_region,
// credentials_file_damaged.
[[nodiscard]] Result<std::string> find_region(const CredentialEnvironment& environment,
                                              const std::string& profile);

// Reads one profile of one shared credentials file: how the local registry hands out its key.
[[nodiscard]] Result<Credentials> read_credentials_file(const std::filesystem::path& path,
                                                        const std::string& profile);

}  // namespace imprint::aws
