// The channel between the broker's plug-in, which only reads the registry's database, and the
// registry, the only one that writes it: for certificates that are registered just in time, and for
// what devices ask of the shadow service and of jobs. Datagrams over a socket pair, of which the
// broker inherits one end: JSON, and behind a line break a message's payload as it is. Nobody
// waits: who cannot send keeps what it has, or says so.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace imprint::local_registry {

// To the registry: an unregistered certificate of a registered authority. One that is lost comes
// again with the device's next attempt to connect.
struct Arrival {
    std::string certificate_pem;
    // "Subject.CommonName" → values: plugin/certificate_names.h.
    std::map<std::string, std::vector<std::string>, std::less<>> names;
};

// To the registry: what a client has published on a reserved topic, as its policies let it.
struct Asked {
    std::string client_id;
    std::string topic;
    std::string payload;
};

// To the broker: a message to publish.
struct Announcement {
    std::string topic;
    std::string payload;
    int qos = 1;
    bool retain = false;
};

using FromBroker = std::variant<Arrival, Asked>;
using BrokerHandler = std::function<void(const FromBroker&)>;

class ArrivalChannel {
  public:
    // A message of the broker with its topic (AWS IoT has payloads of 128 KB), and some room.
    static constexpr std::size_t largest_datagram = 192UL * 1024;

    // Both ends; neither blocks. Error: broker_failed (registry).
    [[nodiscard]] static Result<std::pair<ArrivalChannel, ArrivalChannel>> make();

    explicit ArrivalChannel(Fd end) : end_(std::move(end)) {}

    [[nodiscard]] int fd() const { return end_.get(); }

    // False if it was not sent (nobody reads, or it is too large).
    bool send(const Arrival& arrival);
    bool send(const Asked& asked);
    bool send(const Announcement& announcement);
    // The next one received; damaged ones are skipped.
    [[nodiscard]] std::optional<FromBroker> next_from_broker();
    [[nodiscard]] std::optional<Announcement> next_announcement();

  private:
    bool send(std::string_view datagram);
    [[nodiscard]] std::optional<std::string> receive();

    Fd end_;
};

}  // namespace imprint::local_registry
