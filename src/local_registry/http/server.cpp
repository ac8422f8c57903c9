#include "local_registry/http/server.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>

namespace imprint::local_registry {

namespace {

constexpr const char* loopback = "127.0.0.1";
// Idle connections hold a thread, and the end of the server waits for them: keep it short.
constexpr int keep_alive_seconds = 2;
constexpr std::size_t requests_a_connection = 100'000;
constexpr int io_seconds = 10;

Request from_httplib(const httplib::Request& native) {
    Request request{
        .method = native.method, .target = native.target, .headers = {}, .body = native.body};
    for (const auto& [name, value] : native.headers) {
        std::string lower = name;
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        // httplib adds these, which no client sent.
        if (lower == "remote_addr" || lower == "remote_port" || lower == "local_addr" ||
            lower == "local_port")
            continue;
        request.headers.emplace_back(std::move(lower), value);
    }
    return request;
}

// httplib lets no handler end a connection: it is found among the process's own by its other end.
void end_connection(const httplib::Request& request) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
        const std::string name = entry.path().filename().string();
        int descriptor = -1;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
            peer.sin_family == AF_INET && ntohs(peer.sin_port) == request.remote_port)
            ::shutdown(descriptor, SHUT_RDWR);
    }
}

void to_httplib(const httplib::Request& request, const Response& response,
                httplib::Response& native) {
    native.status = response.status;
    for (const auto& [name, value] : response.headers)
        native.set_header(name, value);
    switch (response.delivery) {
        case Delivery::whole:
            native.set_content(response.body, response.content_type);
            break;
        case Delivery::none:
            end_connection(request);
            break;
        case Delivery::cut:
            // A provider that fails after its first half ends the connection.
            native.set_content_provider(
                std::max<std::size_t>(response.body.size(), 2), response.content_type,
                [body = response.body](std::size_t at, std::size_t, httplib::DataSink& sink) {
                    return at == 0 && sink.write(body.data(), body.size() / 2);
                });
            break;
    }
}

}  // namespace

class HttpServer::Parts {
  public:
    Parts(Handler handler, const HttpLimits& limits) : handler_(std::move(handler)) {
        server_.new_task_queue = [threads = limits.threads] {
            return new httplib::ThreadPool(threads);  // NOLINT: httplib owns it
        };
        server_.set_payload_max_length(limits.body);
        server_.set_keep_alive_max_count(requests_a_connection);
        server_.set_keep_alive_timeout(keep_alive_seconds);
        server_.set_read_timeout(io_seconds);
        server_.set_write_timeout(io_seconds);
        server_.set_tcp_nodelay(true);
        // httplib's own choice is SO_REUSEPORT, with which two servers would share one port.
        server_.set_socket_options([this](int socket) {
            listening_ = socket;
            const int yes = 1;
            ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
            to_httplib(request, handler_(from_httplib(request)), response);
        };
        // A POST without Content-Length has no body, but httplib would wait for the connection's
        // end.
        server_.set_pre_routing_handler(
            [answer](const httplib::Request& request, httplib::Response& response) {
                using Routing = httplib::Server::HandlerResponse;
                if (request.has_header("Content-Length") || request.has_header("Transfer-Encoding"))
                    return Routing::Unhandled;
                answer(request, response);
                return Routing::Handled;
            });
        server_.Get(".*", answer);
        server_.Post(".*", answer);
        server_.Put(".*", answer);
        server_.Patch(".*", answer);
        server_.Delete(".*", answer);
        server_.Options(".*", answer);
    }

    ~Parts() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    bool listen(std::uint16_t port) {
        if (port == 0) {
            const int given = server_.bind_to_any_port(loopback);
            if (given <= 0) return false;
            port_ = static_cast<std::uint16_t>(given);
        } else {
            if (!server_.bind_to_port(loopback, port)) return false;
            port_ = port;
        }
        // httplib lets five connections wait, and a sixth try again after a second; listening anew
        // changes it (listen(2)).
        if (::listen(listening_, SOMAXCONN) != 0) return false;
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        // stop() before the loop runs would be lost.
        while (!server_.is_running())
            std::this_thread::yield();
        return true;
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    Handler handler_;
    httplib::Server server_;
    std::thread thread_;
    int listening_ = -1;  // httplib's
    std::uint16_t port_ = 0;
};

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer> HttpServer::listen(std::uint16_t port, Handler handler,
                                      const HttpLimits& limits) {
    auto parts = std::make_unique<Parts>(std::move(handler), limits);
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
