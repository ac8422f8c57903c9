#include "local_registry/http/server.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <map>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

#include "base/fd.h"

// Before any header of Boost's: none of it is compiled elsewhere.
#define BOOST_ASIO_NO_DEPRECATED
#define BOOST_BEAST_USE_STD_STRING_VIEW
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace imprint::local_registry {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr const char* loopback = "127.0.0.1";
// Of what follows a request that is not read to its end, so that the refusal arrives: a connection
// that is closed with bytes unread is reset, and the answer may be lost (RFC 9112, 9.6).
constexpr std::size_t most_discarded = 4UL * 1024 * 1024;
constexpr std::chrono::milliseconds before_next_accept{20};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

// The wire's text of an answer; HEAD has the length of a body and none.
std::string to_text(const Response& response, bool keeps_open, bool with_body) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason);
    for (const auto& [name, value] : response.headers)
        text += fmt::format("{}: {}\r\n", name, value);
    text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n\r\n",
                        response.content_type, response.body.size(),
                        keeps_open ? "keep-alive" : "close");
    if (!with_body) return text;
    if (response.delivery != Delivery::cut) return text + response.body;
    return text + response.body.substr(0, response.body.size() / 2);
}

// As the service would name it.
Response refusal(int status, const char* name, std::string_view message) {
    Response response;
    response.status = status;
    response.headers = {{"x-amzn-ErrorType", name}};
    response.body = fmt::format(R"({{"message":"{}"}})", message);
    return response;
}

std::size_t most_connections(const HttpLimits& limits) {
    rlimit descriptors{};
    if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return limits.connections;
    constexpr rlim_t least = 8;
    return std::min<rlim_t>(limits.connections, std::max(least, descriptors.rlim_cur / 2));
}

}  // namespace

// All of it runs on the thread of loop_, but for what the pool is given.
class HttpServer::Parts {
  public:
    Parts(HttpHandlers handlers, const HttpLimits& limits)
        : handlers_(std::move(handlers)),
          limits_(limits),
          most_connections_(most_connections(limits)),
          workers_(limits.threads) {}

    ~Parts() {
        asio::post(loop_, [this] { stop(); });
        if (thread_.joinable()) thread_.join();
        workers_.join();
    }

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    bool listen(std::uint16_t port) {
        error_code failed;
        const tcp::endpoint place(asio::ip::make_address_v4(loopback), port);
        Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket) return false;
        acceptor_.assign(place.protocol(), socket.get(), failed);
        if (!failed) static_cast<void>(socket.release());
        // Not SO_REUSEPORT, with which two servers would share one port.
        if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
        if (!failed) acceptor_.bind(place, failed);
        if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
        if (!failed) port_ = acceptor_.local_endpoint(failed).port();
        if (failed) return false;
        accept();
        thread_ = std::thread([this] { loop_.run(); });
        return true;
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    class Connection;
    using Connections = std::map<std::uint64_t, std::shared_ptr<Connection>>;

    void accept();
    [[nodiscard]] bool take_one();
    void stop();
    [[nodiscard]] bool make_room();

    [[nodiscard]] bool stopping() const { return !acceptor_.is_open(); }

    HttpHandlers handlers_;
    HttpLimits limits_;
    std::size_t most_connections_;
    asio::io_context loop_{1};
    tcp::acceptor acceptor_{loop_};
    asio::steady_timer pause_{loop_};
    Connections connections_;  // by their order
    std::uint64_t accepted_ = 0;
    std::thread thread_;
    asio::thread_pool workers_;
    std::uint16_t port_ = 0;
};

class HttpServer::Parts::Connection : public std::enable_shared_from_this<Connection> {
  public:
    enum class State : std::uint8_t { fresh, idle, busy };

    Connection(Parts& server, std::uint64_t number, tcp::socket socket)
        : server_(server),
          number_(number),
          stream_(std::move(socket)),
          wait_(server.loop_),
          buffer_(server.limits_.head + read_ahead) {
        error_code ignored;
        stream_.socket().set_option(tcp::no_delay(true), ignored);
    }

