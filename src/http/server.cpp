#include "http/server.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/fd.h"
#include "http/connection.h"

namespace imprint::http {

namespace {

constexpr std::chrono::milliseconds before_next_accept{20};

// An IPv4 client of an IPv6 socket is one of IPv4 (RFC 4291, 2.5.5.2); a zone is this machine's
// own word.
std::string address_of(const tcp::endpoint& peer) {
    const asio::ip::address address = peer.address();
    if (!address.is_v6()) return address.to_string();
    asio::ip::address_v6 v6 = address.to_v6();
    if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
    v6.scope_id(0);
    return v6.to_string();
}

std::size_t most_connections(const Limits& limits) {
    rlimit descriptors{};
    if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return limits.connections;
    constexpr rlim_t least = 8;
    return std::min<rlim_t>(limits.connections, std::max(least, descriptors.rlim_cur / 2));
}

}  // namespace

class Server::Parts {
  public:
    Parts(Handlers handlers, const ServerOptions& options)
        : state_{.handlers = std::move(handlers), .limits = options.limits, .tls = options.tls},
          most_connections_(most_connections(options.limits)) {}

    ~Parts() {
        asio::post(state_.loop, [this] { stop(); });
        if (thread_.joinable()) thread_.join();
        more_tasks_.reset();
        workers_.clear();
    }

    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    Parts(Parts&&) = delete;
    Parts& operator=(Parts&&) = delete;

    [[nodiscard]] Result<void> listen(const ServerOptions& options);

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    [[nodiscard]] error_code open(const tcp::endpoint& place);
    [[nodiscard]] Result<void> start_threads(const ThreadMaker& make);
    void accept();
    [[nodiscard]] bool take_one();
    void stop();
    [[nodiscard]] bool make_room();

    ServerState state_;
    std::size_t most_connections_;
    tcp::acceptor acceptor_{state_.loop};
    tcp protocol_ = tcp::v4();
    asio::steady_timer pause_{state_.loop};
    std::uint64_t accepted_ = 0;
    std::uint16_t port_ = 0;
    asio::executor_work_guard<asio::io_context::executor_type> more_tasks_ =
        asio::make_work_guard(state_.tasks);
    std::vector<std::jthread> workers_;
    std::jthread thread_;
};

Result<void> Server::Parts::listen(const ServerOptions& options) {
    error_code failed;
    const auto address = asio::ip::make_address(options.address, failed);
    if (failed)
        return fail(ErrorKind::config, "http_address",
                    fmt::format("\"{}\" is no IP address", options.address),
                    "write 127.0.0.1 for this machine alone, 0.0.0.0 for all of its networks");
    failed = open({address, options.port});
    if (failed)
        return fail(ErrorKind::config, "http_port_busy",
                    fmt::format("cannot listen on {}:{}: {}",
                                address.is_v6() ? "[" + options.address + "]" : options.address,
                                options.port, failed.message()),
                    "stop what listens there, or choose another port");
    accept();
    return start_threads(options.make_thread);
}

error_code Server::Parts::open(const tcp::endpoint& place) {
    error_code failed;
    protocol_ = place.protocol();
    Fd socket(::socket(protocol_.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return {errno, boost::system::system_category()};
    acceptor_.assign(protocol_, socket.get(), failed);
    if (!failed) static_cast<void>(socket.release());
    // Not SO_REUSEPORT, with which two servers would share one port.
    if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) acceptor_.bind(place, failed);
    if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    if (!failed) port_ = acceptor_.local_endpoint(failed).port();
    return failed;
}

// With fewer workers than were wanted it serves more slowly; with none, not at all.
Result<void> Server::Parts::start_threads(const ThreadMaker& make) {
    const auto report = [this](const Error& bug) { state_.report(bug); };
    for (std::size_t i = 0; i < std::max<std::size_t>(state_.limits.threads, 1); ++i) {
        auto worker = start_thread(
            "the server's requests", [this](const std::stop_token&) { state_.tasks.run(); }, report,
            make);
        if (!worker && workers_.empty()) return std::unexpected(std::move(worker).error());
        if (!worker) break;
        workers_.push_back(*std::move(worker));
    }
    IMPRINT_TRY(thread_, start_thread(
                             "the server's connections",
                             [this](const std::stop_token&) { state_.loop.run(); }, report, make));
    return {};
}

void Server::Parts::accept() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](error_code) {
        if (state_.stopping) return;
        while (take_one()) {
        }
        if (errno == EAGAIN) return accept();
        // Out of descriptors, most likely, which others of the process took.
        static_cast<void>(make_room());
        pause_.expires_after(before_next_accept);
        pause_.async_wait([this](error_code) {
            if (!state_.stopping) accept();
        });
    });
}

// False: errno says why there is none. Boost's own accept lets programs that are started inherit
// the connection.
bool Server::Parts::take_one() {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    Fd taken(::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_CLOEXEC));
    if (!taken) return errno == EINTR || errno == ECONNABORTED;
    // A browser that has vanished (a tablet out of the WLAN) acknowledges nothing: its beats would
    // go on into the kernel's buffer, and its place would be taken for a quarter of an hour.
    const unsigned patience = 30'000;  // milliseconds; tcp(7)
    static_cast<void>(
        ::setsockopt(taken.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof(patience)));
    peer.resize(size);
    if (state_.connections.size() >= most_connections_ && !make_room()) return true;
    const auto connection = std::make_shared<Connection>(
        state_, accepted_, tcp::socket(state_.loop, protocol_, taken.release()), address_of(peer));
    state_.connections.emplace(accepted_++, connection);
    connection->begin();
    return true;
}

bool Server::Parts::make_room() {
    using State = Connection::State;
    for (const State least : {State::fresh, State::idle})
        for (const auto& [number, connection] : state_.connections)
            if (connection->state() == least) {
                // It takes itself out of the map.
                const std::shared_ptr<Connection> leaving = connection;
                leaving->close();
                return true;
            }
    return false;
}

void Server::Parts::stop() {
    error_code ignored;
    state_.stopping = true;
    acceptor_.close(ignored);
    pause_.cancel();
    const auto all = state_.connections;
    for (const auto& [number, connection] : all)
        connection->state() == Connection::State::busy ? connection->hurry() : connection->close();
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::listen(const ServerOptions& options, Handlers handlers) {
    auto parts = std::make_unique<Parts>(std::move(handlers), options);
    IMPRINT_CHECK(parts->listen(options));
    return Server(std::move(parts));
}

std::uint16_t Server::port() const {
    return parts_->port();
}

}  // namespace imprint::http
