#include "registry/endpoint.h"

#include <fmt/format.h>

#include "registry/ini.h"
#include "registry/profile.h"
#include "registry/url.h"

namespace imprint::registry {

namespace {

const char* domain_of(const std::string& region) {
    return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

// Empty where the environment names none.
std::string configured(const CredentialEnvironment& environment, const std::string& name) {
    if (variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true") return {};
    std::string url = variable(environment, ("AWS_ENDPOINT_URL_" + name).c_str());
    if (url.empty()) url = variable(environment, "AWS_ENDPOINT_URL");
    return url;
}

}  // namespace

Result<std::string> domain_of_region(const std::string& region) {
    // It becomes part of a host's name.
    if (region.empty() ||
        region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
        return fail(ErrorKind::registry, "region_invalid",
                    fmt::format("\"{}\" is not the name of an AWS region", region),
                    "write it as eu-west-1");
    return domain_of(region);
}

std::string default_endpoint(const std::string& region) {
    return fmt::format("https://iot.{}.{}", region, domain_of(region));
}

Result<std::string> resolve_endpoint(const CredentialEnvironment& environment,
                                     const std::string& given, const std::string& region) {
    std::string url = given.empty() ? configured(environment, "IOT") : given;
    if (!url.empty()) {
        IMPRINT_CHECK(check_registry_url(url));
        return url;
    }
    IMPRINT_CHECK(domain_of_region(region));
    return default_endpoint(region);
}

Result<std::string> service_endpoint(const CredentialEnvironment& environment,
                                     const std::string& name, const std::string& usual) {
    std::string url = configured(environment, name);
    if (url.empty()) return usual;
    IMPRINT_CHECK(check_registry_url(url));
    return url;
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
