#include "aws/endpoint.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "aws/http_clients.h"
#include "aws/ini.h"
#include "base/text.h"
#include "http/url.h"
#include "policy/partition.h"

namespace imprint::aws {

namespace {

// Which of a service's addresses are asked for.
struct Variant {
    bool fips = false;
    bool dual_stack = false;
};

bool has_fips_hosts(std::string_view region) {
    constexpr std::array<std::string_view, 4> starts = {"us-east-", "us-west-", "us-gov-",
                                                        "ca-central-"};
    return std::ranges::any_of(
        starts, [region](std::string_view start) { return region.starts_with(start); });
}

// Source: the services' endpoint-rule-set-1.json in botocore 1.43.11.
std::string address_of(const AwsService& service, std::string_view region, Variant variant = {}) {
    const policy::Partition& partition = policy::partition_of(region);
    const bool usual_is_fips =
        partition.usual_is_fips && !variant.dual_stack && service.usual_is_fips_in_gov;
    const bool has_fips_host =
        variant.fips && !variant.dual_stack && !service.fips_host.empty() && has_fips_hosts(region);
    return fmt::format("https://{}{}.{}.{}", has_fips_host ? service.fips_host : service.host,
                       variant.fips && !usual_is_fips ? "-fips" : "", region,
                       variant.dual_stack ? partition.dual_stack : partition.domain);
}

// A setting of the environment, else of the profile. botocore takes everything but "true" for
// false; whoever wrote something else meant something.
Result<bool> is_on(const CredentialEnvironment& environment, const ProfileFiles& files,
                   const char* variable_name, const char* key) {
    std::string place = variable_name;
    std::string value = variable(environment, variable_name);
    if (value.empty()) {
        place = fmt::format("{} of profile {}", key, files.name);
        value = std::string(files.value(files.name, key));
    }
    if (same_but_for_case(value, "true")) return true;
    if (value.empty() || same_but_for_case(value, "false")) return false;
    return fail(ErrorKind::registry, "endpoint_variant",
                fmt::format("{} is \"{}\", which is neither true nor false", place, value),
                "write true or false");
}

Result<Variant> find_variant(const CredentialEnvironment& environment, const ProfileFiles& files) {
    Variant variant;
    IMPRINT_TRY(variant.fips,
                is_on(environment, files, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
    IMPRINT_TRY(variant.dual_stack,
                is_on(environment, files, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
    return variant;
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

Result<void> check_region(const std::string& region) {
    // Names of older tools for a region's FIPS address; a signature is for the region itself.
    if (region.starts_with("fips-") || region.ends_with("-fips"))
        return fail(ErrorKind::registry, "region_invalid",
                    fmt::format("\"{}\" is the name of an address, not of a region", region),
                    "name the region itself, and set AWS_USE_FIPS_ENDPOINT=true");
    // It becomes part of a host's name.
    if (!region.empty() &&
        region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos)
        return {};
    return fail(ErrorKind::registry, "region_invalid",
                fmt::format("\"{}\" is not the name of an AWS region", region),
                "write it as eu-west-1");
}

namespace {

// By the domain: AWS's own addresses, a VPC endpoint's too, are one service each.
bool is_of_aws(const std::string& url) {
    const auto parts = parse_url(url);
    return parts && (parts->host.contains(".amazonaws.") || parts->host.ends_with(".api.aws") ||
                     parts->host.contains(".amazonwebservices."));
}

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
    return address_of(iot_service, region);
}

Result<std::string> resolve_endpoint(const CredentialEnvironment& environment,
                                     const std::string& profile, const std::string& given,
                                     const std::string& region) {
    IMPRINT_CHECK(check_region(region));
    if (!given.empty()) {
        IMPRINT_CHECK(check_endpoint(given));
        return given;
    }
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    return service_endpoint(environment, files, iot_service, region);
}

std::string default_data_endpoint(const std::string& region) {
    return address_of(iot_data_service, region);
}

Result<std::string> resolve_data_endpoint(const CredentialEnvironment& environment,
                                          const std::string& profile, const std::string& given,
                                          const std::string& region) {
    IMPRINT_CHECK(check_region(region));
    if (!given.empty()) {
        IMPRINT_CHECK(check_endpoint(given));
        if (!is_of_aws(given)) return given;
    }
    IMPRINT_TRY(const ProfileFiles files, read_profile(environment, profile));
    return service_endpoint(environment, files, iot_data_service, region);
}

Result<std::string> service_endpoint(const CredentialEnvironment& environment,
                                     const ProfileFiles& files, const AwsService& service,
                                     const std::string& region) {
    IMPRINT_TRY(std::string url, configured(environment, files, std::string(service.variable)));
    if (!url.empty()) {
        IMPRINT_CHECK(check_endpoint(url));
        return url;
    }
    IMPRINT_TRY(const Variant variant, find_variant(environment, files));
    // STS answers without a region too, at an address that has no variants.
    if (region.empty() && !variant.fips && !variant.dual_stack)
        return fmt::format("https://{}.amazonaws.com", service.host);
    const std::string there = region.empty() ? "us-east-1" : region;
    IMPRINT_CHECK(check_region(there));
    return address_of(service, there, variant);
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
