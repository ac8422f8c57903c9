// What a connection reads and writes through: its socket, as it is or over TLS. Satisfies Beast's
// AsyncStream. Not for other layers, since it includes Boost.
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "http/tls_context.h"

namespace imprint::http {

class Wire {
  public:
    using executor_type = boost::beast::tcp_stream::executor_type;

    // tls: null for none.
    Wire(boost::asio::ip::tcp::socket socket, TlsContext* tls) : tcp_(std::move(socket)) {
        if (tls != nullptr) tls_.emplace(tcp_, tls->native());
    }

    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    Wire(Wire&&) = delete;
    Wire& operator=(Wire&&) = delete;
    ~Wire() = default;

    [[nodiscard]] executor_type get_executor() { return tcp_.get_executor(); }

    // Below TLS, with the time that an operation may take.
    [[nodiscard]] boost::beast::tcp_stream& tcp() { return tcp_; }

    [[nodiscard]] bool is_tls() const { return tls_ && !left_; }

    // What is read and written from now on is not TLS. An operation in progress ends as it was
    // begun.
    void leave_tls() { left_ = true; }

    template <typename Handler>
    void async_handshake(Handler&& handler) {
        tls_->async_handshake(boost::asio::ssl::stream_base::server,
                              std::forward<Handler>(handler));
    }

    // Says that nothing more comes, and waits for the other side to say so.
    template <typename Handler>
    void async_end(Handler&& handler) {
        tls_->async_shutdown(std::forward<Handler>(handler));
    }

    template <typename Buffers, typename Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (is_tls())
            tls_->async_read_some(buffers, std::forward<Handler>(handler));
        else
            tcp_.async_read_some(buffers, std::forward<Handler>(handler));
    }

    template <typename Buffers, typename Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        if (is_tls())
            tls_->async_write_some(buffers, std::forward<Handler>(handler));
        else
            tcp_.async_write_some(buffers, std::forward<Handler>(handler));
    }

  private:
    boost::beast::tcp_stream tcp_;
    std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
    bool left_ = false;
};

}  // namespace imprint::http
