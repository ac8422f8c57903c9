// What `aws sso login` leaves behind: a token in ~/.aws/sso/cache, named by the SHA-1 of the
// session's name, or of the start URL where there is no session.
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

// A session's token that is about to end is renewed by its refresh token, as the AWS CLI does, and
// the cache gets the new one. Error: sso_login_needed (there is none, or it has ended).
[[nodiscard]] Result<Secret> find_sso_token(const Search& search, const SsoLogin& login);

}  // namespace imprint::aws
