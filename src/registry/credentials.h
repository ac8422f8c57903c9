// AWS credentials, found as the AWS CLI finds them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace imprint::registry {

struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;             // empty for long-lived keys
    std::optional<WallTime> expires;  // where that is known (AWS_CREDENTIAL_EXPIRATION)
    std::string source;               // "environment", "profile factory in ~/.aws/credentials"

    [[nodiscard]] Credentials copy() const;
};

// Where the search looks; the process's own by default, a made-up one in tests.
struct CredentialEnvironment {
    std::function<std::optional<std::string>(const std::string&)> variable;
    std::filesystem::path home;
    [[nodiscard]] static CredentialEnvironment of_this_process();
};

// profile empty: keys in the environment, then the profile of AWS_PROFILE, then "default". Errors
// (kind registry): no_credentials (with where it looked, or which half of a key is missing),
// profile_missing, credentials_unsupported (a role, SSO, a process, a container: named, and how to
// hand the keys over), credentials_file_damaged (file and line).
[[nodiscard]] Result<Credentials> find_credentials(const CredentialEnvironment& environment,
                                                   const std::string& profile);

// AWS_REGION, AWS_DEFAULT_REGION, then the profile's region. Errors: no_region,
// credentials_file_damaged.
[[nodiscard]] Result<std::string> find_region(const CredentialEnvironment& environment,
                                              const std::string& profile);

// Reads one profile of one shared credentials file: how the local registry hands out its key.
[[nodiscard]] Result<Credentials> read_credentials_file(const std::filesystem::path& path,
                                                        const std::string& profile);

}  // namespace imprint::registry
