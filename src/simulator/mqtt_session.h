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

namespace imprint::simulator {

struct MqttOptions {
    std::string host;  // the server's certificate must be for this name or address
    std::uint16_t port = 8883;
    std::string client_id;
    std::string_view certificate;  // PEM; used while the session is made
    std::string_view private_key;
    std::string_view root_ca;
};

struct MqttEvent {
    enum class Kind { connected, disconnected, message };

    Kind kind = Kind::disconnected;
    std::string text;   // disconnected: why
    std::string topic;  // message
    std::string payload;
};

class MqttSession {
  public:
    // Errors: mqtt_credentials (board): a PEM that OpenSSL does not take, a key that is not the
    // certificate's.
    [[nodiscard]] static Result<MqttSession> create(const MqttOptions& options);
    MqttSession(MqttSession&&) noexcept;
    MqttSession& operator=(MqttSession&&) noexcept;
    ~MqttSession();

    // Starts to connect; what comes of it is an event. Looking up the name may take its time.
    void connect();
    // Sends and receives for at most this long.
    [[nodiscard]] std::vector<MqttEvent> step(Milliseconds patience);

    void subscribe(const std::string& topic);
    void publish(const std::string& topic, std::string_view payload);

  private:
    struct State;
    explicit MqttSession(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace imprint::simulator
