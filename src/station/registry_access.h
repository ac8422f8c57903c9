// Access to the registry, as settings and machine describe it.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "aws/credential_source.h"
#include "aws/credentials.h"
#include "aws/iot_client.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "http/client.h"
#include "prepare/cloud.h"
#include "prepare/settings.h"
#include "registry/registry.h"
#include "registry/shadows.h"

namespace imprint::station {

struct RegistryAccess {
    aws::CredentialSource credentials{aws::Credentials{}};
    aws::IotClientOptions options;
    http::CurlOptions trust;
    prepare::RootCa root_ca;
    bool local = false;
};

// log gets messages of later renewals of the credentials. Errors (registry): those of
// find_credential_source, no_region, registry_not_serving (a local registry's folder without a
// running service), registry_not_running (its service was killed); config: those of find_root_ca.
// Only checked here, at a command's start: a local registry that stops and comes back during a run
// is waited for as AWS is.
[[nodiscard]] Result<RegistryAccess> find_registry(const prepare::RegistrySettings& settings,
                                                   const std::filesystem::path& root_ca,
                                                   const aws::CredentialEnvironment& environment,
                                                   WallTime now, const Log& log = {},
                                                   const std::stop_token& stop = {});

// Shadows of the same registry. clock outlives them.
[[nodiscard]] std::unique_ptr<registry::Shadows> open_shadows(const RegistryAccess& access,
                                                              Clock& clock, const Log& log = {});

// clock outlives it.
[[nodiscard]] std::unique_ptr<registry::Registry> open_registry(const RegistryAccess& access,
                                                                Clock& clock, const Log& log = {});

}  // namespace imprint::station
