#include <fmt/format.h>
#include <string_view>

#include "aws/providers/keys.h"
#include "aws/providers/search.h"
#include "base/text.h"

namespace imprint::aws {

namespace {

std::unexpected<Error> damaged(const char* name) {
    return fail(ErrorKind::registry, "variable_damaged",
                fmt::format("{} in the environment holds a control character", name),
                "set it anew, in one line");
}

Result<Secret> secret_variable(const CredentialEnvironment& environment, const char* name) {
    auto text = environment.variable ? environment.variable(name) : std::nullopt;
    if (!text) return Secret();
    const WipeAtEnd wiped(*text);
    const std::string_view value = trimmed(*text);
    if (has_control_character(value)) return damaged(name);
    return Secret(value);
}

}  // namespace

Found from_environment(const Search& search) {
    const CredentialEnvironment& environment = search.environment;
    Credentials credentials;
    credentials.access_key_id = variable(environment, "AWS_ACCESS_KEY_ID");
    if (credentials.access_key_id.empty()) return std::nullopt;
    if (has_control_character(credentials.access_key_id)) return damaged("AWS_ACCESS_KEY_ID");
    IMPRINT_TRY(credentials.secret_access_key,
                secret_variable(environment, "AWS_SECRET_ACCESS_KEY"));
    if (credentials.secret_access_key.empty())
        return fail(ErrorKind::registry, "no_credentials",
                    "the environment has AWS_ACCESS_KEY_ID, but no AWS_SECRET_ACCESS_KEY",
                    "set both, or neither");
    for (const char* name : {"AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"}) {
        if (!credentials.session_token.empty()) break;
        IMPRINT_TRY(credentials.session_token, secret_variable(environment, name));
    }
    // What `aws configure export-credentials` writes.
    credentials.expires = parse_iso8601(variable(environment, "AWS_CREDENTIAL_EXPIRATION"));
    credentials.source = "environment";
    return credentials;
}

}  // namespace imprint::aws
