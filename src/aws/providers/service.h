// One request to a service that provides credentials, retried as the AWS CLI does.
#pragma once

#include <functional>
#include <string>

#include "aws/providers/search.h"
#include "http/client.h"

namespace imprint::aws {

struct Question {
    std::function<http::ClientRequest()> request;  // created anew for each attempt
    // For an answer other than 200.
    std::function<std::string(const http::ClientResponse&)> error_name;
    unsigned attempts = 3;
};

// Returns the last answer, whatever its status. The requests are wiped. Errors: those of
// http::Client::send.
[[nodiscard]] Result<http::ClientResponse> ask_service(const CredentialServices& services,
                                                       const Question& question);

}  // namespace imprint::aws
