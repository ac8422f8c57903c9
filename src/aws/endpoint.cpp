#include "aws/endpoint.h"

#include <fmt/format.h>

#include "aws/http_clients.h"
#include "aws/ini.h"
#include "base/text.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

const char* domain_of(const std::string& region) {
    return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

// Of the services section that the profile names; empty where it names none.
Result<std::string> of_services(const ProfileFiles& files, const std::string& name) {
    const std::string named(files.value(files.name, "services"));
    if (named.empty()) return std::string();
    const IniSection* services = files.services(named);
    if (services == nullptr)
        return fail(ErrorKind::registry, "services_missing",
                    fmt::format("profile {} says services = {}, but {} has no [services {}]",
                                files.name, named, files.config_path.string(), named),
                    "correct the name, or write the section");
    return std::string(value_of(services, lower_case(name) + ".endpoint_url"));
}

// Empty where nothing names one.
Result<std::string> configured(const CredentialEnvironment& environment, const ProfileFiles& files,
                               const std::string& name) {
    std::string ignored = variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (ignored.empty())
        ignored = std::string(files.value(files.name, "ignore_configured_endpoint_urls"));
    if (same_but_for_case(ignored, "true")) return std::string();
    for (const std::string& each : {"AWS_ENDPOINT_URL_" + name, std::string("AWS_ENDPOINT_URL")})
        if (std::string url = variable(environment, each.c_str()); !url.empty()) return url;
    IMPRINT_TRY(std::string url, of_services(files, name));
    if (url.empty()) url = std::string(files.value(files.name, "endpoint_url"));
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

namespace {

// An operation's path is put behind it.
Result<void> check_endpoint(const std::string& url) {
    IMPRINT_CHECK(check_registry_url(url));
    if (url.find_first_of("?#") == std::string::npos) return {};
    return fail(ErrorKind::registry, "registry_url",
                fmt::format("\"{}\" is not the address of a registry: it has a query", url),
                "write it as https://host, with nothing behind it");
}

}  // namespace

std::string default_endpoint(const std::string& region) {
    return fmt::format("https://iot.{}.{}", region, domain_of(region));
}

Result<std::string> resolve_endpoint(const CredentialEnvironment& environment,
                                     const std::string& profile, const std::string& given,
                                     const std::string& region) {
    std::string url = given;
    if (url.empty()) {
        IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
        IMPRINT_TRY(url, configured(environment, files, "IOT"));
    }
    if (!url.empty()) {
        IMPRINT_CHECK(check_endpoint(url));
        return url;
    }
    IMPRINT_CHECK(domain_of_region(region));
    return default_endpoint(region);
}

Result<std::string> service_endpoint(const CredentialEnvironment& environment,
                                     const ProfileFiles& files, const std::string& name,
                                     const std::string& usual) {
    IMPRINT_TRY(std::string url, configured(environment, files, name));
    if (url.empty()) return usual;
    IMPRINT_CHECK(check_endpoint(url));
    return url;
}

Result<http::CurlOptions> find_trust(const CredentialEnvironment& environment,
                                     const std::string& profile) {
    http::CurlOptions options;
    options.ca_bundle = in_home(environment, variable(environment, "AWS_CA_BUNDLE"));
    if (!options.ca_bundle.empty()) return options;
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    for (const IniSection* section : {files.credentials(), files.config()})
        if (options.ca_bundle.empty())
            options.ca_bundle = in_home(environment, std::string(value_of(section, "ca_bundle")));
    return options;
}

}  // namespace imprint::aws
