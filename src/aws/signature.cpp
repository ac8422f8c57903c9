#include "aws/signature.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// Without blanks around, and with one space for each run of them inside.
std::string with_single_blanks(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t';
        if (blank && (result.empty() || result.back() == ' ')) continue;
        result += blank ? ' ' : c;
    }
    if (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
}

// RFC 3986 dot segments and doubled slashes go; then each byte of what was sent is encoded once
// more, as every service but S3 wants it.
std::string canonical_path(const std::string& path) {
    std::vector<std::string_view> segments;
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view segment = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (segment == "..") {
            if (!segments.empty()) segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
    }
    std::string result;
    for (const auto& segment : segments)
        result += "/" + http::percent_encode(segment);
    if (result.empty()) return "/";
    if (path.ends_with('/')) result += '/';
    return result;
}

std::string canonical_query(const std::string& query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [key, value] : http::parse_query(query))
        pairs.emplace_back(http::percent_encode(key), http::percent_encode(value));
    std::ranges::sort(pairs);
    std::string result;
    for (const auto& [key, value] : pairs) {
        if (!result.empty()) result += '&';
        result += fmt::format("{}={}", key, value);
    }
    return result;
}

std::string amz_time(WallTime now) {
    // "2015-08-30T12:36:00.000Z" → "20150830T123600Z"
    const std::string iso = to_iso8601(now);
    std::string result;
    for (const char c : iso.substr(0, 19))
        if (c != '-' && c != ':') result += c;
    return result + "Z";
}

std::string scope_of(const SigningScope& scope, const std::string& amz_date) {
    return fmt::format("{}/{}/{}/aws4_request", amz_date.substr(0, 8), scope.region, scope.service);
}

}  // namespace

std::string canonical_request(const http::ClientRequest& request,
                              const std::string& signed_headers) {
    const Url url = parse_url(request.url).value_or(Url{});
    auto headers = request.headers;
    const bool named = std::ranges::any_of(
        headers, [](const auto& header) { return lower_case(header.first) == "host"; });
    if (!named) headers.emplace_back("host", http::host_header(url));
    return canonical_request(request.method, url.path + "?" + url.query, headers, request.body,
                             signed_headers);
}

std::string canonical_request(const std::string& method, const std::string& target,
                              const std::vector<std::pair<std::string, std::string>>& headers_sent,
                              const std::string& body, const std::string& signed_headers) {
    const std::size_t mark = std::min(target.find('?'), target.size());
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : headers_sent) {
        const auto [header, first] = headers.try_emplace(lower_case(name));
        if (!first) header->second += ',';
        header->second += with_single_blanks(value);
    }
    std::string text =
        fmt::format("{}\n{}\n{}\n", method, canonical_path(target.substr(0, mark)),
                    canonical_query(target.substr(std::min(mark + 1, target.size()))));
    std::string_view names = signed_headers;
    while (!names.empty()) {
        const std::size_t end = std::min(names.find(';'), names.size());
        const std::string name(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
        text += fmt::format("{}:{}\n", name, headers[name]);
    }
    return fmt::format("{}\n{}\n{}", text, signed_headers, to_hex(sha256(as_bytes(body))));
}

std::string signature(const std::string& canonical, const Secret& secret_access_key,
                      const SigningScope& scope, const std::string& amz_date) {
    const std::string to_sign =
        fmt::format("{}\n{}\n{}\n{}", algorithm, amz_date, scope_of(scope, amz_date),
                    to_hex(sha256(as_bytes(canonical))));
    Bytes first;
    first.reserve(4 + secret_access_key.size());  // one buffer, so that one wipe finds it all
    append(first, as_bytes("AWS4"));
    append(first, secret_access_key.reveal());
    Sha256 key = hmac_sha256(first, as_bytes(amz_date.substr(0, 8)));
    wipe(first);
    for (const std::string_view part :
         {std::string_view(scope.region), std::string_view(scope.service),
          std::string_view("aws4_request")})
        key = hmac_sha256(key, as_bytes(part));
    const std::string result = to_hex(hmac_sha256(key, as_bytes(to_sign)));
    wipe(key);
    return result;
}

void sign(http::ClientRequest& request, const Credentials& credentials, const SigningScope& scope,
          WallTime now) {
    const std::string date = amz_time(now);
    request.headers.emplace_back("x-amz-date", date);
    if (!credentials.session_token.empty())
        request.headers.emplace_back("x-amz-security-token",
                                     std::string(credentials.session_token.reveal_text()));
    std::vector<std::string> names = {"host"};
    for (const auto& [name, value] : request.headers)
        names.push_back(lower_case(name));
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    std::string signed_headers;
    for (const auto& name : names) {
        if (!signed_headers.empty()) signed_headers += ';';
        signed_headers += name;
    }
    const std::string canonical = canonical_request(request, signed_headers);
    request.headers.emplace_back(
        "authorization",
        fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                    credentials.access_key_id, scope_of(scope, date), signed_headers,
                    signature(canonical, credentials.secret_access_key, scope, date)));
}

}  // namespace imprint::aws
