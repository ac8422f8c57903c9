// AWS Security Token Service: its query protocol, with form input and XML output (STS API
// Reference, AssumeRole and AssumeRoleWithWebIdentity, version 2011-06-15).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/providers/search.h"

namespace imprint::aws {

struct StsCall {
    std::string action;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string_view secret_parameter_name = {};
    std::string_view secret_parameter = {};
    const Credentials* signer = nullptr;  // null: not signed
    std::string source;                   // of the returned credentials
};

// Errors (registry): STS's own error name, credentials_answer_damaged, registry_url, and those of
// http::Client::send.
[[nodiscard]] Result<Credentials> ask_sts(const Search& search, const StsCall& call);

// The session's name in AWS's log if nobody has configured one.
[[nodiscard]] std::string usual_session_name(const Search& search);

}  // namespace imprint::aws
