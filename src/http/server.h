// An HTTP/1.1 server. Only server.cpp, connection.h and connection.cpp use Boost.
//
// One thread reads and writes all connections, a pool executes requests: a slow or silent client
// occupies a descriptor but no thread. Everything that a client can make grow has a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/threads.h"
#include "http/message.h"
#include "http/tls.h"

namespace imprint::http {

struct Limits {
    std::size_t head = 32UL * 1024;    // bytes of request line and headers; more: 431
    std::size_t body = 1024UL * 1024;  // bytes as received, also in chunks; more: 413
    std::size_t threads = 8;           // requests that are executed in parallel
    // Open at the same time, and never more than half of the process's descriptors. For a further
    // one, the oldest that has no request in progress is closed; a stream is in progress.
    std::size_t connections = 512;
    // From one request to the end of the next one's headers, and before them for TLS to begin; for
    // a body; for writing an answer, or each piece of a streamed one. An idle stream has no limit.
    Milliseconds head_time{15'000};
    Milliseconds body_time{15'000};
    Milliseconds write_time{10'000};
    Milliseconds rest_time{2000};  // for reading and discarding the rest of a refused request
};

// How an answer is sent, for a server that misbehaves on purpose; body_bytes not for a stream.
struct Delivery {
    Milliseconds delay{0};  // it is sent this much later, without delaying anything else
    bool head = true;       // false: the connection ends without an answer
    std::optional<std::size_t> body_bytes = {};  // the connection ends after this many body bytes
};

struct Answer {
    Response response;
    Delivery delivery;

    Answer(Response all_of_it, Delivery how = {})  // NOLINT(google-explicit-constructor)
        : response(std::move(all_of_it)), delivery(how) {}
};

// All are called from many threads. An exception in one is a bug: it is answered with 500, and
// affects no other request.
struct Handlers {
    // Called with the headers, before a body is read: an answer refuses the request. May be empty.
    std::function<std::optional<Response>(const Request& head)> admit;
    std::function<Answer(const Request&)> answer;
    // For what the server itself refuses: 400, 413, 431, 500, 501. Empty: the reason as plain text.
    std::function<Response(int status, std::string_view why)> refuse = {};
    // Called for each such exception (kind bug). May be empty.
    std::function<void(const Error&)> failed = {};
};

struct ServerOptions {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, without brackets: the interface
    std::uint16_t port = 0;             // 0: a free one
    Limits limits = {};
    std::shared_ptr<TlsContext> tls = nullptr;  // make_tls_context; null: plain HTTP
    ThreadMaker make_thread = imprint::make_thread;
};

// Listens until it is destroyed; that waits for requests in progress and cuts streams off.
class Server {
  public:
    // Errors (config): http_address (invalid), http_port_busy (the port cannot be opened, or is in
    // use), thread_not_started (not even one for the requests).
    [[nodiscard]] static Result<Server> listen(const ServerOptions& options, Handlers handlers);
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();

    [[nodiscard]] std::uint16_t port() const;

  private:
    class Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::http
