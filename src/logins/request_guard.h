// Which requests come from the station's own page, or from a program that a person runs: no other
// page in the same browser can have sent them. Pure functions over a request's head.
//
// What stands behind the rules: a page elsewhere may send requests here (cross-site request
// forgery), or have its own name point here (DNS rebinding). Browsers say truthfully which host
// they mean (Host), which page asks (Origin), and how that stands to it (Sec-Fetch-Site): Fetch
// Standard, "Origin header"; Fetch Metadata Request Headers; both of W3C and WHATWG.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/message.h"

namespace imprint::logins {

// Where the page is.
struct Site {
    std::string address = "127.0.0.1";  // it listens on; IPv6 without brackets
    std::uint16_t port = 7625;
    bool tls = false;
    // By which names and addresses it may be opened, as canonical_host gives them; with a star for
    // the first label: any name in its place (RFC 6125, 6.4.3).
    std::vector<std::string> hosts = {"localhost", "127.0.0.1", "::1"};

    // Nobody but this machine reaches it.
    [[nodiscard]] bool is_loopback() const;
    // "http://127.0.0.1:7625"
    [[nodiscard]] std::string url() const;
};

// A host as one text: lower case, without a dot at its end, an IPv6 address in its short form.
[[nodiscard]] std::string canonical_host(std::string_view host);

struct Refusal {
    int status;
    Error error;  // kind usage: bad_request, other_host, other_origin
};

// Nothing: the request may go on.
[[nodiscard]] std::optional<Refusal> refuse_foreign(const http::Request& request, const Site& site);

// Whether the path is the API's, or one of the machine's, whatever it is disguised as. Others are
// those of the page's own files.
[[nodiscard]] bool is_api_path(std::string_view raw_path);

// Those that docs/security.md names, for every answer; what the answer has itself stays.
void add_security_headers(http::Response& response, const Site& site);

// The policy of a document that the station makes itself, a report or a label, instead of the
// page's: its own style, and nothing that runs.
inline constexpr std::string_view document_policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
    "'none'; frame-ancestors 'none'; sandbox";

}  // namespace imprint::logins
