#include "local_registry/api/sts.h"

#include <array>
#include <fmt/format.h>

#include "http/url.h"
#include "local_registry/api/arn.h"
#include "policy/partition.h"

namespace imprint::local_registry {

namespace {

constexpr std::string_view name_space = "https://sts.amazonaws.com/doc/2011-06-15/";

struct Names {
    std::string_view json;
    std::string_view query;
};

constexpr std::array names{
    Names{"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
    Names{"IncompleteSignatureException", "IncompleteSignature"},
    Names{"UnrecognizedClientException", "InvalidClientTokenId"},
    Names{"ExpiredTokenException", "ExpiredToken"},
    Names{"InvalidSignatureException", "SignatureDoesNotMatch"},
    Names{"InternalFailureException", "InternalFailure"},
};

std::string escape(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::optional<std::string> action_of(const http::Request& request) {
    if (request.raw_path() != "/") return std::nullopt;
    if (auto action = http::find_field(request.query(), "Action")) return action;
    if (request.method != "POST") return std::nullopt;
    return http::find_field(http::parse_form(request.body), "Action");
}

}  // namespace

bool may_be_sts_request(const http::Request& head) {
    return head.raw_path() == "/" && (head.method == "POST" || is_sts_request(head));
}

bool is_sts_request(const http::Request& request) {
    return action_of(request).has_value();
}

http::Response answer_sts(const http::Request& request, std::string_view key_id,
                          std::string_view request_id, std::string_view region) {
    const std::string action = action_of(request).value_or("");
    if (action != "GetCallerIdentity")
        return sts_error(
            ApiError(400, "InvalidAction", fmt::format("The action {} is not served here", action)),
            request_id);
    return {.status = 200,
            .headers = {},
            .content_type = "text/xml",
            .body = fmt::format(
                "<GetCallerIdentityResponse xmlns=\"{0}\"><GetCallerIdentityResult>"
                "<Arn>arn:{4}:iam::{1}:user/imprint</Arn><UserId>{2}</UserId><Account>{1}</Account>"
                "</GetCallerIdentityResult><ResponseMetadata><RequestId>{3}</RequestId>"
                "</ResponseMetadata></GetCallerIdentityResponse>\n",
                name_space, account, escape(key_id), request_id, policy::partition_of(region).id)};
}

http::Response sts_error(const ApiError& error, std::string_view request_id) {
    std::string_view code = error.name;
    for (const auto& row : names)
        if (row.json == error.name) code = row.query;
    return {.status = error.status,
            .headers = {},
            .content_type = "text/xml",
            .body = fmt::format("<ErrorResponse xmlns=\"{}\"><Error><Type>Sender</Type>"
                                "<Code>{}</Code><Message>{}</Message></Error>"
                                "<RequestId>{}</RequestId></ErrorResponse>\n",
                                name_space, escape(code), escape(error.message), request_id)};
}

}  // namespace imprint::local_registry
