// The folder of a local registry (local_registry/service.h), as clients on this machine see it, and
// the file in it that says where the service listens. registry.json:
//   {"endpoint_url": "http://127.0.0.1:40123", "mqtt_host": "127.0.0.1", "mqtt_port": 40124,
//    "region": "eu-west-1", "pid": 4711}
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace imprint::registry {

struct RegistryFile {
    std::string endpoint_url;
    std::string mqtt_host;
    std::uint16_t mqtt_port = 0;  // 0: it runs without a broker
    std::string region;
    std::int64_t pid = 0;
};

[[nodiscard]] std::filesystem::path registry_file_path(const std::filesystem::path& state);
[[nodiscard]] std::filesystem::path credentials_path(const std::filesystem::path& state);
[[nodiscard]] std::filesystem::path root_ca_path(const std::filesystem::path& state);
[[nodiscard]] std::filesystem::path broker_log_path(const std::filesystem::path& state);
// Locked as long as the service lives, however it ends.
[[nodiscard]] std::filesystem::path lock_path(const std::filesystem::path& state);

// The hint when the registry is not being served: "start it: imprint registry serve --state …".
[[nodiscard]] std::string how_to_serve(const std::filesystem::path& state);

[[nodiscard]] Result<void> write_registry_file(const std::filesystem::path& state,
                                               const RegistryFile& file);
// Also reads the file of a killed service, which leaves it behind. Error (registry):
// registry_not_serving (there is no file, or it is damaged).
[[nodiscard]] Result<RegistryFile> read_registry_file(const std::filesystem::path& state);
// Error (registry): registry_not_running (no process holds the lock).
[[nodiscard]] Result<void> check_running(const std::filesystem::path& state);

}  // namespace imprint::registry
