// AWS credentials, found as the AWS CLI finds them (docs/registry.md). This is one set of
// credentials; runs sign with a CredentialSource (credential_source.h), which renews them in time.
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
    std::optional<WallTime> expires;  // if known
    std::string source;               // "environment", "profile factory in ~/.aws/credentials"

    [[nodiscard]] Credentials copy() const;
};

// What does not go together in them, as the hint for a service that refuses them: a temporary key
// (ASIA…) without its session token, or a token beside a long-lived key (AKIA…). Empty: nothing.
// Source: IAM user guide, "IAM identifiers" (prefixes of unique IDs).
[[nodiscard]] std::string odd_token(const Credentials& credentials);

// Where the search looks; this process's own by default, a fake one in tests.
struct CredentialEnvironment {
    std::function<std::optional<std::string>(const std::string&)> variable;
    std::filesystem::path home;
    [[nodiscard]] static CredentialEnvironment of_this_process();
};

// AWS_REGION, AWS_DEFAULT_REGION, then the profile's region. Errors: no_region,
// credentials_file_damaged.
[[nodiscard]] Result<std::string> find_region(const CredentialEnvironment& environment,
                                              const std::string& profile);

// Reads one profile of one shared credentials file: the format of the local registry's key.
[[nodiscard]] Result<Credentials> read_credentials_file(const std::filesystem::path& path,
                                                        const std::string& profile);

}  // namespace imprint::aws
