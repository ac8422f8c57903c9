// One question to a service that hands out credentials, tried again as the AWS CLI does.
#pragma once

#include <functional>
#include <string>

#include "aws/providers/search.h"
#include "http/client.h"

namespace imprint::aws {

struct Question {
    std::function<http::ClientRequest()> request;  // made anew for each attempt
    // Of an answer that is no 200.
    std::function<std::string(const http::ClientResponse&)> error_name;
    unsigned attempts = 3;
};

// The last answer, whatever its status. The requests are wiped. Errors: those of
// http::Client::send.
[[nodiscard]] Result<http::ClientResponse> ask_service(const CredentialServices& services,
                                                       const Question& question);

}  // namespace imprint::aws
