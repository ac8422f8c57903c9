#include "http/connection.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include "base/text.h"

namespace imprint::http {

namespace {

constexpr std::size_t read_ahead = 64UL * 1024;
// Of what follows a request that is not read to its end, so that the refusal arrives: a connection
// that is closed with bytes unread is reset, and the answer may be lost (RFC 9112, 9.6).
constexpr std::size_t most_discarded = 4UL * 1024 * 1024;
// At once: each piece has the whole of Limits::write_time, so that a slow line gets a large answer.
constexpr std::size_t largest_piece = 64UL * 1024;
constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string to_head(const Response& response, bool keeps_open, bool chunked) {
    const auto reason =
        beast::http::obsolete_reason(static_cast<beast::http::status>(response.status));
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason);
    for (const auto& [name, value] : response.headers)
        text += fmt::format("{}: {}\r\n", name, value);
    text += fmt::format("Content-Type: {}\r\n", response.content_type);
    if (!response.stream)
        text += fmt::format("Content-Length: {}\r\n", response.body.size());
    else if (chunked)
        text += "Transfer-Encoding: chunked\r\n";
    return text + fmt::format("Connection: {}\r\n\r\n", keeps_open ? "keep-alive" : "close");
}

bool is_plain_http(const error_code& failed) {
    return failed.category() == asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(failed.value())) == SSL_R_HTTP_REQUEST;
}

bool can_be_sent(const Response& response) {
    for (const auto& [name, value] : response.headers)
        if (has_control_character(name) || has_control_character(value)) return false;
    return !has_control_character(response.content_type);
}

}  // namespace

void ServerState::report(const Error& bug) const {
    static_cast<void>(run_guarded("a report", [&]() -> Result<void> {
        if (handlers.failed) handlers.failed(bug);
        return {};
    }));
}

Response ServerState::refusal(int status, std::string_view why) const {
    if (handlers.refuse) return handlers.refuse(status, why);
    return {.status = status,
            .headers = {},
            .content_type = "text/plain; charset=utf-8",
            .body = std::string(why) + "\n"};
}

Connection::Connection(ServerState& server, std::uint64_t number, tcp::socket socket,
                       std::string peer)
    : server_(server),
      number_(number),
      peer_(std::move(peer)),
      wire_(std::move(socket), server.tls.get()),
      wait_(server.loop),
      buffer_(server.limits.head + read_ahead) {
    error_code ignored;
    wire_.tcp().socket().set_option(tcp::no_delay(true), ignored);
}

void Connection::close() {
    error_code ignored;
    wait_.cancel();
    wire_.tcp().socket().shutdown(tcp::socket::shutdown_both, ignored);
    wire_.tcp().close();
    if (body_) std::exchange(body_, nullptr)->close();
    server_.connections.erase(number_);
}

void Connection::hurry() {
    wait_.cancel();
}

void Connection::begin() {
    wire_.is_tls() ? shake_hands() : read_head();
}

// Who speaks plain HTTP is told so, in plain HTTP.
void Connection::shake_hands() {
    wire_.tcp().expires_after(server_.limits.head_time);
    wire_.async_handshake(guarded([this](error_code failed) {
        if (!failed) return read_head();
        if (!is_plain_http(failed)) return close();
        wire_.leave_tls();
        parser_.emplace();
        state_ = State::busy;
        respond(server_.refusal(400, "this port speaks HTTPS: open it with https://"));
    }));
}

void Connection::read_head() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.limits.head));
    parser_->body_limit(server_.limits.body);
    request_ = {};
    wire_.tcp().expires_after(server_.limits.head_time);
    beast::http::async_read_header(wire_, buffer_, *parser_,
                                   guarded([this](error_code failed, std::size_t) {
                                       failed ? refuse_unread(failed) : admit();
                                   }));
}

void Connection::take_head() {
    const auto& head = parser_->get();
    request_.method = std::string(head.method_string());
    request_.target = std::string(head.target());
    request_.peer = peer_;
    for (const auto& field : head)
        request_.headers.emplace_back(lower_case(field.name_string()), std::string(field.value()));
}

// A worker asks who it is; without a body it goes on at once.
void Connection::admit() {
    state_ = State::busy;
    take_head();
    // Where such a body ends is not known (RFC 9112, 6.1).
    const auto coding = request_.header("transfer-encoding");
    if (coding && !(parser_->chunked() && same_but_for_case(trimmed(*coding), "chunked"))) {
        closing_ = true;
        return respond(server_.refusal(501, "there is no transfer coding here but chunked"));
    }
    work([whole = parser_->is_done()](const Handlers& handlers,
                                      const Request& request) -> std::optional<Answer> {
        if (handlers.admit)
            if (auto refused = handlers.admit(request)) return *std::move(refused);
        if (whole) return handlers.answer(request);
        return std::nullopt;
    });
}

void Connection::work(Task task) {
    wire_.tcp().expires_never();
    asio::post(server_.tasks, [this, self = shared_from_this(), task = std::move(task),
                               guard = asio::make_work_guard(server_.loop)] {
        auto done = call_handler(task);
        asio::post(server_.loop, guarded([this, done = std::move(done)] {
                       if (!done) return close();
                       *done ? respond(**done) : read_body();
                   }));
    });
}

// On a worker's thread. Error: not even the refusal could be made.
Result<std::optional<Answer>> Connection::call_handler(const Task& task) const {
    auto done = run_guarded("a request", [&]() -> Result<std::optional<Answer>> {
        auto answer = task(server_.handlers, request_);
        if (answer && !can_be_sent(answer->response))
            return fail(ErrorKind::bug, "bug", "an answer has a header with a control character");
        return answer;
    });
    if (done) return done;
    server_.report(done.error());
    return run_guarded("a refusal", [&]() -> Result<std::optional<Answer>> {
        return server_.refusal(500, "an exception, which is a bug in Imprint");
    });
}

