#include "simulator/hands_server.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <vector>

#include "base/threads.h"
#include "simulator/hands.h"

namespace imprint::simulator {

namespace {

constexpr int between_stops = 100;          // milliseconds
constexpr std::size_t most_clients = 32;    // more wait for one to go
constexpr timeval patience_to_write{2, 0};  // with a client that does not read

std::unexpected<Error> socket_error(const std::filesystem::path& path, std::string_view why) {
    return fail(ErrorKind::config, "bay_directory",
                fmt::format("the hands cannot be at {}: {}", path.string(), why));
}

struct Client {
    Fd fd;
    std::string held;
};

// False: it is to be hung up.
bool send_line(int fd, std::string line) {
    line += '\n';
    std::string_view left = line;
    while (!left.empty()) {
        const ssize_t sent = ::send(fd, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool serve(Client& client, Bench& bench) {
    std::array<char, 1024> bytes{};
    const ssize_t got = ::recv(client.fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;
    client.held.append(bytes.data(), static_cast<std::size_t>(got));
    for (auto end = client.held.find('\n'); end != std::string::npos;
         end = client.held.find('\n')) {
        if (!send_line(client.fd.get(), obey(bench, std::string_view(client.held).substr(0, end))))
            return false;
        client.held.erase(0, end + 1);
    }
    if (client.held.size() <= longest_hand_line) return true;
    static_cast<void>(send_line(client.fd.get(), obey(bench, client.held)));
    return false;
}

void serve_all(const Fd& listener, Bench& bench, const std::stop_token& stop) {
    std::vector<Client> clients;
    while (!stop.stop_requested()) {
        const bool has_room = clients.size() < most_clients;
        std::vector<pollfd> looked{{has_room ? listener.get() : -1, POLLIN, 0}};
        for (const Client& client : clients)
            looked.push_back({client.fd.get(), POLLIN, 0});
        if (::poll(looked.data(), looked.size(), between_stops) <= 0) continue;
        std::vector<Client> staying;
        for (std::size_t i = 0; i < clients.size(); ++i)
            if (looked[i + 1].revents == 0 || serve(clients[i], bench))
                staying.push_back(std::move(clients[i]));
        clients = std::move(staying);
        if (looked[0].revents == 0) continue;
        Fd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd) continue;
        (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience_to_write,
                           sizeof patience_to_write);
        clients.push_back({std::move(fd), {}});
    }
}

}  // namespace

Result<HandsServer> HandsServer::start(Bench& bench, const std::filesystem::path& path,
                                       const Log& log) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path)
        return socket_error(path, fmt::format("a socket's path has at most {} characters",
                                              sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    std::error_code ignored;
    if (std::filesystem::is_socket(path, ignored)) std::filesystem::remove(path, ignored);
    // The file that bind() makes has the mode of the socket: it is never anybody else's.
    if (!listener || ::fchmod(listener.get(), S_IRUSR | S_IWUSR) != 0 ||
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(text.c_str(), S_IRUSR | S_IWUSR) != 0 ||
        ::listen(listener.get(), static_cast<int>(most_clients)) != 0)
        return socket_error(path, std::generic_category().message(errno));
    IMPRINT_TRY(auto thread,
                start_thread(
                    "the hands of a simulated bench",
                    [shared = std::make_shared<Fd>(std::move(listener)),
                     &bench](const std::stop_token& stop) { serve_all(*shared, bench, stop); },
                    [log](const Error& error) { log.warning("{}", error.describe()); }));
    return HandsServer(path, std::move(thread));
}

HandsServer::~HandsServer() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace imprint::simulator
