// One MQTT 3.1.1 connection over mutual TLS, driven by its caller's thread; libmosquitto and
// OpenSSL underneath, keys in memory only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace imprint::mqtt {

struct Options {
    std::string host;  // the server's certificate must be for this name or address
    std::uint16_t port = 8883;
    std::string client_id;
    std::string_view certificate;  // PEM; used while the session is made
    std::string_view private_key;
    std::string_view root_ca;
};

struct Event {
    enum class Kind {
        connected,
        disconnected,
        message,
        published,   // the broker has taken a message of quality 1
        subscribed,  // or has refused to: granted
    };

    Kind kind = Kind::disconnected;
    std::string text;   // disconnected: why
    std::string topic;  // message
    std::string payload;
    bool granted = true;  // subscribed
};

class Session {
  public:
    // Errors: mqtt_credentials (registry): a PEM that OpenSSL does not take, a key that is not the
    // certificate's.
    [[nodiscard]] static Result<Session> create(const Options& options);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    // Starts to connect; what comes of it is an event. Looking up the name may take its time.
    void connect();
    // Sends and receives for at most this long.
    [[nodiscard]] std::vector<Event> step(Milliseconds patience);

    void subscribe(const std::string& topic);
    // quality 1: an event tells that the broker has it.
    void publish(const std::string& topic, std::string_view payload, int quality = 0);

  private:
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::mqtt
