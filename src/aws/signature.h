// AWS Signature Version 4 (docs: "Create a signed AWS API request", AWS General Reference).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/clock.h"
#include "http/client.h"

namespace imprint::aws {

struct SigningScope {
    std::string region;
    std::string service;  // "iot" signs as "iot"
};

// Adds x-amz-date, x-amz-security-token (if there is one) and authorization to the request.
void sign(http::ClientRequest& request, const Credentials& credentials, const SigningScope& scope,
          WallTime now);

// The parts, for the tests and for the local registry, which checks signatures: for a request as it
// was received (its own Host header among the others) and the SignedHeaders of its Authorization.
// The path is encoded once more than it was sent, as every service except S3 requires.
[[nodiscard]] std::string canonical_request(const http::ClientRequest& request,
                                            const std::string& signed_headers);
// The same for a request whose target (path and query) is given as received, for servers.
[[nodiscard]] std::string canonical_request(
    const std::string& method, const std::string& target,
    const std::vector<std::pair<std::string, std::string>>& headers, const std::string& body,
    const std::string& signed_headers);
[[nodiscard]] std::string signature(const std::string& canonical, const Secret& secret_access_key,
                                    const SigningScope& scope, const std::string& amz_date);

}  // namespace imprint::aws
