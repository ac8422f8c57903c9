// The token that `aws sso login` stores in ~/.aws/sso/cache, named by the SHA-1 of the session's
// name, or of the start URL if there is no session.
#pragma once

#include <string>

#include "aws/providers/search.h"
#include "base/secret.h"

namespace imprint::aws {

struct SsoLogin {
    std::string session;  // empty: signed in by start URL alone, which cannot be renewed
    std::string start_url;
    std::string region;
    std::string profile;  // for the hint
};

[[nodiscard]] std::unexpected<Error> sso_login_needed(const SsoLogin& login,
                                                      const std::string& why);

// A session's token that is about to expire is renewed by its refresh token, as the AWS CLI does,
// and the new one is stored in the cache. Error: sso_login_needed (there is none, or it has
// expired).
[[nodiscard]] Result<Secret> find_sso_token(const Search& search, const SsoLogin& login);

}  // namespace imprint::aws