    [[nodiscard]] State state() const { return state_; }

    // Whatever is under way on it then ends with an error, and it with that.
    void close() {
        error_code ignored;
        wait_.cancel();
        stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
        stream_.close();
        server_.connections_.erase(number_);
    }

    // An answer that is held back is not waited for.
    void hurry() { wait_.cancel(); }

    void read_head() {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(server_.limits_.head));
        parser_->body_limit(server_.limits_.body);
        request_ = {};
        stream_.expires_after(server_.limits_.head_time);
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = shared_from_this()](error_code failed, std::size_t) {
                                    failed ? self->refuse_unread(failed) : self->admit();
                                });
    }

  private:
    static constexpr std::size_t read_ahead = 64UL * 1024;

    void take_head() {
        const auto& head = parser_->get();
        request_.method = std::string(head.method_string());
        request_.target = std::string(head.target());
        for (const auto& field : head)
            request_.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
    }

    // A worker asks who it is; without a body it goes on at once.
    void admit() {
        state_ = State::busy;
        take_head();
        // Where such a body ends is not known (RFC 9112, 6.1).
        if (request_.header("transfer-encoding") && !parser_->chunked()) {
            closing_ = true;
            return respond(refusal(501, "InvalidRequestException",
                                   "there is no transfer coding here but chunked"));
        }
        const bool whole = parser_->is_done();
        work([whole](const HttpHandlers& handlers, const Request& request) {
            auto refused = handlers.admit ? handlers.admit(request) : std::nullopt;
            if (!refused && whole) return std::optional(handlers.answer(request));
            return refused;
        });
    }

    void work(std::function<std::optional<Response>(const HttpHandlers&, const Request&)> task) {
        stream_.expires_never();
        asio::post(server_.workers_, [self = shared_from_this(), task = std::move(task),
                                      guard = asio::make_work_guard(server_.loop_)]() mutable {
            asio::io_context& loop = self->server_.loop_;
            std::optional<Response> response;
            // An exception is a bug, and no reason to serve nobody.
            try {
                response = task(self->server_.handlers_, self->request_);
            } catch (const std::exception&) {
                response = refusal(500, "InternalFailureException",
                                   "an exception, which is a bug in Imprint");
            }
            asio::post(loop, [self = std::move(self), response = std::move(response)] {
                response ? self->respond(*response) : self->read_body();
            });
        });
    }

    void read_body() {
        if (server_.stopping()) return close();
        if (!asks_to_go_on()) return take_body();
        stream_.expires_after(server_.limits_.write_time);
        text_ = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(stream_, asio::buffer(text_),
                          [self = shared_from_this()](error_code failed, std::size_t) {
                              failed ? self->close() : self->take_body();
                          });
    }

    [[nodiscard]] bool asks_to_go_on() const {
        return lower(request_.header("expect").value_or("")) == "100-continue";
    }

    void take_body() {
        stream_.expires_after(server_.limits_.body_time);
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](error_code failed, std::size_t) {
                             if (failed) return self->refuse_unread(failed);
                             self->request_.body = std::move(self->parser_->get().body());
                             self->work([](const HttpHandlers& handlers, const Request& request) {
                                 return std::optional(handlers.answer(request));
                             });
                         });
    }

    // The request could not be read to its end.
    void refuse_unread(error_code failed) {
        const error_code of_parsing = http::error::body_limit;
        if (failed.category() != of_parsing.category() || failed == http::error::end_of_stream ||
            failed == http::error::partial_message)
            return close();
        state_ = State::busy;
        if (failed == http::error::body_limit)
            return respond(refusal(413, "RequestEntityTooLargeException", "the body is too large"));
        if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
            return respond(refusal(431, "InvalidRequestException", "the headers are too large"));
        respond(refusal(400, "InvalidRequestException", "this is no HTTP/1.1 request"));
    }

    void respond(const Response& response) {
        if (response.delivery == Delivery::none) return close();
        const bool keeps_open = parser_->is_done() && parser_->keep_alive() && !closing_ &&
                                response.delivery == Delivery::whole && !server_.stopping();
        text_ = to_text(response, keeps_open, request_.method != "HEAD");
        const bool cut = response.delivery == Delivery::cut;
        if (response.wait.count() == 0) return write(keeps_open, cut);
        wait_.expires_after(response.wait);
        wait_.async_wait([self = shared_from_this(), keeps_open, cut](error_code failed) {
            failed ? self->close() : self->write(keeps_open, cut);
        });
    }

    void write(bool keeps_open, bool cut) {
        stream_.expires_after(server_.limits_.write_time);
        asio::async_write(
            stream_, asio::buffer(text_),
            [self = shared_from_this(), keeps_open, cut](error_code failed, std::size_t) {
                if (failed || cut || self->server_.stopping()) return self->close();
                if (!keeps_open) return self->discard();
                self->state_ = State::idle;
                self->text_.clear();
                self->read_head();
            });
    }

    // The end was said; what still comes is read, for a while, and kept nowhere.
    void discard() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        state_ = State::idle;
        discarded_ = 0;
        text_.assign(read_ahead, '\0');
        stream_.expires_after(server_.limits_.rest_time);
        discard_more();
    }

    void discard_more() {
        stream_.async_read_some(asio::buffer(text_),
                                [self = shared_from_this()](error_code failed, std::size_t count) {
                                    self->discarded_ += count;
                                    if (failed || self->discarded_ > most_discarded)
                                        return self->close();
                                    self->discard_more();
                                });
    }

    Parts& server_;
    std::uint64_t number_;
    State state_ = State::fresh;
    beast::tcp_stream stream_;
    asio::steady_timer wait_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    Request request_;
    std::string text_;
    std::size_t discarded_ = 0;
    bool closing_ = false;
};

