#include "registry/endpoint.h"

#include <fmt/format.h>

#include "registry/ini.h"
#include "registry/profile.h"
#include "registry/url.h"

namespace imprint::registry {

std::string default_endpoint(const std::string& region) {
    return fmt::format("https://iot.{}.amazonaws.com{}", region,
                       region.starts_with("cn-") ? ".cn" : "");
}

Result<std::string> resolve_endpoint(const CredentialEnvironment& environment,
                                     const std::string& given, const std::string& region) {
    std::string url = given;
    if (variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") != "true")
        for (const char* name : {"AWS_ENDPOINT_URL_IOT", "AWS_ENDPOINT_URL"})
            if (url.empty()) url = variable(environment, name);
    if (!url.empty()) {
        IMPRINT_CHECK(check_registry_url(url));
        return url;
    }
    // It becomes part of a host's name.
    if (region.empty() ||
        region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
        return fail(ErrorKind::registry, "region_invalid",
                    fmt::format("\"{}\" is not the name of an AWS region", region),
                    "write it as eu-west-1");
    return default_endpoint(region);
}

Result<CurlOptions> find_trust(const CredentialEnvironment& environment,
                               const std::string& profile) {
    CurlOptions options;
    options.ca_bundle = in_home(environment, variable(environment, "AWS_CA_BUNDLE"));
    if (!options.ca_bundle.empty()) return options;
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    for (const IniSection* section : {files.credentials(), files.config()})
        if (options.ca_bundle.empty())
            options.ca_bundle = in_home(environment, std::string(value_of(section, "ca_bundle")));
    return options;
}

}  // namespace imprint::registry
