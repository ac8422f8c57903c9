// The registry's address and its trusted authorities, both found as the AWS CLI finds them.
#pragma once

#include <string>

#include "aws/credentials.h"
#include "aws/profile.h"
#include "base/error.h"
#include "http/client.h"

namespace imprint::aws {

// "amazonaws.com", or the equivalent of the region's partition. Error: region_invalid.
[[nodiscard]] Result<std::string> domain_of_region(const std::string& region);

// https://iot.<region>.amazonaws.com, or the equivalent of the region's partition.
[[nodiscard]] std::string default_endpoint(const std::string& region);

// The first that is not empty: `given`; AWS_ENDPOINT_URL_IOT; AWS_ENDPOINT_URL; the endpoint_url of
// `iot` in the services section that the profile names; the profile's own endpoint_url; the
// region's default. All but the first and last are ignored if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
// or else the profile's ignore_configured_endpoint_urls, is true. Errors (registry): registry_url
// (not a URL, or an unencrypted one to another machine), region_invalid, services_missing,
// credentials_file_damaged. Source: AWS SDKs and Tools Reference Guide, "Service-specific
// endpoints".
[[nodiscard]] Result<std::string> resolve_endpoint(const CredentialEnvironment& environment,
                                                   const std::string& profile,
                                                   const std::string& given,
                                                   const std::string& region);

// The same for another service ("SSO_OIDC"), or its default.
[[nodiscard]] Result<std::string> service_endpoint(const CredentialEnvironment& environment,
                                                   const ProfileFiles& files,
                                                   const std::string& name,
                                                   const std::string& usual);

// AWS_CA_BUNDLE, then the profile's ca_bundle, then the system's. Error: credentials_file_damaged.
[[nodiscard]] Result<http::CurlOptions> find_trust(const CredentialEnvironment& environment,
                                                   const std::string& profile);

}  // namespace imprint::aws
