// The providers of AWS credentials, each in a file of this folder, in the order in which the AWS
// CLI tries them (facts: AWS SDKs and Tools Reference Guide, "Standardized credential providers";
// order and rules as in botocore, which the tests compare with). For this layer's own sources.
#pragma once

#include <optional>
#include <string>

#include "aws/credential_source.h"
#include "aws/profile.h"

namespace imprint::aws {

struct Search {
    const CredentialEnvironment& environment;
    const ProfileFiles& files;
    const CredentialServices& services;
    std::string region;  // for STS; empty: none is known
    bool named = false;  // the profile was given by name: it overrides variables
};

// Nothing if that provider is not configured; an error if it is but does not work.
using Found = Result<std::optional<Credentials>>;

// AWS_ACCESS_KEY_ID and the related variables.
[[nodiscard]] Found from_environment(const Search& search);
// role_arn with source_profile or credential_source, by STS AssumeRole.
[[nodiscard]] Found from_role(const Search& search);
// web_identity_token_file and role_arn, from variables or from the profile, by STS
// AssumeRoleWithWebIdentity. Variables are only used on request.
[[nodiscard]] Found from_web_identity(const Search& search, const std::string& profile,
                                      bool variables);
// sso_account_id and sso_role_name, with the token that `aws sso login` left in its cache.
[[nodiscard]] Found from_sso(const Search& search, const std::string& profile);
[[nodiscard]] Found from_credentials_file(const Search& search, const std::string& profile);
[[nodiscard]] Found from_process(const Search& search, const std::string& profile);
[[nodiscard]] Found from_config_file(const Search& search, const std::string& profile);
// AWS_CREDENTIAL_FILE, then boto's own files: older than the others, and still read.
[[nodiscard]] Found from_legacy_files(const Search& search);
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI: ECS, EKS, Greengrass, CloudShell.
[[nodiscard]] Found from_container(const Search& search);
// The role of an EC2 instance. Nothing if no instance metadata service answers.
[[nodiscard]] Found from_instance(const Search& search);

// The providers that a single profile can configure, in order; a source_profile may use these.
[[nodiscard]] Found from_profile(const Search& search, const std::string& profile, bool variables);

// All of them. Errors: those of find_credential_source.
[[nodiscard]] Result<Credentials> search_credentials(const CredentialEnvironment& environment,
                                                     const std::string& profile,
                                                     const std::string& region,
                                                     const CredentialServices& services);

// The profile's configuration cannot work.
[[nodiscard]] std::unexpected<Error> profile_invalid(const std::string& profile,
                                                     const std::string& what, std::string hint);

// The hint if a provider needs a person: how to pass on the resulting credentials.
[[nodiscard]] std::string hand_over(const Search& search, const std::string& profile);

}  // namespace imprint::aws
