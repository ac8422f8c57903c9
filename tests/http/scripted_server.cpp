#include "http/scripted_server.h"

#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

namespace imprint::http::testing {

namespace {

// A whole request at the front of the buffer, taken from it.
std::optional<SeenRequest> take_request(std::string& buffer) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    SeenRequest request;
    std::size_t at = buffer.find("\r\n");
    const std::string first = buffer.substr(0, at);
    const std::size_t space = first.find(' ');
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, first.rfind(' ') - space - 1);
    while (at < end) {
        const std::size_t next = buffer.find("\r\n", at + 2);
        const std::string line = buffer.substr(at + 2, next - at - 2);
        const std::size_t colon = line.find(':');
        std::string name = line.substr(0, colon);
        for (char& c : name)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const std::size_t value = line.find_first_not_of(' ', colon + 1);
        request.headers[name] = value == std::string::npos ? "" : line.substr(value);
        at = next;
    }
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    if (buffer.size() < end + 4 + size) return std::nullopt;
    request.body = buffer.substr(end + 4, size);
    buffer.erase(0, end + 4 + size);
    return request;
}

void send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
    listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    std::array<int, 2> wake{};
    if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
        ::getsockname(listener_.get(), generic, &size) != 0 || ::pipe(wake.data()) != 0)
        throw std::runtime_error("no scripted server");
    port_ = ntohs(address.sin_port);
    wake_reader_ = Fd(wake[0]);
    wake_writer_ = Fd(wake[1]);
    thread_ = std::jthread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
    wake_writer_.reset();
    thread_.join();
}

std::string ScriptedServer::url() const {
    return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<SeenRequest> ScriptedServer::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

void ScriptedServer::serve() {
    std::vector<Connection> connections;
    for (int count = 0;;) {
        std::vector<pollfd> waiting{{wake_reader_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        for (const auto& connection : connections)
            waiting.push_back({connection.fd.get(), POLLIN, 0});
        ::poll(waiting.data(), waiting.size(), -1);
        if (waiting[0].revents != 0) return;
        std::vector<Connection> kept;
        for (std::size_t i = 0; i < connections.size(); ++i)
            if (waiting[i + 2].revents == 0 || serve(connections[i]))
                kept.push_back(std::move(connections[i]));
        connections = std::move(kept);
        if (waiting[1].revents != 0)
            connections.push_back({Fd(::accept(listener_.get(), nullptr, nullptr)), "", ++count});
    }
}

bool ScriptedServer::serve(Connection& connection) {
    std::array<char, 16384> block{};
    const auto got = ::recv(connection.fd.get(), block.data(), block.size(), 0);
    if (got <= 0) return false;
    connection.buffer.append(block.data(), static_cast<std::size_t>(got));
    while (auto request = take_request(connection.buffer)) {
        request->connection = connection.number;
        {
            const std::lock_guard lock(mutex_);
            seen_.push_back(*request);
        }
        const ScriptedReply reply = script_(*request);
        if (reply.delivery == ReplyDelivery::none) return false;
        if (reply.delivery == ReplyDelivery::never) continue;
        std::string text = fmt::format("HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n",
                                       reply.status, reply.body.size());
        for (const auto& [name, value] : reply.headers)
            text += fmt::format("{}: {}\r\n", name, value);
        text += "\r\n";
        const std::size_t shown =
            reply.delivery == ReplyDelivery::cut ? reply.body.size() / 2 : reply.body.size();
        send_all(connection.fd.get(), text + reply.body.substr(0, shown));
        if (reply.delivery != ReplyDelivery::whole) return false;
    }
    return true;
}

}  // namespace imprint::http::testing
