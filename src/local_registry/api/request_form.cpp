#include "local_registry/api/request_form.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>

namespace imprint::local_registry {

namespace {

// A name or an address, with or without a port (RFC 9110, 7.2): nothing that ends a host in a URL.
bool is_host(std::string_view text) {
    constexpr std::string_view others = "-._:[]";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.contains(c);
    });
}

// Origin form (RFC 9112, 3.2.1), each segment of the path one that stays as it is.
bool is_plain(std::string_view target) {
    if (!target.starts_with('/') || target.contains('#')) return false;
    std::string_view path = target.substr(0, target.find('?'));
    path.remove_prefix(1);
    while (!path.empty()) {
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty() || segment == "." || segment == "..") return false;
        path.remove_prefix(std::min(path.size(), segment.size() + 1));
    }
    return true;
}

}  // namespace

bool decides(std::string_view name) {
    return name == "host" || name.starts_with("x-amz-") ||
           (name.starts_with("x-amzn-") && name != "x-amzn-trace-id");
}

Outcome<void> check_form(const http::Request& request) {
    if (!is_plain(request.target))
        return invalid_request("the request's target is no plain path with a query");
    std::set<std::string> seen;
    for (const auto& [name, value] : request.query())
        if (!seen.insert(name).second)
            return invalid_request(fmt::format("'{}' is there twice in the query", name));
    seen.clear();
    for (const auto& [name, value] : request.headers)
        if ((decides(name) || name == "authorization") && !seen.insert(name).second)
            return invalid_request(fmt::format("the header '{}' is there twice", name));
    if (!is_host(request.header("host").value_or("")))
        return invalid_request("the header 'host' is no host");
    return {};
}

}  // namespace imprint::local_registry
