// An AWS-IoT-compatible control plane on loopback, with its own CA and a real Mosquitto beside it,
// so that everything runs without an account. State lives in one folder:
//   registry.sqlite   things, certificates, policies (WAL)
//   ca/               the CA's certificate (root-ca.pem) and key (0600)
//   credentials       the access key that it accepts, as an AWS shared credentials file (0600)
//   broker/           Mosquitto's configuration, server certificate and log (mosquitto.log)
//   registry.json     where it listens: {"endpoint_url", "mqtt_host", "mqtt_port", "region", "pid"}
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "local_registry/faults/plan.h"

namespace imprint::local_registry {

struct ServiceOptions {
    std::filesystem::path state;  // made with mode 0700
    std::uint16_t port = 0;       // of the control plane; 0: a free one
    std::uint16_t mqtt_port = 0;  // of the broker; 0: a free one
    std::string region = "eu-west-1";
    bool broker = true;
    std::filesystem::path mosquitto;  // empty: found in PATH and /usr/sbin
    std::filesystem::path plugin;     // the Mosquitto plug-in, imprint_mosquitto.so
    FaultPlan faults;                 // its errors on purpose
};

// Runs until it is destroyed. Listens on 127.0.0.1 only.
// Errors (kind registry): registry_state_busy (another one serves this folder), registry_port_busy,
// broker_failed (with the last lines of Mosquitto's log).
class Service {
  public:
    [[nodiscard]] static Result<Service> start(const ServiceOptions& options, Clock& clock,
                                               Log log = {});
    Service(Service&&) noexcept;
    Service& operator=(Service&&) noexcept;
    ~Service();

    [[nodiscard]] const std::string& endpoint_url() const;  // http://127.0.0.1:<port>
    [[nodiscard]] std::uint16_t mqtt_port() const;
    [[nodiscard]] const std::string& root_ca_pem() const;
    // False once the broker has died.
    [[nodiscard]] bool healthy();

  private:
    class Parts;
    explicit Service(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::local_registry
