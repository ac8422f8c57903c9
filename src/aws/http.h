// One HTTPS exchange. The curl client keeps its connections; a test may hand in another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace imprint::aws {

struct HttpRequest {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // True: goes over a new connection, because a kept one that turns out dead would make the
    // client itself send the request again, whether or not the first one was carried out.
    bool only_once = false;
    // The answer holds a key: what the client received it with is not kept.
    bool secret_answer = false;
};

struct HttpResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;  // of a secret_answer: callers wipe it
};

class HttpClient {
  public:
    virtual ~HttpClient() = default;
    // May be called from many threads. Errors (kind registry): registry_unreachable (it was never
    // sent), registry_reply_lost (it may have been carried out), registry_not_trusted (nor sent:
    // the server's certificate does not stand up), registry_url; interrupted (of that kind).
    [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request,
                                                    Milliseconds deadline) = 0;
};

struct CurlOptions {
    std::filesystem::path ca_bundle;  // empty: the system's
    // After it, what is on its way has a second to be answered; what begins then, to take back
    // what was begun, has three.
    std::stop_token stop = {};
};

// https to anywhere, or http to this machine itself; no user name. Error: registry_url (registry).
[[nodiscard]] Result<void> check_registry_url(const std::string& url);

// Verifies TLS always, follows no redirect, keeps its connections, and reaches http:// past any
// proxy.
[[nodiscard]] std::unique_ptr<HttpClient> make_curl_client(const CurlOptions& options = {});

// http or https to the machine itself or to the link-local addresses at which a container and an
// EC2 instance get their own credentials (is_machine_local). Error: metadata_url (registry).
[[nodiscard]] Result<void> check_metadata_url(const std::string& url);

// The same client, but for those addresses alone, and past any proxy.
[[nodiscard]] std::unique_ptr<HttpClient> make_metadata_client(const std::stop_token& stop = {});

}  // namespace imprint::aws
