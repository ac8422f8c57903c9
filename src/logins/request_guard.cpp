#include "logins/request_guard.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <netinet/in.h>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "http/url.h"

namespace imprint::logins {

namespace {

constexpr std::uint16_t usual_port(bool tls) {
    return tls ? 443 : 80;
}

Refusal bad_request(std::string message, std::string hint) {
    return {400, make_error(ErrorKind::usage, "bad_request", std::move(message), std::move(hint))};
}

Refusal other_origin(std::string message, const Site& site) {
    return {403, make_error(ErrorKind::usage, "other_origin", std::move(message),
                            fmt::format("use the station's own page, {}", site.url()))};
}

// The value of a header that a request may have once; several: as many fields.
struct Header {
    std::size_t count = 0;
    std::string value;

    Header(const http::Request& request, std::string_view name) {
        for (const auto& [key, text] : request.headers) {
            if (key != name) continue;
            if (++count == 1) value = std::string(trimmed(text));
        }
    }
};

bool is_read(const http::Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

bool matches(std::string_view pattern, std::string_view host) {
    if (!pattern.starts_with("*.")) return pattern == host;
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && dot != 0 && host.substr(dot) == pattern.substr(1);
}

struct Authority {
    std::string host;
    std::uint16_t port;
    bool operator==(const Authority&) const = default;
};

std::optional<Authority> authority_of(std::string_view text, bool tls) {
    auto place = parse_host_and_port(text);
    if (!place) return std::nullopt;
    return Authority{canonical_host(place->host), place->port.value_or(usual_port(tls))};
}

std::optional<Refusal> refuse_host(const Header& host, const Site& site) {
    if (host.count != 1)
        return bad_request(fmt::format("{} Host headers where there has to be one", host.count),
                           "RFC 9112, 3.2");
    const auto named = authority_of(host.value, site.tls);
    const bool ours = named && named->port == site.port &&
                      std::ranges::any_of(site.hosts, [&](const std::string& own) {
                          return matches(own, named->host);
                      });
    if (ours) return std::nullopt;
    return Refusal{403, make_error(ErrorKind::usage, "other_host",
                                   "the request names another host than the station",
                                   fmt::format("open {}", site.url()))};
}

// The page that asks has to be of this very host, not only of one that would be ours too.
bool is_own_origin(const std::string& origin, const Header& host, const Site& site) {
    std::string_view left = origin;
    const std::string_view scheme = site.tls ? "https://" : "http://";
    if (!left.starts_with(scheme)) return false;
    left.remove_prefix(scheme.size());
    const auto asking = authority_of(left, site.tls);
    return asking && asking == authority_of(host.value, site.tls);
}

// Whose page has sent it, as far as it says so.
std::optional<Refusal> refuse_origin(const http::Request& request, const Header& host,
                                     const Site& site) {
    const Header origin(request, "origin");
    if (origin.count > 1 || (origin.count == 1 && !is_own_origin(origin.value, host, site)))
        return other_origin("the request comes from another page", site);
    const Header relation(request, "sec-fetch-site");
    const bool own =
        relation.count == 1 && (relation.value == "same-origin" || relation.value == "none");
    if (relation.count != 0 && !own)
        return other_origin("the browser says that another page has sent the request", site);
    return std::nullopt;
}

// A form of another page can send three types without asking first, and this is none of them.
std::optional<Refusal> refuse_content(const http::Request& request) {
    const Header type(request, "content-type");
    const std::string_view media =
        trimmed(std::string_view(type.value).substr(0, type.value.find(';')));
    if (type.count == 1 && same_but_for_case(media, "application/json")) return std::nullopt;
    return bad_request("a request that changes something is JSON",
                       "send Content-Type: application/json, and {} as the body at least");
}

void add_header(http::Response& response, std::string_view name, std::string_view value) {
    const bool has_it = std::ranges::any_of(
        response.headers, [&](const auto& field) { return same_but_for_case(field.first, name); });
    if (!has_it) response.headers.emplace_back(name, value);
}

}  // namespace

bool Site::is_loopback() const {
    return imprint::is_loopback(address);
}

std::string Site::url() const {
    const bool any = address == "0.0.0.0" || address == "::";
    std::string host = any && !hosts.empty() ? hosts.front() : address;
    if (host.contains(':')) host = "[" + host + "]";
    return fmt::format("{}://{}{}", tls ? "https" : "http", host,
                       port == usual_port(tls) ? "" : fmt::format(":{}", port));
}

std::string canonical_host(std::string_view host) {
    in6_addr v6{};
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &v6) == 1) {
        std::array<char, INET6_ADDRSTRLEN> text{};
        static_cast<void>(::inet_ntop(AF_INET6, &v6, text.data(), text.size()));
        return text.data();
    }
    if (host.ends_with('.')) host.remove_suffix(1);
    return lower_case(host);
}

bool is_api_path(std::string_view raw_path) {
    if (raw_path == "/") return false;
    if (!raw_path.starts_with('/')) return true;
    raw_path.remove_prefix(1);
    const std::string_view written = raw_path.substr(0, raw_path.find('/'));
    const auto decoded = http::percent_decode(written);
    // What cannot be read, or leads elsewhere, is none of the page's files.
    if (!decoded || decoded->empty() || *decoded == "." || *decoded == ".." ||
        decoded->find_first_of("/\\") != std::string::npos || has_control_character(*decoded))
        return true;
    return same_but_for_case(*decoded, "api") || same_but_for_case(*decoded, "metrics");
}

std::optional<Refusal> refuse_foreign(const http::Request& request, const Site& site) {
    if (!request.target.starts_with('/'))
        return bad_request("the request's target is no path", "RFC 9112, 3.2.1");
    const Header host(request, "host");
    if (auto refused = refuse_host(host, site)) return refused;
    // A link elsewhere may lead to the page; nothing else of it is another's business.
    if (is_read(request) && !is_api_path(request.raw_path())) return std::nullopt;
    if (auto refused = refuse_origin(request, host, site)) return refused;
    return is_read(request) ? std::nullopt : refuse_content(request);
}

void add_security_headers(http::Response& response, const Site& site) {
    add_header(response, "Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
               "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
               "frame-ancestors 'none'");
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Referrer-Policy", "no-referrer");
    add_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(response, "X-Frame-Options", "DENY");
    // The page's own files say themselves how long they may be kept.
    add_header(response, "Cache-Control", "no-store");
    // A browser remembers it for a name; on the loopback address it would hit every other server.
    if (site.tls && !site.is_loopback())
        add_header(response, "Strict-Transport-Security", "max-age=31536000");
}

}  // namespace imprint::logins
