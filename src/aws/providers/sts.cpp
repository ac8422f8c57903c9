#include "aws/providers/sts.h"

#include <fmt/format.h>
#include <utility>

#include "aws/endpoint.h"
#include "aws/providers/keys.h"
#include "aws/providers/service.h"
#include "aws/providers/xml.h"
#include "aws/signature.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

struct Place {
    std::string url;
    std::string region;  // that a signature is for
};

Result<Place> find_sts(const Search& search) {
    IMPRINT_TRY(std::string url,
                service_endpoint(search.environment, search.files, sts_service, search.region));
    if (!url.ends_with('/')) url += '/';
    return Place{std::move(url), search.region.empty() ? "us-east-1" : search.region};
}

std::string form(const StsCall& call) {
    std::string body = fmt::format("Action={}&Version=2011-06-15", call.action);
    for (const auto& [name, value] : call.parameters)
        body += fmt::format("&{}={}", name, http::percent_encode(value));
    if (call.secret_parameter.empty()) return body;
    std::string encoded = http::percent_encode(call.secret_parameter);
    body.reserve(body.size() + call.secret_parameter_name.size() + encoded.size() + 2);
    body.append("&").append(call.secret_parameter_name).append("=").append(encoded);
    wipe(encoded);
    return body;
}

std::string name_of_sts_error(const http::ClientResponse& response) {
    const auto body = XmlAnswer::parse(response.body);
    return body ? std::string(body->value("Error/Code")) : std::string();
}

std::string hint_of(std::string_view code) {
    if (code == "AccessDenied")
        return "let the role's trust policy name who asks, and give that one sts:AssumeRole";
    if (code == "ExpiredTokenException" || code == "ExpiredToken")
        return "get new credentials (aws sso login, or your usual way) and run again";
    if (code == "InvalidClientTokenId" || code == "SignatureDoesNotMatch")
        return "check the keys of the source, and this machine's clock (timedatectl)";
    if (code == "InvalidIdentityToken" || code == "IDPRejectedClaim")
        return "check the identity provider in IAM, and the role's trust policy";
    return {};
}

std::unexpected<Error> refused(const StsCall& call, const http::ClientResponse& response,
                               const std::string& url) {
    const auto body = XmlAnswer::parse(response.body);
    std::string code = body ? std::string(body->value("Error/Code")) : std::string();
    std::string message = body ? std::string(body->value("Error/Message")) : std::string();
    if (code.empty()) code = response.status >= 500 ? "InternalFailure" : "UnknownError";
    std::string by;
    std::string hint = hint_of(code);
    if (call.signer != nullptr) {
        if (code == "InvalidClientTokenId" || code.starts_with("ExpiredToken"))
            if (std::string odd = odd_token(*call.signer); !odd.empty()) hint = std::move(odd);
        message = without_secrets(std::move(message), {call.signer->secret_access_key.reveal_text(),
                                                       call.signer->session_token.reveal_text()});
        by =
            fmt::format("; access key {} from {}", call.signer->access_key_id, call.signer->source);
    }
    message = without_secrets(std::move(message), {call.secret_parameter});
    return fail_as_aws(
        code,
        fmt::format("{} for {}: {} ({}, HTTP {}{})", call.action, call.source,
                    message.empty() ? "no reason given" : message, url, response.status, by),
        std::move(hint));
}

}  // namespace

Result<Credentials> ask_sts(const Search& search, const StsCall& call) {
    IMPRINT_TRY(const Place place, find_sts(search));
    const auto request = [&] {
        http::ClientRequest made{"POST", place.url, {}, form(call)};
        made.headers.emplace_back("content-type",
                                  "application/x-www-form-urlencoded; charset=utf-8");
        if (call.signer != nullptr)
            sign(made, *call.signer, {place.region, "sts"}, search.services.clock->wall());
        return made;
    };
    auto response = ask_service(search.services, {request, name_of_sts_error});
    if (!response)
        return with_context(std::move(response).error(),
                            fmt::format("{} for {}", call.action, call.source));
    const WipeAtEnd wiped(response->body);
    if (response->status != 200) return refused(call, *response, place.url);
    const auto body = XmlAnswer::parse(response->body);
    Credentials credentials;
    if (body) {
        credentials.access_key_id = body->value("Credentials/AccessKeyId");
        credentials.secret_access_key = Secret(body->value("Credentials/SecretAccessKey"));
        credentials.session_token = Secret(body->value("Credentials/SessionToken"));
        credentials.expires = parse_iso8601(body->value("Credentials/Expiration"));
    }
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
        credentials.session_token.empty() || !credentials.expires)
        return fail(ErrorKind::registry, "credentials_answer_damaged",
                    fmt::format("{} for {}: {} answered without credentials", call.action,
                                call.source, place.url),
                    "check AWS_ENDPOINT_URL_STS, and proxies on the way");
    credentials.source = call.source;
    return credentials;
}

std::string usual_session_name(const Search& search) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
        search.services.clock->wall().time_since_epoch());
    return fmt::format("imprint-{}", seconds.count());
}

}  // namespace imprint::aws
