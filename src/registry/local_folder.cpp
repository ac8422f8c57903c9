#include "registry/local_folder.h"

#include <fmt/format.h>
#include <limits>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "base/file_lock.h"
#include "base/files.h"

namespace imprint::registry {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::unexpected<Error> not_serving(const fs::path& state, const std::string& what) {
    return fail(ErrorKind::registry, "registry_not_serving",
                fmt::format("no local registry serves {}: {}", state.string(), what),
                how_to_serve(state));
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

fs::path lock_path(const fs::path& state) {
    return state / "lock";
}

std::string how_to_serve(const fs::path& state) {
    return fmt::format("start it: imprint registry serve --state {}", state.string());
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
    const auto text = read_text(registry_file_path(state));
    if (!text) return not_serving(state, text.error().message);
    const json object = json::parse(*text, nullptr, false);
    RegistryFile file;
    if (!object.is_object() || !take(object, "endpoint_url", file.endpoint_url) ||
        !take(object, "mqtt_host", file.mqtt_host) || !take(object, "mqtt_port", file.mqtt_port) ||
        !take(object, "region", file.region) || !take(object, "pid", file.pid) ||
        file.endpoint_url.empty() || file.region.empty())
        return not_serving(state, "its registry.json is damaged");
    return file;
}

Result<void> check_running(const fs::path& state) {
    if (FileLock::is_held(lock_path(state))) return {};
    return fail(ErrorKind::registry, "registry_not_running",
                fmt::format("the local registry that served {} runs no more: it was killed",
                            state.string()),
                how_to_serve(state));
}

}  // namespace imprint::registry
