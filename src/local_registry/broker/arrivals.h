// The way between the broker's plug-in, which only reads the registry, and the registry, which
// alone writes it: for certificates that register just in time. Datagrams of JSON over a socket
// pair, one end of which the broker inherits. Nobody waits: what is lost comes again with the
// device's next attempt to connect.
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

// To the registry: a certificate that is not registered, of a registered authority.
struct Arrival {
    std::string certificate_pem;
    // "Subject.CommonName" → values: plugin/certificate_names.h.
    std::map<std::string, std::vector<std::string>, std::less<>> names;
};

// To the broker: what it shall publish.
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

    // False when it did not go out (nobody reads, or it is too large).
    bool send(const Arrival& arrival);
    bool send(const Announcement& announcement);
    // The next one that has come; what is damaged is passed over.
    [[nodiscard]] std::optional<Arrival> next_arrival();
    [[nodiscard]] std::optional<Announcement> next_announcement();

  private:
    bool send(std::string_view datagram);
    [[nodiscard]] std::optional<std::string> receive();

    Fd end_;
};

}  // namespace imprint::local_registry
