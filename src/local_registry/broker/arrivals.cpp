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

// A chain of certificates has some thousand bytes; a PEM text in the API at most 65,536.
constexpr std::size_t largest_datagram = 96UL * 1024;

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

}  // namespace

Result<std::pair<ArrivalChannel, ArrivalChannel>> ArrivalChannel::make() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return fail(ErrorKind::registry, "broker_failed",
                    fmt::format("no socket pair for the broker: {}",
                                std::generic_category().message(errno)));
    return std::pair(ArrivalChannel(Fd(ends[0])), ArrivalChannel(Fd(ends[1])));
}

bool ArrivalChannel::send(const Arrival& arrival) {
    return send(json{{"certificate", arrival.certificate_pem}, {"names", arrival.names}}.dump(
        -1, ' ', false, json::error_handler_t::replace));
}

bool ArrivalChannel::send(const Announcement& announcement) {
    return send(json{{"topic", announcement.topic}, {"payload", announcement.payload}}.dump());
}

bool ArrivalChannel::send(std::string_view datagram) {
    return datagram.size() <= largest_datagram &&
           ::send(end_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(datagram.size());
}

std::optional<std::string> ArrivalChannel::receive() {
    std::string datagram(largest_datagram, '\0');
    ssize_t got = 0;
    do {
        // The socket does not block.
        got = ::recv(  // NOLINT(clang-analyzer-unix.BlockInCriticalSection)
            end_.get(), datagram.data(), datagram.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return std::nullopt;
    datagram.resize(static_cast<std::size_t>(got));
    return datagram;
}

std::optional<Arrival> ArrivalChannel::next_arrival() {
    while (const auto datagram = receive()) {
        const json object = json::parse(*datagram, nullptr, false);
        if (!object.is_object()) continue;
        auto certificate = value_of<std::string>(object, "certificate");
        auto names = value_of<decltype(Arrival::names)>(object, "names");
        if (certificate && names)
            return Arrival{.certificate_pem = *std::move(certificate), .names = *std::move(names)};
    }
    return std::nullopt;
}

std::optional<Announcement> ArrivalChannel::next_announcement() {
    while (const auto datagram = receive()) {
        const json object = json::parse(*datagram, nullptr, false);
        if (!object.is_object()) continue;
        auto topic = value_of<std::string>(object, "topic");
        auto payload = value_of<std::string>(object, "payload");
        if (topic && payload)
            return Announcement{.topic = *std::move(topic), .payload = *std::move(payload)};
    }
    return std::nullopt;
}

}  // namespace imprint::local_registry