void HttpServer::Parts::accept() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](error_code) {
        if (stopping()) return;
        while (take_one()) {
        }
        if (errno == EAGAIN) return accept();
        // Out of descriptors, most likely, which others of the process took.
        static_cast<void>(make_room());
        pause_.expires_after(before_next_accept);
        pause_.async_wait([this](error_code) {
            if (!stopping()) accept();
        });
    });
}

// False: errno says why there is none. Boost's own accept lets programs that are started inherit
// the connection.
bool HttpServer::Parts::take_one() {
    Fd taken(::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!taken) return errno == EINTR || errno == ECONNABORTED;
    if (connections_.size() >= most_connections_ && !make_room()) return true;
    const auto connection = std::make_shared<Connection>(
        *this, accepted_, tcp::socket(loop_, tcp::v4(), taken.release()));
    connections_.emplace(accepted_++, connection);
    connection->read_head();
    return true;
}

bool HttpServer::Parts::make_room() {
    using State = Connection::State;
    for (const State least : {State::fresh, State::idle})
        for (const auto& [number, connection] : connections_)
            if (connection->state() == least) {
                // It takes itself out of the map.
                const std::shared_ptr<Connection> leaving = connection;
                leaving->close();
                return true;
            }
    return false;
}

void HttpServer::Parts::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    const Connections all = connections_;
    for (const auto& [number, connection] : all)
        connection->state() == Connection::State::busy ? connection->hurry() : connection->close();
}

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer> HttpServer::listen(std::uint16_t port, HttpHandlers handlers,
                                      const HttpLimits& limits) {
    auto parts = std::make_unique<Parts>(std::move(handlers), limits);
    if (!parts->listen(port))
        return fail(ErrorKind::registry, "registry_port_busy",
                    fmt::format("cannot listen on {}:{}", loopback, port),
                    "stop what listens there, or choose another port");
    return HttpServer(std::move(parts));
}

std::uint16_t HttpServer::port() const {
    return parts_->port();
}

}  // namespace imprint::local_registry
