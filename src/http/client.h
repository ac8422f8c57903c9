// One HTTP exchange, from the client's side. The curl client keeps its connections open; a test may
// pass in another client.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "http/fields.h"

namespace imprint::http {

struct ClientRequest {
    std::string method;
    std::string url;
    Fields headers;
    std::string body;
    // True: uses a new connection. On a kept connection that turns out to be dead, curl itself
    // would send the request again, whether or not the first one was executed.
    bool only_once = false;
    // The answer contains a key: the buffers that received it are not kept.
    bool secret_answer = false;
};

struct ClientResponse {
    int status = 0;
    Fields headers;    // names in lower case
    std::string body;  // after a secret_answer, the caller wipes it
};

class Client {
  public:
    virtual ~Client() = default;
    // May be called from many threads. Errors (kind registry; callers may rename them):
    // http_unreachable (it was never sent), http_reply_lost (it may have been executed),
    // http_not_trusted (not sent either: the server's certificate is not valid), http_proxy_refused
    // (nor then: the proxy said no, and would again), http_request (nor then: its URL or a header
    // is invalid); interrupted (of that kind).
    [[nodiscard]] virtual Result<ClientResponse> send(const ClientRequest& request,
                                                      Milliseconds deadline) = 0;
};

struct CurlOptions {
    std::filesystem::path ca_bundle;  // empty: the system's
    // After a stop, a pending request has one second to be answered; a new one, which rolls back
    // what was begun, has three.
    std::stop_token stop = {};
    bool proxies = true;  // those in the environment (HTTPS_PROXY, NO_PROXY)
};

// Always verifies TLS, follows no redirect, keeps its connections open, accepts no body of more
// than 4 MiB, and uses no proxy for http://.
[[nodiscard]] std::unique_ptr<Client> make_curl_client(const CurlOptions& options = {});

}  // namespace imprint::http
