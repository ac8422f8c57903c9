#include <fmt/format.h>

#include "aws/providers/keys.h"
#include "aws/providers/search.h"

namespace imprint::aws {

namespace {

Secret secret_variable(const CredentialEnvironment& environment, const char* name) {
    auto text = environment.variable ? environment.variable(name) : std::nullopt;
    if (!text) return {};
    Secret secret{std::string_view(*text)};
    wipe(*text);
    return secret;
}

}  // namespace

Found from_environment(const Search& search) {
    const CredentialEnvironment& environment = search.environment;
    Credentials credentials;
    credentials.access_key_id = variable(environment, "AWS_ACCESS_KEY_ID");
    if (credentials.access_key_id.empty()) return std::nullopt;
    credentials.secret_access_key = secret_variable(environment, "AWS_SECRET_ACCESS_KEY");
    if (credentials.secret_access_key.empty())
        return fail(ErrorKind::registry, "no_credentials",
                    "the environment has AWS_ACCESS_KEY_ID, but no AWS_SECRET_ACCESS_KEY",
                    "set both, or neither");
    credentials.session_token = secret_variable(environment, "AWS_SECURITY_TOKEN");
    if (credentials.session_token.empty())
        credentials.session_token = secret_variable(environment, "AWS_SESSION_TOKEN");
    // What `aws configure export-credentials` writes.
    credentials.expires = parse_timestamp(variable(environment, "AWS_CREDENTIAL_EXPIRATION"));
    credentials.source = "environment";
    return credentials;
}

}  // namespace imprint::aws
