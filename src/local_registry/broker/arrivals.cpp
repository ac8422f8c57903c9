#include "local_registry/broker/arrivals.h"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

namespace imprint::local_registry {

namespace {

using nlohmann::json;

template <typename T>
std::optional<T> value_of(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return std::nullopt;
    try {
        return found->get<T>();
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

// JSON writes a line break in a text as \n: the first one ends it.
std::string to_datagram(const json& head, std::string_view payload) {
    std::string datagram = head.dump(-1, ' ', false, json::error_handler_t::replace);
    datagram += '\n';
    datagram += payload;
    return datagram;
}

struct Datagram {
    json head;  // an object, or something else where it is damaged
    std::string payload;
};

Datagram parsed(std::string datagram) {
    const std::size_t end = datagram.find('\n');
    Datagram parts{.head = json::parse(std::string_view(datagram).substr(0, end), nullptr, false),
                   .payload = {}};
    if (end != std::string::npos) {
        datagram.erase(0, end + 1);
        parts.payload = std::move(datagram);
    }
    return parts;
}

std::optional<FromBroker> from_broker(Datagram parts) {
    if (!parts.head.is_object()) return std::nullopt;
    auto certificate = value_of<std::string>(parts.head, "certificate");
    auto names = value_of<decltype(Arrival::names)>(parts.head, "names");
    if (certificate && names)
        return Arrival{.certificate_pem = *std::move(certificate), .names = *std::move(names)};
    auto client = value_of<std::string>(parts.head, "client");
    auto topic = value_of<std::string>(parts.head, "topic");
    if (client && topic)
        return Asked{.client_id = *std::move(client),
                     .topic = *std::move(topic),
                     .payload = std::move(parts.payload)};
    return std::nullopt;
}

}  // namespace

Result<std::pair<ArrivalChannel, ArrivalChannel>> ArrivalChannel::make() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return fail(ErrorKind::registry, "broker_failed",
                    fmt::format("no socket pair for the broker: {}",
                                std::generic_category().message(errno)));
    // As much as the system allows: a burst of messages.
    constexpr int wished = 1024 * 1024;
    for (const int end : ends)
        ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &wished, sizeof wished);
    return std::pair(ArrivalChannel(Fd(ends[0])), ArrivalChannel(Fd(ends[1])));
}

bool ArrivalChannel::send(const Arrival& arrival) {
    return send(
        to_datagram({{"certificate", arrival.certificate_pem}, {"names", arrival.names}}, {}));
}

bool ArrivalChannel::send(const Asked& asked) {
    return send(to_datagram({{"client", asked.client_id}, {"topic", asked.topic}}, asked.payload));
}

bool ArrivalChannel::send(const Announcement& announcement) {
    return send(to_datagram(
        {{"topic", announcement.topic}, {"qos", announcement.qos}, {"retain", announcement.retain}},
        announcement.payload));
}

bool ArrivalChannel::send(std::string_view datagram) {
    return datagram.size() <= largest_datagram &&
           ::send(end_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(datagram.size());
}

std::optional<std::string> ArrivalChannel::receive() {
    ssize_t size = 0;
    do {
        // The socket does not block.
        size = ::recv(  // NOLINT(clang-analyzer-unix.BlockInCriticalSection)
            end_.get(), nullptr, 0, MSG_PEEK | MSG_TRUNC);
    } while (size < 0 && errno == EINTR);
    if (size < 0) return std::nullopt;
    std::string datagram(static_cast<std::size_t>(size), '\0');
    // It is there.
    const ssize_t got = ::recv(  // NOLINT(clang-analyzer-unix.BlockInCriticalSection)
        end_.get(), datagram.data(), datagram.size(), 0);
    if (got < 0) return std::nullopt;
    datagram.resize(static_cast<std::size_t>(got));
    return datagram;
}

std::optional<FromBroker> ArrivalChannel::next_from_broker() {
    while (auto datagram = receive())
        if (auto read = from_broker(parsed(*std::move(datagram)))) return read;
    return std::nullopt;
}

std::optional<Announcement> ArrivalChannel::next_announcement() {
    while (auto datagram = receive()) {
        Datagram parts = parsed(*std::move(datagram));
        if (!parts.head.is_object()) continue;
        auto topic = value_of<std::string>(parts.head, "topic");
        const auto qos = value_of<int>(parts.head, "qos");
        const auto retain = value_of<bool>(parts.head, "retain");
        if (topic && qos && retain)
            return Announcement{.topic = *std::move(topic),
                                .payload = std::move(parts.payload),
                                .qos = *qos,
                                .retain = *retain};
    }
    return std::nullopt;
}

}  // namespace imprint::local_registry
