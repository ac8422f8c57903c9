// A real Mosquitto as a child process: configured, monitored, restarted when it dies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "local_registry/broker/arrivals.h"
#include "local_registry/broker/publications.h"

namespace imprint::local_registry {

struct BrokerOptions {
    std::filesystem::path mosquitto;       // the program
    std::filesystem::path plugin;          // imprint_mosquitto.so
    std::filesystem::path folder;          // for its files; exists, mode 0700
    std::filesystem::path database;        // registry.sqlite
    std::filesystem::path ca_certificate;  // a file in PEM
    std::string arn_start;                 // of the ARNs in policies: api/arn.h
    std::uint16_t port = 0;                // 0: a free one
    std::string server_certificate;        // PEM, for localhost and 127.0.0.1
    Secret server_key;                     // PEM
};

// Runs until it is destroyed. Errors (kind registry): registry_port_busy; broker_failed, with the
// last lines of Mosquitto's log.
class Broker {
  public:
    // Returns when it accepts connections. `on_message` is called by the broker's own thread, also
    // before this returns. What is published goes out as soon as it runs.
    [[nodiscard]] static Result<Broker> start(const BrokerOptions& options, Log log,
                                              BrokerHandler on_message, Publications publications);
    Broker(Broker&&) noexcept;
    Broker& operator=(Broker&&) noexcept;
    ~Broker();

    [[nodiscard]] std::uint16_t port() const;
    // False while it is down, and permanently once it has died too often.
    [[nodiscard]] bool alive() const;

  private:
    class Supervisor;
    explicit Broker(std::unique_ptr<Supervisor> supervisor);
    std::unique_ptr<Supervisor> supervisor_;
};

// Searches PATH and where Debian installs it. Error: broker_missing (kind registry).
[[nodiscard]] Result<std::filesystem::path> find_mosquitto();

}  // namespace imprint::local_registry
