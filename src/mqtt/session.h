// One MQTT 3.1.1 connection over mutual TLS, driven by its caller's thread; libmosquitto and
// OpenSSL underneath, keys in memory only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::mqtt {

struct Options {
    std::string host;  // must match the name or address in the server's certificate
    std::uint16_t port = 8883;
    std::string client_id;
    std::string_view certificate;  // PEM; only used in create()
    std::string_view private_key;
    std::string_view root_ca;
    // By which the server's certificate is judged; not set: the system's time at each connection.
    std::optional<WallTime> now = {};
};

struct Event {
    enum class Kind {
        connected,
        disconnected,
        message,
        published,   // the broker has accepted a message of quality 1
        subscribed,  // the answer to subscribe(): `granted` says whether
    };

    Kind kind = Kind::disconnected;
    std::string text;   // disconnected: why
    std::string topic;  // message
    std::string payload;
    bool granted = true;  // subscribed
};

class Session {
  public:
    // Errors: mqtt_credentials (registry): a PEM that OpenSSL rejects, or a key that does not match
    // the certificate.
    [[nodiscard]] static Result<Session> create(const Options& options);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    // Starts to connect; the result is reported as an event. The name lookup may block for a while.
    void connect();
    // Sends and receives for at most this long.
    [[nodiscard]] std::vector<Event> step(Milliseconds patience);

    void subscribe(const std::string& topic);
    // quality 1: an event reports that the broker has it.
    void publish(const std::string& topic, std::string_view payload, int quality = 0);

  private:
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::mqtt