void Connection::read_body() {
    if (server_.stopping) return close();
    if (!asks_to_go_on()) return take_body();
    wire_.tcp().expires_after(server_.limits.write_time);
    text_ = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(wire_, asio::buffer(text_), guarded([this](error_code failed, std::size_t) {
                          failed ? close() : take_body();
                      }));
}

bool Connection::asks_to_go_on() const {
    return same_but_for_case(request_.header("expect").value_or(""), "100-continue");
}

void Connection::take_body() {
    wire_.tcp().expires_after(server_.limits.body_time);
    beast::http::async_read(wire_, buffer_, *parser_,
                            guarded([this](error_code failed, std::size_t) {
                                if (failed) return refuse_unread(failed);
                                request_.body = std::move(parser_->get().body());
                                work([](const Handlers& handlers, const Request& request) {
                                    return std::optional(handlers.answer(request));
                                });
                            }));
}

// The request could not be read to its end.
void Connection::refuse_unread(error_code failed) {
    namespace problem = beast::http;
    const error_code of_parsing = problem::error::body_limit;
    if (failed.category() != of_parsing.category() || failed == problem::error::end_of_stream ||
        failed == problem::error::partial_message)
        return close();
    state_ = State::busy;
    if (failed == problem::error::body_limit)
        return respond(server_.refusal(413, "the body is too large"));
    if (failed == problem::error::header_limit || failed == problem::error::buffer_overflow)
        return respond(server_.refusal(431, "the headers are too large"));
    respond(server_.refusal(400, "this is no HTTP/1.1 request"));
}

void Connection::respond(const Answer& answer) {
    const auto& [response, delivery] = answer;
    body_ = response.stream;
    if (!delivery.head) return close();
    const bool cut = delivery.body_bytes.has_value();
    const bool keeps_open = parser_->is_done() && parser_->keep_alive() && !closing_ && !cut &&
                            !body_ && !server_.stopping;
    chunked_ = parser_->get().version() >= 11;
    text_ = to_head(response, keeps_open, chunked_);
    // HEAD has the length of a body and none.
    if (request_.method == "HEAD") {
        if (body_) std::exchange(body_, nullptr)->close();
    } else if (!body_) {
        text_ += response.body.substr(0, delivery.body_bytes.value_or(std::string::npos));
    }
    if (delivery.delay.count() == 0) return write(keeps_open, cut);
    wait_.expires_after(delivery.delay);
    wait_.async_wait(guarded(
        [this, keeps_open, cut](error_code failed) { failed ? close() : write(keeps_open, cut); }));
}

void Connection::write(bool keeps_open, bool cut, std::size_t done) {
    wire_.tcp().expires_after(server_.limits.write_time);
    const auto piece = asio::buffer(asio::buffer(text_) + done, largest_piece);
    asio::async_write(wire_, piece,
                      guarded([this, keeps_open, cut, done](error_code failed, std::size_t count) {
                          if (failed || server_.stopping) return close();
                          if (done + count < text_.size())
                              return write(keeps_open, cut, done + count);
                          if (body_) return stream();
                          if (cut) return close();
                          if (!keeps_open) return discard();
                          state_ = State::idle;
                          text_.clear();
                          read_head();
                      }));
}

// Reads as well: that is how it notices that the client has gone.
void Connection::stream() {
    state_ = State::streaming;
    // Whoever writes may do so for longer than this lives.
    body_->on_news([&loop = server_.loop, weak = weak_from_this()] {
        asio::post(loop, [weak] {
            if (const auto self = weak.lock()) self->guarded([&self] { self->pump(); })();
        });
    });
    drain();
    pump();
}

void Connection::pump() {
    if (!body_) return;
    if (body_->overrun()) return close();
    if (writing_) return;
    auto [text, after] = body_->take(largest_piece);
    using After = BodyReader::State;
    if (!chunked_ || text.empty())
        text_ = std::move(text);
    else
        text_ = fmt::format("{:x}\r\n{}\r\n", text.size(), text);
    if (chunked_ && after == After::whole) text_ += last_chunk;
    if (text_.empty() && after == After::open) return;
    writing_ = true;
    wire_.tcp().expires_after(server_.limits.write_time);
    asio::async_write(wire_, asio::buffer(text_),
                      guarded([this, next = after](error_code failed, std::size_t) {
                          writing_ = false;
                          if (!failed && body_ && next == After::open) return pump();
                          if (failed || !body_ || next != After::whole) return close();
                          std::exchange(body_, nullptr)->close();
                          discard();
                      }));
}

// The end was said; what still comes is read, for a while, and kept nowhere.
void Connection::discard() {
    state_ = State::idle;
    discarded_ = 0;
    wait_.expires_after(server_.limits.rest_time);
    wait_.async_wait(guarded([this](error_code failed) {
        if (!failed) close();
    }));
    if (!wire_.is_tls()) return stop_sending();
    wire_.tcp().expires_never();
    wire_.async_end(guarded([this](error_code) {
        wire_.leave_tls();
        stop_sending();
    }));
}

void Connection::stop_sending() {
    error_code ignored;
    wire_.tcp().socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!draining_) drain();
}

void Connection::drain() {
    draining_ = true;
    buffer_.clear();
    wire_.tcp().expires_never();
    wire_.async_read_some(buffer_.prepare(read_ahead),
                          guarded([this](error_code failed, std::size_t count) {
                              discarded_ += count;
                              if (failed || discarded_ > most_discarded) return close();
                              drain();
                          }));
}

}  // namespace imprint::http
