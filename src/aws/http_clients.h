// The HTTP clients of this layer: which addresses each of them may use, and how their failures are
// named.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/client.h"

namespace imprint::aws {

// https to anywhere, or http to this machine; no user name. Error: registry_url (registry).
[[nodiscard]] Result<void> check_registry_url(const std::string& url);

// Only for those addresses. Errors of send (kind registry): registry_unreachable (it was never
// sent), registry_reply_lost (it may have been executed), registry_not_trusted (not sent either:
// the server's certificate is not valid), proxy_refused (nor then), registry_url; interrupted (of
// that kind).
[[nodiscard]] std::unique_ptr<http::Client> make_registry_client(
    const http::CurlOptions& options = {});

// This machine, or addresses that are never routed: 169.254.0.0/16, and AWS's own fd00:ec2::/32.
[[nodiscard]] bool is_machine_local(std::string_view host);

// http or https to this machine or to the link-local addresses where a container and an EC2
// instance get their own credentials (is_machine_local). Error: metadata_url (registry).
[[nodiscard]] Result<void> check_metadata_url(const std::string& url);

// The same client, but only for those addresses, and without any proxy. Errors: metadata_url, and
// otherwise the same.
[[nodiscard]] std::unique_ptr<http::Client> make_metadata_client(const std::stop_token& stop = {});

}  // namespace imprint::aws
