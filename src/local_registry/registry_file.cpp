#include "local_registry/registry_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "local_registry/state_lock.h"

namespace imprint::local_registry {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::unexpected<Error> damaged(const fs::path& path) {
    return fail(ErrorKind::registry, "registry_file_damaged",
                fmt::format("{} is not what the local registry writes", path.string()),
                "stop the local registry and start it again");
}

template <typename T>
bool take(const json& object, const char* name, T& value) {
    const auto found = object.find(name);
    if (found == object.end()) return false;
    if constexpr (std::is_same_v<T, std::string>) {
        if (!found->is_string()) return false;
    } else {
        if (!found->is_number_unsigned() ||
            found->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<T>::max()})
            return false;
    }
    value = found->get<T>();
    return true;
}

}  // namespace

fs::path registry_file_path(const fs::path& state) {
    return state / "registry.json";
}

fs::path credentials_path(const fs::path& state) {
    return state / "credentials";
}

fs::path root_ca_path(const fs::path& state) {
    return state / "ca" / "root-ca.pem";
}

fs::path broker_log_path(const fs::path& state) {
    return state / "broker" / "mosquitto.log";
}

Result<void> write_registry_file(const fs::path& state, const RegistryFile& file) {
    const json object{{"endpoint_url", file.endpoint_url},
                      {"mqtt_host", file.mqtt_host},
                      {"mqtt_port", file.mqtt_port},
                      {"region", file.region},
                      {"pid", file.pid}};
    return write_file(registry_file_path(state), object.dump(2) + "\n");
}

Result<RegistryFile> read_registry_file(const fs::path& state) {
    const fs::path path = registry_file_path(state);
    const auto text = read_text(path);
    if ((!text && text.error().code == "file_missing") || !StateLock::is_held(state))
        return fail(ErrorKind::registry, "registry_not_running",
                    fmt::format("no local registry serves {}", state.string()),
                    "start it: imprint registry serve");
    if (!text) return std::unexpected(text.error());
    const json object = json::parse(*text, nullptr, false);
    RegistryFile file;
    if (!object.is_object() || !take(object, "endpoint_url", file.endpoint_url) ||
        !take(object, "mqtt_host", file.mqtt_host) || !take(object, "mqtt_port", file.mqtt_port) ||
        !take(object, "region", file.region) || !take(object, "pid", file.pid))
        return damaged(path);
    return file;
}

}  // namespace imprint::local_registry
