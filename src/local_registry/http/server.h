// The socket side of the control plane. The only source that knows cpp-httplib is server.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.h"
#include "local_registry/http/message.h"

namespace imprint::local_registry {

struct HttpLimits {
    std::size_t body = 1024UL * 1024;  // bytes; more is answered with 413
    std::size_t threads = 32;          // connections at once; an idle one is closed after 2 s
};

// Listens on 127.0.0.1 until it is destroyed, which waits for the requests under way.
class HttpServer {
  public:
    using Handler = std::function<Response(const Request&)>;  // called from many threads

    // port 0: a free one. Error: registry_port_busy (kind registry).
    [[nodiscard]] static Result<HttpServer> listen(std::uint16_t port, Handler handler,
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
