// One HTTP exchange, from the client's side. The curl client keeps its connections; a test may hand
// in another.
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
    // True: goes over a new connection, because a kept one that turns out dead would make the
    // client itself send the request again, whether or not the first one was carried out.
    bool only_once = false;
    // The answer holds a key: what the client received it with is not kept.
    bool secret_answer = false;
};

struct ClientResponse {
    int status = 0;
    Fields headers;    // names in lower case
    std::string body;  // of a secret_answer: callers wipe it
};

class Client {
  public:
    virtual ~Client() = default;
    // May be called from many threads. Errors (kind registry, "the way there"; whoever asks may
    // give them other names): http_unreachable (it was never sent), http_reply_lost (it may have
    // been carried out), http_not_trusted (nor sent: the server's certificate does not stand up),
    // http_request (nor sent: its URL or a header is none); interrupted (of that kind).
    [[nodiscard]] virtual Result<ClientResponse> send(const ClientRequest& request,
                                                      Milliseconds deadline) = 0;
};

struct CurlOptions {
    std::filesystem::path ca_bundle;  // empty: the system's
    // After it, what is on its way has a second to be answered; what begins then, to take back
    // what was begun, has three.
    std::stop_token stop = {};
    bool proxies = true;  // those that the environment names (HTTPS_PROXY, NO_PROXY)
};

// Verifies TLS always, follows no redirect, keeps its connections, takes no body of more than 4
// MiB, and reaches http:// past any proxy.
[[nodiscard]] std::unique_ptr<Client> make_curl_client(const CurlOptions& options = {});

}  // namespace imprint::http
