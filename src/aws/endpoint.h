// The registry's address and its trusted authorities, both found as the AWS CLI finds them.
#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "aws/profile.h"
#include "base/error.h"
#include "http/client.h"

namespace imprint::aws {

// One of AWS's services, as its address and its settings are called.
struct AwsService {
    std::string_view variable;  // of AWS_ENDPOINT_URL_…
    std::string_view host;      // how its host's name begins
    // In GovCloud its usual address is the FIPS one (policy/partition.h).
    bool usual_is_fips_in_gov = true;
    // Another one of its regions in North America, for FIPS without dual-stack; empty: none.
    std::string_view fips_host = {};
};

inline constexpr AwsService iot_service{
    .variable = "IOT", .host = "iot", .usual_is_fips_in_gov = false};
inline constexpr AwsService iot_data_service{.variable = "IOT_DATA_PLANE",
                                             .host = "data-ats.iot",
                                             .usual_is_fips_in_gov = false,
                                             .fips_host = "data.iot"};
inline constexpr AwsService sts_service{.variable = "STS", .host = "sts"};
inline constexpr AwsService sso_service{.variable = "SSO", .host = "portal.sso"};
inline constexpr AwsService sso_oidc_service{.variable = "SSO_OIDC", .host = "oidc"};

// Whether it can be a region's name. Error: region_invalid.
[[nodiscard]] Result<void> check_region(const std::string& region);

// https://iot.<region>.amazonaws.com, or the equivalent of the region's partition.
[[nodiscard]] std::string default_endpoint(const std::string& region);
// https://data-ats.iot.<region>.amazonaws.com, likewise.
[[nodiscard]] std::string default_data_endpoint(const std::string& region);

// The first that is not empty: `given`; AWS_ENDPOINT_URL_IOT; AWS_ENDPOINT_URL; the endpoint_url of
// `iot` in the services section that the profile names; the profile's own endpoint_url; the
// region's default. All but the first and last are ignored if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
// or else the profile's ignore_configured_endpoint_urls, is true. The default is the FIPS or the
// dual-stack address if AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT, or else the profile's
// use_fips_endpoint or use_dualstack_endpoint, is true; an address that is set wins over them, as
// in botocore. Errors (registry): registry_url (not a URL, or an unencrypted one to another
// machine), region_invalid, endpoint_variant, services_missing, credentials_file_damaged. Source:
// AWS SDKs and Tools Reference Guide, "Service-specific endpoints", "Dual-stack and FIPS
// endpoints".
[[nodiscard]] Result<std::string> resolve_endpoint(const CredentialEnvironment& environment,
                                                   const std::string& profile,
                                                   const std::string& given,
                                                   const std::string& region);

// The same for the data plane (AWS_ENDPOINT_URL_IOT_DATA_PLANE, iot_data_plane). `given` is the
// control plane's address: another registry than AWS has both at one, while AWS never has.
[[nodiscard]] Result<std::string> resolve_data_endpoint(const CredentialEnvironment& environment,
                                                        const std::string& profile,
                                                        const std::string& given,
                                                        const std::string& region);

// The same for any service. Without a region, the global address of STS.
[[nodiscard]] Result<std::string> service_endpoint(const CredentialEnvironment& environment,
                                                   const ProfileFiles& files,
                                                   const AwsService& service,
                                                   const std::string& region);

// AWS_CA_BUNDLE, then the profile's ca_bundle, then the system's. Error: credentials_file_damaged.
[[nodiscard]] Result<http::CurlOptions> find_trust(const CredentialEnvironment& environment,
                                                   const std::string& profile);

}  // namespace imprint::aws
