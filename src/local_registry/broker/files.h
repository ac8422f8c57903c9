// Mosquitto's files in broker/: mosquitto.conf, server.crt, server.key (0600), mosquitto.log.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "local_registry/broker/broker.h"

namespace imprint::local_registry {

struct BrokerFiles {
    std::filesystem::path configuration;
    std::filesystem::path log;
};

// Source of the settings: mosquitto.conf(5) of Mosquitto 2.0. `arrivals_fd`: the plug-in's end of
// an ArrivalChannel, which the broker inherits.
[[nodiscard]] std::string mosquitto_configuration(const BrokerOptions& options, std::uint16_t port,
                                                  int arrivals_fd, bool as_root);

// Writes all except the log, which is moved aside when it has grown large.
[[nodiscard]] Result<BrokerFiles> write_broker_files(const BrokerOptions& options,
                                                     std::uint16_t port, int arrivals_fd);

}  // namespace imprint::local_registry
