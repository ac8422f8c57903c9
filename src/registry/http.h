// One HTTPS exchange. The curl client keeps its connections; a test may hand in another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace imprint::registry {

struct HttpRequest {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct HttpResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;  // may hold a private key (CreateKeysAndCertificate): callers wipe it
};

class HttpClient {
  public:
    virtual ~HttpClient() = default;
    // May be called from many threads. Errors (kind registry): registry_unreachable (it was never
    // sent), registry_reply_lost (it may have been carried out).
    [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request,
                                                    Milliseconds deadline) = 0;
};

struct CurlOptions {
    std::filesystem::path ca_bundle;  // empty: the system's
};

[[nodiscard]] std::unique_ptr<HttpClient> make_curl_client(const CurlOptions& options = {});

}  // namespace imprint::registry
