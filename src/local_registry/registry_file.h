// registry.json: where a running local registry listens, for the clients on this machine.
//   {"endpoint_url": "http://127.0.0.1:40123", "mqtt_host": "127.0.0.1", "mqtt_port": 40124,
//    "region": "eu-west-1", "pid": 4711}
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace imprint::local_registry {

struct RegistryFile {
    std::string endpoint_url;
    std::string mqtt_host;
    std::uint16_t mqtt_port = 0;  // 0: it runs without a broker
    std::string region;
    std::int64_t pid = 0;
};

// Where things are in a state folder (service.h).
[[nodiscard]] std::filesystem::path registry_file_path(const std::filesystem::path& state);
[[nodiscard]] std::filesystem::path credentials_path(const std::filesystem::path& state);
[[nodiscard]] std::filesystem::path root_ca_path(const std::filesystem::path& state);
[[nodiscard]] std::filesystem::path broker_log_path(const std::filesystem::path& state);

[[nodiscard]] Result<void> write_registry_file(const std::filesystem::path& state,
                                               const RegistryFile& file);
// Errors (kind registry): registry_not_running (no file, or nobody serves the folder any more),
// registry_file_damaged.
[[nodiscard]] Result<RegistryFile> read_registry_file(const std::filesystem::path& state);

}  // namespace imprint::local_registry
