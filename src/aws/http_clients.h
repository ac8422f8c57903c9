// The HTTP clients that this layer asks with: which addresses each of them goes to, and how their
// failures are named.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/client.h"

namespace imprint::aws {

// https to anywhere, or http to this machine itself; no user name. Error: registry_url (registry).
[[nodiscard]] Result<void> check_registry_url(const std::string& url);

// To those addresses alone. Errors of send (kind registry): registry_unreachable (it was never
// sent), registry_reply_lost (it may have been carried out), registry_not_trusted (nor sent: the
// server's certificate does not stand up), registry_url; interrupted (of that kind).
[[nodiscard]] std::unique_ptr<http::Client> make_registry_client(
    const http::CurlOptions& options = {});

// This machine, or what no router passes on: 169.254.0.0/16, and AWS's own fd00:ec2::/32.
[[nodiscard]] bool is_machine_local(std::string_view host);

// http or https to the machine itself or to the link-local addresses at which a container and an
// EC2 instance get their own credentials (is_machine_local). Error: metadata_url (registry).
[[nodiscard]] Result<void> check_metadata_url(const std::string& url);

// The same client, but for those addresses alone, and past any proxy. Errors: metadata_url, and
// else the same.
[[nodiscard]] std::unique_ptr<http::Client> make_metadata_client(const std::stop_token& stop = {});

}  // namespace imprint::aws
