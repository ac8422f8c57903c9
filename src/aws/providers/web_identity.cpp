#include <fmt/format.h>

#include "aws/providers/keys.h"
#include "aws/providers/search.h"
#include "aws/providers/sts.h"
#include "base/files.h"

namespace imprint::aws {

Found from_web_identity(const Search& search, const std::string& profile, bool variables) {
    // A value of the environment wins over the profile's, each by itself.
    const auto setting = [&](const char* name, const char* key) {
        std::string found = variables ? variable(search.environment, name) : std::string();
        if (found.empty()) found = search.files.value(profile, key);
        return found;
    };
    const std::string path = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (path.empty()) return std::nullopt;
    const std::string arn = setting("AWS_ROLE_ARN", "role_arn");
    if (arn.empty())
        return profile_invalid(profile, "or the environment has a web identity token, but no role",
                               "set role_arn, or AWS_ROLE_ARN");
    auto token = read_text(in_home(search.environment, path));
    if (!token) {
        token.error().kind = ErrorKind::registry;
        return with_context(std::move(token).error(), "web identity token");
    }
    const WipeAtEnd wiped(*token);
    std::string_view bare = *token;
    while (bare.ends_with('\n') || bare.ends_with('\r'))
        bare.remove_suffix(1);
    if (bare.empty())
        return fail(ErrorKind::registry, "no_credentials",
                    fmt::format("the web identity token {} is empty", path));
    StsCall call;
    call.action = "AssumeRoleWithWebIdentity";
    call.source = fmt::format("role {} by the web identity in {}", arn, path);
    std::string session = setting("AWS_ROLE_SESSION_NAME", "role_session_name");
    if (session.empty()) session = usual_session_name(search);
    call.parameters = {{"RoleArn", arn}, {"RoleSessionName", session}};
    call.secret_parameter_name = "WebIdentityToken";
    call.secret_parameter = bare;
    IMPRINT_TRY(Credentials found, ask_sts(search, call));
    return found;
}

}  // namespace imprint::aws
