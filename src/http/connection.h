// One connection of a server, from its first byte to its last. Not for other layers, since it
// includes Boost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/threads.h"
#include "http/server.h"
#include "http/wire.h"

namespace imprint::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;

class Connection;

// State that a server's connections share. It outlives them. It belongs to the thread of `loop`,
// except for what is marked as thread-safe.
struct ServerState {
    Handlers handlers;                  // thread-safe
    Limits limits;                      // thread-safe, for it does not change
    std::shared_ptr<TlsContext> tls{};  // null: plain HTTP
    asio::io_context loop{1};
    asio::io_context tasks{};  // thread-safe: the work of the pool
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections{};  // in order of creation
    bool stopping = false;

    // Thread-safe.
    void report(const Error& bug) const;
    [[nodiscard]] Response refusal(int status, std::string_view why) const;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    enum class State : std::uint8_t { fresh, idle, busy, streaming };

    Connection(ServerState& server, std::uint64_t number, tcp::socket socket, std::string peer);

    [[nodiscard]] State state() const { return state_; }

    // The handshake, if there is one, and then request after request.
    void begin();
    // Pending operations on it then end with an error, and the connection with them.
    void close();
    // Closes the connection if its answer is delayed, instead of waiting for it.
    void hurry();

  private:
    using Task = std::function<std::optional<Answer>(const Handlers&, const Request&)>;

    void shake_hands();
    void read_head();
    void take_head();
    void admit();
    void work(Task task);
    [[nodiscard]] Result<std::optional<Answer>> call_handler(const Task& task) const;
    [[nodiscard]] bool asks_to_go_on() const;
    void read_body();
    void take_body();
    void refuse_unread(error_code failed);
    void respond(const Answer& answer);
    void write(bool keeps_open, bool cut, std::size_t done = 0);
    void stream();
    void pump();
    void discard();
    void stop_sending();
    void drain();

    // A handler for Asio: an exception in it, which is a bug, ends only this connection.
    template <typename Work>
    [[nodiscard]] auto guarded(Work work) {
        return [self = shared_from_this(), work = std::move(work)](const auto&... results) mutable {
            const auto done = run_guarded("a connection", [&]() -> Result<void> {
                work(results...);
                return {};
            });
            if (done) return;
            self->server_.report(done.error());
            self->close();
        };
    }

    ServerState& server_;
    std::uint64_t number_;
    const std::string peer_;
    State state_ = State::fresh;
    Wire wire_;
    asio::steady_timer wait_;
    beast::flat_buffer buffer_;
    std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
    Request request_;
    std::shared_ptr<BodyReader> body_;  // the answer's body, if it is a stream
    std::string text_;                  // being written
    std::size_t discarded_ = 0;
    bool closing_ = false;
    bool chunked_ = false;
    bool writing_ = false;  // a piece of the stream is being written
    bool draining_ = false;
};

}  // namespace imprint::http
