// OpenSSL's side of TLS, for this layer's own sources, since it includes Boost.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "http/tls.h"

namespace imprint::http {

class TlsContext {
  public:
    TlsContext();

    [[nodiscard]] boost::asio::ssl::context& native() { return context_; }

    [[nodiscard]] Result<void> use(std::string_view chain, const Secret& key);

  private:
    boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
};

}  // namespace imprint::http
