#include "local_registry/api/authentication.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "aws/signature.h"
#include "base/digest.h"
#include "base/text.h"
#include "local_registry/api/request_form.h"
#include "local_registry/store/access_keys.h"

namespace imprint::local_registry {

namespace {

using namespace std::chrono;

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr minutes most_skew{5};

struct Service {
    std::string_view name;
    Plane plane = Plane::control;
};

// "iot" signs as "iot"; botocore's model of 2022 named "execute-api"; the doctor asks "sts". The
// data plane is "iotdata" in the service models, "iotdevicegateway" in the developer guide.
constexpr std::array services{Service{"iot"},
                              Service{"execute-api"},
                              Service{"sts"},
                              Service{"iotdata", Plane::data},
                              Service{"iotdevicegateway", Plane::data},
                              Service{"iot-jobs-data", Plane::jobs_data}};

struct Authorization {
    std::string key_id;
    std::string date;
    std::string region;
    std::string service;
    std::string signed_headers;
    std::string signature;
};

std::unexpected<ApiError> incomplete(std::string_view what) {
    return refuse(400, "IncompleteSignatureException",
                  fmt::format("Authorization header {}", what));
}

std::unexpected<ApiError> wrong(std::string message) {
    return refuse(403, "InvalidSignatureException", std::move(message));
}

std::string_view take_until(std::string_view& text, char separator) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

// "AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, SignedHeaders=…,
// Signature=…"
Outcome<Authorization> parse_authorization(std::string_view header) {
    if (take_until(header, ' ') != algorithm)
        return incomplete(fmt::format("does not begin with {}", algorithm));
    Authorization authorization;
    std::string_view scope;
    while (!header.empty()) {
        std::string_view value = trimmed(take_until(header, ','));
        const std::string_view name = take_until(value, '=');
        if (name == "Credential") scope = value;
        if (name == "SignedHeaders") authorization.signed_headers = value;
        if (name == "Signature") authorization.signature = value;
    }
    if (scope.empty()) return incomplete("requires 'Credential' parameter");
    if (authorization.signed_headers.empty())
        return incomplete("requires 'SignedHeaders' parameter");
    if (authorization.signature.empty()) return incomplete("requires 'Signature' parameter");
    authorization.key_id = take_until(scope, '/');
    authorization.date = take_until(scope, '/');
    authorization.region = take_until(scope, '/');
    authorization.service = take_until(scope, '/');
    if (scope != "aws4_request") return incomplete("has a Credential that is no SigV4 scope");
    return authorization;
}

bool covers(std::string_view signed_headers, std::string_view name) {
    while (!signed_headers.empty())
        if (take_until(signed_headers, ';') == name) return true;
    return false;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    const char* first = text.data() + at;
    const auto [end, error] = std::from_chars(first, first + count, value);
    if (error != std::errc() || end != first + count) return std::nullopt;
    return value;
}

// "20260714T093000Z"
std::optional<WallTime> parse_amz_date(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    const auto years = digits(text, 0, 4);
    const auto months = digits(text, 4, 2);
    const auto day_number = digits(text, 6, 2);
    const auto hour = digits(text, 9, 2);
    const auto minute = digits(text, 11, 2);
    const auto second = digits(text, 13, 2);
    if (!years || !months || !day_number || !hour || !minute || !second) return std::nullopt;
    const year_month_day date{year{*years}, month{static_cast<unsigned>(*months)},
                              day{static_cast<unsigned>(*day_number)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};
}

// The time that it takes says nothing about where the two differ.
bool same(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
        difference |= static_cast<unsigned>(static_cast<unsigned char>(one[i]) ^
                                            static_cast<unsigned char>(other[i]));
    return difference == 0;
}

Outcome<AccessKey> find_key(const http::Request& request, Store& store, const std::string& id,
                            WallTime now) {
    IMPRINT_TRY(auto key, store.read([&](sqlite::Database& database) {
        return find_access_key(database, id);
    }));
    const std::string token = request.header("x-amz-security-token").value_or("");
    if (!key || !same(token, key->session_token.reveal_text()))
        return refuse(403, "UnrecognizedClientException",
                      "The security token included in the request is invalid.");
    if (key->expires && now >= WallTime(Milliseconds(*key->expires)))
        return refuse(403, "ExpiredTokenException",
                      "The security token included in the request is expired");
    return *std::move(key);
}

Outcome<void> check_scope(const Authorization& authorization, std::string_view region,
                          std::string_view amz_date) {
    if (authorization.date != amz_date.substr(0, 8))
        return wrong(
            fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                        "version of date from HTTP: '{}' != '{}'",
                        authorization.date, amz_date.substr(0, 8)));
    if (authorization.region != region)
        return wrong(
            fmt::format("Credential should be scoped to a valid region, not '{}'; this "
                        "registry is in '{}'",
                        authorization.region, region));
    if (std::ranges::find(services, authorization.service, &Service::name) == services.end())
        return wrong(fmt::format("Credential should be scoped to correct service: '{}', not '{}'",
                                 services.front().name, authorization.service));
    return {};
}

Outcome<void> check_time(WallTime signed_at, WallTime now) {
    if (signed_at < now - most_skew)
        return wrong(fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                                 to_iso8601(signed_at), to_iso8601(now - most_skew),
                                 to_iso8601(now)));
    if (signed_at > now + most_skew)
        return wrong(
            fmt::format("Signature not yet current: {} is still later than {} ({} + 5 "
                        "min.)",
                        to_iso8601(signed_at), to_iso8601(now + most_skew), to_iso8601(now)));
    return {};
}

// Who claims to have signed.
struct Claim {
    Authorization authorization;
    AccessKey key;
    std::string amz_date;
};

Outcome<Claim> read_claim(const http::Request& request, Store& store, std::string_view region,
                          WallTime now) {
    const auto header = request.header("authorization");
    if (!header)
        return refuse(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    IMPRINT_TRY(auto authorization, parse_authorization(*header));
    std::string amz_date = request.header("x-amz-date").value_or("");
    const auto signed_at = parse_amz_date(amz_date);
    if (!signed_at) return incomplete("requires existence of an 'X-Amz-Date' header");
    IMPRINT_TRY(auto key, find_key(request, store, authorization.key_id, now));
    IMPRINT_CHECK(check_scope(authorization, region, amz_date));
    IMPRINT_CHECK(check_time(*signed_at, now));
    // What a signature leaves out could be changed under way.
    for (const auto& [name, value] : request.headers)
        if (decides(name) && !covers(authorization.signed_headers, name))
            return wrong(fmt::format("'{}' must be a signed header", name));
    IMPRINT_CHECK(check_form(request));
    return Claim{.authorization = std::move(authorization),
                 .key = std::move(key),
                 .amz_date = std::move(amz_date)};
}

}  // namespace

Plane plane_of(const http::Request& request) {
    const auto authorization = parse_authorization(request.header("authorization").value_or(""));
    if (!authorization) return Plane::control;
    const auto* const service = std::ranges::find(services, authorization->service, &Service::name);
    return service == services.end() ? Plane::control : service->plane;
}

Outcome<void> admit(const http::Request& head, Store& store, std::string_view region,
                    WallTime now) {
    IMPRINT_CHECK(read_claim(head, store, region, now));
    return {};
}

Outcome<Caller> authenticate(const http::Request& request, Store& store, std::string_view region,
                             WallTime now) {
    IMPRINT_TRY(const auto claim, read_claim(request, store, region, now));
    const Authorization& authorization = claim.authorization;
    const auto body_hash = request.header("x-amz-content-sha256");
    if (body_hash && *body_hash != to_hex(sha256(as_bytes(request.body))))
        return wrong("The 'x-amz-content-sha256' header does not match what was sent");
    const std::string expected = aws::signature(
        aws::canonical_request(request.method, request.target, request.headers, request.body,
                               authorization.signed_headers),
        claim.key.secret, {.region = authorization.region, .service = authorization.service},
        claim.amz_date);
    if (!same(expected, authorization.signature))
        return wrong(
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.");
    return Caller{
        .key_id = authorization.key_id, .policy = claim.key.policy, .plane = plane_of(request)};
}

}  // namespace imprint::local_registry
