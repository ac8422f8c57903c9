#include "base/url.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

#include "base/text.h"

namespace imprint {

namespace {

constexpr std::string_view behind_scheme = "://";

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* first = text.data();
    const char* last = first + text.size();
    const auto [end, error] = std::from_chars(first, last, port);
    if (error != std::errc() || end != last || port == 0) return std::nullopt;
    return port;
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 1123, 2.1: labels of letters, digits and hyphens, 63 of them at most; also with an
// underscore, as names of containers have.
bool is_name(std::string_view host) {
    constexpr std::size_t longest_name = 253;
    constexpr std::size_t longest_label = 63;
    if (host.size() > longest_name) return false;
    if (host.ends_with('.')) host.remove_suffix(1);
    for (;;) {
        const std::size_t dot = std::min(host.find('.'), host.size());
        const std::string_view label = host.substr(0, dot);
        if (label.empty() || label.size() > longest_label || label.starts_with('-')) return false;
        if (!std::ranges::all_of(
                label, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; }))
            return false;
        if (dot == host.size()) return true;
        host.remove_prefix(dot + 1);
    }
}

// RFC 4007, 11: an address, and a zone behind "%".
bool is_ipv6(std::string_view host) {
    const std::size_t percent = host.find('%');
    in6_addr address{};
    if (::inet_pton(AF_INET6, std::string(host.substr(0, percent)).c_str(), &address) != 1)
        return false;
    return percent == std::string_view::npos || is_name(host.substr(percent + 1));
}

// What a path or a query is written with: the rest has to be percent-encoded (RFC 3986, 2.1).
bool is_printable_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::optional<HostAndPort> parse_host_and_port(std::string_view text) {
    // A password in an address would be a secret in every log line: not taken.
    if (text.find('@') != std::string_view::npos) return std::nullopt;
    std::size_t end = std::min(text.find(':'), text.size());
    std::string_view host = text.substr(0, end);
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        host = text.substr(1, end - 1);
        if (!is_ipv6(host)) return std::nullopt;
        ++end;
    } else if (!is_name(host)) {
        return std::nullopt;
    }
    text.remove_prefix(end);
    HostAndPort found{std::string(host), std::nullopt};
    if (text.empty()) return found;
    if (!text.starts_with(':')) return std::nullopt;
    found.port = parse_port(text.substr(1));
    if (!found.port) return std::nullopt;
    return found;
}

bool has_scheme(std::string_view text) {
    const std::size_t colon = text.find(behind_scheme);
    return colon != std::string_view::npos && colon != 0 &&
           text.substr(0, colon).find('/') == std::string_view::npos;
}

std::optional<Url> parse_url(std::string_view text) {
    if (!has_scheme(text)) return std::nullopt;
    Url url;
    const std::size_t colon = text.find(behind_scheme);
    url.scheme = lower_case(text.substr(0, colon));
    text.remove_prefix(colon + behind_scheme.size());
    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    url.authority = text.substr(0, end);
    text.remove_prefix(end);
    auto place = parse_host_and_port(url.authority);
    if (!place || !is_printable_ascii(text)) return std::nullopt;
    url.host = lower_case(place->host);
    url.port = place->port;
    text = text.substr(0, text.find('#'));
    const std::size_t question = text.find('?');
    const std::string_view path = text.substr(0, question);
    url.path = path.empty() ? std::string_view("/") : path;
    if (question != std::string_view::npos) url.query = text.substr(question + 1);
    return url;
}

bool is_loopback(std::string_view host) {
    in_addr address{};
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") &&
            ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1);
}

std::string without_user_names(std::string_view text) {
    const std::size_t sign = text.rfind('@');
    if (sign == std::string_view::npos) return std::string(text);
    // A password may hold whatever ends a word elsewhere: all that may belong to it goes.
    const std::size_t scheme = text.find(behind_scheme);
    const std::size_t begin =
        scheme < sign ? scheme + behind_scheme.size() : text.find_last_of(' ', text.find('@')) + 1;
    return std::string(text.substr(0, begin)) + "…" + std::string(text.substr(sign));
}

std::string without_secrets(std::string_view text) {
    constexpr std::string_view pin = "pin-value=";
    std::string shown;
    for (;;) {
        const std::size_t at = std::min(text.find(pin), text.size());
        shown += text.substr(0, at);
        if (at == text.size()) return has_scheme(shown) ? without_user_names(shown) : shown;
        shown += pin;
        shown += "…";
        const std::size_t end = text.find_first_of("&\", ", at);
        text.remove_prefix(std::min(end, text.size()));
    }
}

}  // namespace imprint
