// The socket side of the control plane. The only source that knows Boost is server.cpp.
//
// One thread reads and writes all connections, a pool carries requests out: who sends slowly, or
// nothing, holds a descriptor and no thread. All that a client can make grow has a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "local_registry/http/message.h"

namespace imprint::local_registry {

struct HttpLimits {
    std::size_t head = 32UL * 1024;    // bytes of request line and headers; more: 431
    std::size_t body = 1024UL * 1024;  // bytes as they come, also in chunks; more: 413
    std::size_t threads = 8;           // requests that are carried out at once
    // Open at once, and never more than half of the process's descriptors. For one more the oldest
    // goes that has not sent a request yet, or has none under way.
    std::size_t connections = 512;
    // From one request to the end of the next one's headers; of a body; of an answer's writing.
    Milliseconds head_time{15'000};
    Milliseconds body_time{15'000};
    Milliseconds write_time{10'000};
    Milliseconds rest_time{2000};  // of what still comes behind a refusal, and is not kept
};

struct HttpHandlers {
    using Admit = std::function<std::optional<Response>(const Request& head)>;
    using Answer = std::function<Response(const Request&)>;

    // Asked with the headers, before a body is taken: an answer refuses the request. Both are
    // called from many threads.
    Admit admit;
    Answer answer;
};

// Listens on 127.0.0.1 until it is destroyed, which waits for the requests under way.
class HttpServer {
  public:
    // port 0: a free one. Error: registry_port_busy (kind registry).
    [[nodiscard]] static Result<HttpServer> listen(std::uint16_t port, HttpHandlers handlers,
                                                   const HttpLimits& limits = {});
    HttpServer(HttpServer&&) noexcept;
    HttpServer& operator=(HttpServer&&) noexcept;
    ~HttpServer();

    [[nodiscard]] std::uint16_t port() const;

  private:
    class Parts;
    explicit HttpServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::local_registry
