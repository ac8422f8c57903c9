#include "station/registry_access.h"

#include <fmt/format.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "aws/aws_registry.h"
#include "aws/endpoint.h"
#include "aws/http_clients.h"
#include "base/file_lock.h"
#include "base/files.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string how_to_serve(const fs::path& state) {
    return fmt::format("start it: imprint registry serve --state {}", state.string());
}

std::unexpected<Error> not_serving(const fs::path& state, const std::string& what) {
    return fail(ErrorKind::registry, "registry_not_serving",
                fmt::format("no local registry serves {}: {}", state.string(), what),
                how_to_serve(state));
}

// One that was killed leaves its registry.json, and its lock goes with it. An address that was
// given may be another machine's, of whose locks nothing is seen here.
Result<void> check_running(const prepare::RegistrySettings& settings) {
    if (!settings.endpoint_url.empty() || FileLock::is_held(settings.state / "lock")) return {};
    return fail(ErrorKind::registry, "registry_not_running",
                fmt::format("the local registry that served {} runs no more: it was killed",
                            settings.state.string()),
                how_to_serve(settings.state));
}

// The folder of local_registry/service.h.
Result<RegistryAccess> find_local(const prepare::RegistrySettings& settings) {
    RegistryAccess access;
    access.local = true;
    auto text = read_text(settings.state / "registry.json");
    if (!text) return not_serving(settings.state, text.error().message);
    const json root = json::parse(*text, nullptr, false);
    const auto member = [&root](const char* key) {
        const auto found = root.is_object() ? root.find(key) : root.end();
        return root.is_object() && found != root.end() && found->is_string()
                   ? found->get<std::string>()
                   : std::string();
    };
    access.options.endpoint_url =
        settings.endpoint_url.empty() ? member("endpoint_url") : settings.endpoint_url;
    access.options.region = member("region");
    if (access.options.endpoint_url.empty() || access.options.region.empty())
        return not_serving(settings.state, "its registry.json is damaged");
    IMPRINT_CHECK(check_running(settings));
    if (settings.endpoint_url.empty())
        access.options.when_unreachable = how_to_serve(settings.state);
    auto credentials = aws::read_credentials_file(settings.state / "credentials", "default");
    if (!credentials) return std::unexpected(std::move(credentials).error());
    access.credentials = std::move(*credentials);
    return access;
}

}  // namespace

Result<RegistryAccess> find_registry(const prepare::RegistrySettings& settings,
                                     const fs::path& root_ca,
                                     const aws::CredentialEnvironment& environment, WallTime now,
                                     const Log& log, const std::stop_token& stop) {
    RegistryAccess access;
    if (settings.provider == prepare::Provider::local) {
        IMPRINT_TRY(access, find_local(settings));
    } else {
        IMPRINT_TRY(const auto services,
                    aws::network_services(environment, settings.profile, log, stop));
        IMPRINT_TRY(access.credentials, aws::find_credential_source(environment, settings.profile,
                                                                    settings.region, services));
        access.options.region = settings.region;
        if (access.options.region.empty()) {
            IMPRINT_TRY(access.options.region, aws::find_region(environment, settings.profile));
        }
        IMPRINT_TRY(access.options.endpoint_url,
                    aws::resolve_endpoint(environment, settings.profile, settings.endpoint_url,
                                          access.options.region));
        IMPRINT_TRY(access.trust, aws::find_trust(environment, settings.profile));
    }
    access.trust.stop = stop;
    access.options.stop = stop;
    access.options.call_deadline = std::chrono::duration_cast<Milliseconds>(settings.call_timeout);
    access.options.retry_deadline = std::chrono::duration_cast<Milliseconds>(settings.deadline);
    IMPRINT_TRY(access.root_ca, prepare::find_root_ca(settings, root_ca, now));
    return access;
}

std::unique_ptr<registry::Registry> open_registry(const RegistryAccess& access, Clock& clock,
                                                  const Log& log) {
    return std::make_unique<aws::AwsRegistry>(aws::IotClient(
        aws::make_registry_client(access.trust), access.credentials, access.options, clock, log));
}

}  // namespace imprint::station
