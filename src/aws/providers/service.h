// One question to a service that hands out credentials, tried again as the AWS CLI does.
#pragma once

#include <functional>
#include <string>

#include "aws/http.h"
#include "aws/providers/search.h"

namespace imprint::aws {

struct Question {
    std::function<HttpRequest()> request;                        // made anew for each attempt
    std::function<std::string(const HttpResponse&)> error_name;  // of an answer that is no 200
    unsigned attempts = 3;
};

// The last answer, whatever its status. The requests are wiped. Errors: those of HttpClient::send.
[[nodiscard]] Result<HttpResponse> ask_service(const CredentialServices& services,
                                               const Question& question);

}  // namespace imprint::aws
