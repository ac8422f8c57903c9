#include "aws/url.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <iterator>

#include "base/bytes.h"

namespace imprint::aws {

namespace {

bool is_unreserved(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
           c == '~';
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

}  // namespace

std::string percent_encode(std::string_view text, bool keep_slash) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += digits[byte >> 4];
        result += digits[byte & 15];
    }
    return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte) return std::nullopt;
        result += static_cast<char>(byte->front());
        i += 2;
    }
    return result;
}

std::optional<Url> parse_url(std::string_view text) {
    Url url;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    url.scheme = lower(text.substr(0, colon));
    text.remove_prefix(colon + 3);
    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    url.authority = text.substr(0, end);
    text.remove_prefix(end);
    // A password in a URL would be a secret in every log line: not taken.
    if (url.authority.empty() || url.authority.find('@') != std::string::npos) return std::nullopt;
    std::string_view host = url.authority;
    if (host.starts_with('[')) {
        const std::size_t bracket = host.find(']');
        if (bracket == std::string_view::npos) return std::nullopt;
        host = host.substr(1, bracket - 1);
    } else {
        host = host.substr(0, host.find(':'));
    }
    url.host = lower(host);
    text = text.substr(0, text.find('#'));
    const std::size_t question = text.find('?');
    url.path = text.substr(0, question);
    if (url.path.empty()) url.path = "/";
    if (question != std::string_view::npos) url.query = text.substr(question + 1);
    return url;
}

std::string host_header(const Url& url) {
    const std::string_view usual = url.scheme == "https" ? ":443" : ":80";
    std::string host = url.authority;
    if (host.ends_with(usual)) host.resize(host.size() - usual.size());
    return host;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string_view key = part.substr(0, equals);
        const std::string_view value =
            equals < part.size() ? part.substr(equals + 1) : std::string_view();
        pairs.emplace_back(percent_decode(key).value_or(std::string(key)),
                           percent_decode(value).value_or(std::string(value)));
    }
    return pairs;
}

bool is_loopback(std::string_view host) {
    in_addr address{};
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") &&
            ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1);
}

bool is_machine_local(std::string_view host) {
    if (is_loopback(host)) return true;
    const std::string text(host);
    in_addr address{};
    if (::inet_pton(AF_INET, text.c_str(), &address) == 1)
        return (ntohl(address.s_addr) & 0xFFFF0000U) == 0xA9FE0000U;
    in6_addr wide{};
    constexpr std::array<std::uint8_t, 4> amazon = {0xFD, 0x00, 0x0E, 0xC2};
    return ::inet_pton(AF_INET6, text.c_str(), &wide) == 1 &&
           std::equal(amazon.begin(), amazon.end(), std::begin(wide.s6_addr));
}

}  // namespace imprint::aws
