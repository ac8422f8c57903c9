#include "station/registry_access.h"

#include <utility>

#include "aws/aws_registry.h"
#include "aws/aws_shadows.h"
#include "aws/endpoint.h"
#include "aws/http_clients.h"
#include "registry/local_folder.h"

namespace imprint::station {

namespace {

namespace fs = std::filesystem;

Result<RegistryAccess> find_local(const prepare::RegistrySettings& settings) {
    RegistryAccess access;
    access.local = true;
    IMPRINT_TRY(const auto told, registry::read_registry_file(settings.state));
    access.options.region = told.region;
    if (settings.endpoint_url.empty()) {
        IMPRINT_CHECK(registry::check_running(settings.state));
        access.options.endpoint_url = told.endpoint_url;
        access.options.when_unreachable = registry::how_to_serve(settings.state);
    } else {
        // Perhaps another machine's, of whose locks nothing is seen here.
        access.options.endpoint_url = settings.endpoint_url;
    }
    access.options.data_endpoint_url = access.options.endpoint_url;
    auto credentials =
        aws::read_credentials_file(registry::credentials_path(settings.state), "default");
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
        IMPRINT_TRY(access.options.data_endpoint_url,
                    aws::resolve_data_endpoint(environment, settings.profile, settings.endpoint_url,
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

std::unique_ptr<registry::Shadows> open_shadows(const RegistryAccess& access, Clock& clock,
                                                const Log& log) {
    return std::make_unique<aws::AwsShadows>(aws::IotClient(
        aws::make_registry_client(access.trust), access.credentials, access.options, clock, log));
}

std::unique_ptr<registry::Registry> open_registry(const RegistryAccess& access, Clock& clock,
                                                  const Log& log) {
    return std::make_unique<aws::AwsRegistry>(aws::IotClient(
        aws::make_registry_client(access.trust), access.credentials, access.options, clock, log));
}

}  // namespace imprint::station
