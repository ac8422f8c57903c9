// An HTTP/1.1 server. Boost is known to server.cpp, connection.h and connection.cpp alone.
//
// One thread reads and writes all connections, a pool carries requests out: who sends slowly, or
// nothing, holds a descriptor and no thread. All that a client can make grow has a limit.
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

namespace imprint::http {

struct Limits {
    std::size_t head = 32UL * 1024;    // bytes of request line and headers; more: 431
    std::size_t body = 1024UL * 1024;  // bytes as they come, also in chunks; more: 413
    std::size_t threads = 8;           // requests that are carried out at once
    // Open at once, and never more than half of the process's descriptors. For one more the oldest
    // goes that has not sent a request yet, or has none under way; a stream is under way.
    std::size_t connections = 512;
    // From one request to the end of the next one's headers; of a body; of an answer's writing, and
    // of each piece of one that is a stream. A stream that is quiet has no limit.
    Milliseconds head_time{15'000};
    Milliseconds body_time{15'000};
    Milliseconds write_time{10'000};
    Milliseconds rest_time{2000};  // of what still comes behind a refusal, and is not kept
};

// How an answer goes out, for a server that is to misbehave; the last one not of a stream.
struct Delivery {
    Milliseconds delay{0};  // it goes out so much later, which holds nothing else back
    bool head = true;       // false: the connection ends without an answer
    std::optional<std::size_t> body_bytes = {};  // the connection ends behind so many of the body
};

struct Answer {
    Response response;
    Delivery delivery;

    Answer(Response all_of_it, Delivery how = {})  // NOLINT(google-explicit-constructor)
        : response(std::move(all_of_it)), delivery(how) {}
};

// All are called from many threads. An exception of theirs is a bug: it is answered with 500, and
// costs no other request.
struct Handlers {
    // Asked with the headers, before a body is taken: an answer refuses the request. May be empty.
    std::function<std::optional<Response>(const Request& head)> admit;
    std::function<Answer(const Request&)> answer;
    // What the server itself refuses: 400, 413, 431, 500, 501. Empty: says why, as plain text.
    std::function<Response(int status, std::string_view why)> refuse = {};
    // Told of each such exception (kind bug). May be empty.
    std::function<void(const Error&)> failed = {};
};

struct ServerOptions {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, without brackets: the interface
    std::uint16_t port = 0;             // 0: a free one
    Limits limits = {};
    ThreadMaker make_thread = imprint::make_thread;
};

// Listens until it is destroyed, which waits for the requests under way and cuts streams off.
class Server {
  public:
    // Errors (config): http_address (it is none), http_port_busy (nobody can listen there, or
    // somebody does), thread_not_started (not even one for the requests).
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
