// The channel between the broker's plug-in, which only reads the registry's database, and the
// registry, the only one that writes it: for certificates that are registered just in time. JSON
// datagrams over a socket pair; the broker inherits one end. Nobody waits: what is lost comes again
// with the device's next attempt to connect.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

namespace imprint::local_registry {

// To the registry: an unregistered certificate of a registered authority.
struct Arrival {
    std::string certificate_pem;
    // "Subject.CommonName" → values: plugin/certificate_names.h.
    std::map<std::string, std::vector<std::string>, std::less<>> names;
};

// To the broker: a message to publish.
struct Announcement {
    std::string topic;
    std::string payload;
};

using ArrivalHandler = std::function<std::vector<Announcement>(const Arrival&)>;

class ArrivalChannel {
  public:
    // Both ends; neither blocks. Error: broker_failed (registry).
    [[nodiscard]] static Result<std::pair<ArrivalChannel, ArrivalChannel>> make();

    explicit ArrivalChannel(Fd end) : end_(std::move(end)) {}

    [[nodiscard]] int fd() const { return end_.get(); }

    // False if it was not sent (nobody reads, or it is too large).
    bool send(const Arrival& arrival);
    bool send(const Announcement& announcement);
    // The next one received; damaged ones are skipped.
    [[nodiscard]] std::optional<Arrival> next_arrival();
    [[nodiscard]] std::optional<Announcement> next_announcement();

  private:
    bool send(std::string_view datagram);
    [[nodiscard]] std::optional<std::string> receive();

    Fd end_;
};

}  // namespace imprint::local_registry
