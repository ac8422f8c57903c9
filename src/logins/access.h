// From [page] of imprint.toml to a server that may be started: who reaches the page, and whether
// all is there that this needs. Asked before anything starts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/tls.h"
#include "logins/gate.h"
#include "logins/settings.h"

namespace imprint::logins {

struct ListenAddress {
    std::string address;  // an IP address, without brackets
    std::uint16_t port;   // 0: a free one
};

// "127.0.0.1:7625", "[::1]:7625", "localhost:7625", "0.0.0.0:443". Nothing: it is none.
[[nodiscard]] std::optional<ListenAddress> parse_listen(std::string_view text);

struct Access {
    GateOptions gate;
    std::shared_ptr<http::TlsContext> tls;  // null: plain HTTP, for this machine alone
    std::vector<std::string> warnings;      // a sentence each: a certificate that has ended
};

// Errors (config): page_access: the address is not this machine alone, and certificate, key or
// users are missing; or a login is always needed, and nobody can; config_value (the address);
// server_certificate, certificate_damaged, certificate_with_key, secret_exposed, not_ours,
// users_damaged, and those of read_file.
[[nodiscard]] Result<Access> check_access(const Settings& settings, WallTime now);

}  // namespace imprint::logins
