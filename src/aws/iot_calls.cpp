#include "aws/iot_calls.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>
#include <random>

#include "aws/endpoint.h"
#include "aws/providers/keys.h"
#include "aws/secret_member.h"
#include "aws/signature.h"
#include "http/url.h"

namespace imprint::aws {

namespace {

using nlohmann::json;

std::string_view header(const http::ClientResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

std::string text_member(const json& object, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = object.find(name);
        if (found != object.end() && found->is_string()) return found->get<std::string>();
    }
    return {};
}

// "com.amazon.coral.service#ThrottlingException:http://…" → "ThrottlingException"
std::string bare_error_name(std::string name) {
    name = name.substr(0, name.find(':'));
    const std::size_t hash = name.rfind('#');
    return hash == std::string::npos ? name : name.substr(hash + 1);
}

struct Hint {
    std::string_view code;
    std::string_view text;
};

// What a person meets, and what then helps.
constexpr std::array<Hint, 12> hints = {{
    {"ExpiredTokenException",
     "get new credentials (aws sso login, or your usual way) and run again"},
    {"ExpiredToken", "get new credentials (aws sso login, or your usual way) and run again"},
    {"UnrecognizedClientException", "the access key is not known there: check profile and region"},
    {"InvalidClientTokenId", "the access key is not known there: check profile and region"},
    {"InvalidSignatureException",
     "check the secret access key, and this machine's clock (timedatectl)"},
    {"SignatureDoesNotMatch",
     "check the secret access key, and this machine's clock (timedatectl)"},
    {"MissingAuthenticationTokenException", "check registry.endpoint_url"},
    {"AccessDeniedException", "give the credentials the permissions in docs/registry.md"},
    {"UnauthorizedException", "give the credentials the permissions in docs/registry.md"},
    {"ThrottlingException", "prepare fewer boards at once, or have AWS raise the quota"},
    {"LimitExceededException", "a quota of the account is reached: see AWS Service Quotas"},
    {"ResourceNotFoundException", "check the name and the region"},
}};

bool is_of_credentials(std::string_view code) {
    return code == "UnrecognizedClientException" || code == "InvalidClientTokenId" ||
           code == "ExpiredTokenException" || code == "ExpiredToken" ||
           code == "InvalidSignatureException" || code == "SignatureDoesNotMatch" ||
           code == "MissingAuthenticationTokenException";
}

std::string hint_of(std::string_view code, std::string_view message, const Credentials& credentials,
                    std::string_view region) {
    // Both services' and ours: the signature is right, and for another place.
    if (message.contains("scoped to a valid region") ||
        message.contains("scoped to a valid Region"))
        return fmt::format(
            "the region here is {}: check registry.region, AWS_REGION and the "
            "profile's region",
            region);
    if (is_of_credentials(code))
        if (std::string odd = odd_token(credentials); !odd.empty()) return odd;
    for (const auto& hint : hints)
        if (hint.code == code) return std::string(hint.text);
    return {};
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::optional<WallTime> parse_http_date(std::string_view text) {
    std::tm parts{};
    const std::string whole(text);
    if (::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr)
        return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

bool is_expired(std::string_view code) {
    return code == "ExpiredTokenException" || code == "ExpiredToken";
}

}  // namespace

IotClient::Calls::Calls(std::shared_ptr<http::Client> http, CredentialSource credentials,
                        IotClientOptions options, Clock& clock, Log log)
    : http_(std::move(http)),
      credentials_(std::move(credentials)),
      options_(std::move(options)),
      endpoint_(options_.endpoint_url.empty() ? default_endpoint(options_.region)
                                              : options_.endpoint_url),
      data_endpoint_(options_.data_endpoint_url.empty() ? default_data_endpoint(options_.region)
                                                        : options_.data_endpoint_url),
      clock_(clock),
      log_(std::move(log)),
      backoff_(options_.jitter_seed.value_or(std::random_device{}())) {
    for (std::string* url : {&endpoint_, &data_endpoint_})
        while (url->ends_with('/'))
            url->pop_back();
}

std::unexpected<Error> IotClient::Calls::refused(const Call& call, const Credentials& credentials,
                                                 const http::ClientResponse& response) const {
    const json body = json::parse(response.body, nullptr, false);
    std::string name = bare_error_name(std::string(header(response, "x-amzn-errortype")));
    std::string message;
    if (body.is_object()) {
        if (name.empty()) name = bare_error_name(text_member(body, {"__type", "code", "Code"}));
        message = without_secrets(
            text_member(body, {"message", "Message", "errorMessage"}),
            {credentials.session_token.reveal_text(), credentials.secret_access_key.reveal_text()});
    }
    if (name.empty()) name = response.status >= 500 ? "InternalFailure" : "UnknownError";
    // The key's id and where it came from help to find the wrong one; it is no secret.
    const bool of_credentials = response.status == 401 || response.status == 403;
    return fail_as_aws(
        name,
        fmt::format("{} {}: {} ({}, HTTP {}{})", call.operation, call.subject,
                    message.empty() ? "no reason given" : message, endpoint_of(call),
                    response.status,
                    of_credentials ? fmt::format("; access key {} from {}",
                                                 credentials.access_key_id, credentials.source)
                                   : ""),
        hint_of(name, message, credentials, options_.region));
}

IotClient::Calls::Attempt IotClient::Calls::once(const Call& call) {
    http::ClientRequest request;
    request.method = call.method;
    request.url = endpoint_of(call) + call.path;
    char separator = '?';
    for (const auto& [key, value] : call.query) {
        request.url += fmt::format("{}{}={}", separator, http::percent_encode(key),
                                   http::percent_encode(value));
        separator = '&';
    }
    request.headers = call.headers;
    request.only_once = !call.repeatable;
    request.secret_answer = call.private_key != nullptr;
    if (!call.body.is_null()) {
        request.body = call.body.dump();
        request.headers.emplace_back("content-type", "application/json");
    }
    auto signer = credentials_.get();
    if (!signer)
        return {
            with_context(std::move(signer).error(), std::string(call.operation)), 0, {}, nullptr};
    sign(request, **signer, {options_.region, call.data_plane ? "iotdata" : "iot"}, clock_.wall());
    auto response = http_->send(request, options_.call_deadline);
    if (!response && response.error().is("registry_unreachable") &&
        !options_.when_unreachable.empty())
        response.error().hint = options_.when_unreachable;
    if (!response)
        return {
            with_context(std::move(response).error(), std::string(call.operation)), 0, {}, *signer};

    if (const auto told = parse_http_date(header(*response, "date")))
        ahead_ = std::chrono::duration_cast<Milliseconds>(*told - clock_.wall());
    Attempt attempt{json::object(), response->status, {}, *signer};
    const std::string_view after = header(*response, "retry-after");
    int seconds = 0;
    if (!after.empty() &&
        std::from_chars(after.data(), after.data() + after.size(), seconds).ec == std::errc())
        attempt.retry_after = std::chrono::seconds(seconds);
    if (response->status < 200 || response->status >= 300) {
        attempt.result = refused(call, **signer, *response);
    } else if (!response->body.empty()) {
        if (call.private_key != nullptr)
            *call.private_key = take_text_member(response->body, "PrivateKey");
        json body = json::parse(response->body, nullptr, false);
        if (body.is_object())
            attempt.result = std::move(body);
        else
            attempt.result = fail(ErrorKind::registry, "registry_answer_damaged",
                                  fmt::format("{} {}: {} answered with something that is not JSON",
                                              call.operation, call.subject, endpoint_of(call)),
                                  "check registry.endpoint_url, and proxies on the way");
    }
    wipe(response->body);
    return attempt;
}

Result<void> IotClient::Calls::still_welcome(const Call& call) {
    constexpr std::chrono::seconds most{10};
    if (!options_.stop.stop_requested()) return {};
    const Instant now = clock_.now();
    const Lock lock(mutex_);
    if (!first_after_stop_) first_after_stop_ = now;
    if (now - *first_after_stop_ <= most) return {};
    return fail(ErrorKind::interrupted, "interrupted",
                fmt::format("{} {}: stopped", call.operation, call.subject));
}

Result<void> IotClient::Calls::pause(const Call& call, Milliseconds time) {
    if (clock_.sleep(time, options_.stop)) return {};
    return fail(
        ErrorKind::interrupted, "interrupted",
        fmt::format("{} {}: stopped before it was carried out", call.operation, call.subject));
}

Milliseconds IotClient::Calls::pause_after(const Attempt& tried, Trouble trouble,
                                           unsigned attempt) {
    // The rate has been lowered already: what is left to do is to step out of the crowd.
    constexpr unsigned crowd = 3;
    if (trouble == Trouble::throttled)
        return backoff_.wait(std::min(attempt, crowd), tried.retry_after);
    const Milliseconds pause = backoff_.wait(attempt, tried.retry_after);
    // A fresh call is as welcome as ever; tries again have to wait until some of those go well.
    if (!retry_quota_.take(tried.status == 0)) return std::max(pause, Backoff::longest);
    return pause;
}

Result<json> IotClient::Calls::run(const Call& call) {
    IMPRINT_CHECK(still_welcome(call));
    // Until the operation's rate lets it begin: that is no trouble, and costs the call no time.
    if (const Milliseconds wait = pace_.reserve(call.operation, clock_.now());
        wait > Milliseconds(0) && !options_.stop.stop_requested())
        IMPRINT_CHECK(pause(call, wait));
    const Instant deadline = clock_.now() + options_.retry_deadline;
    bool maybe_done = false;
    bool renewed = false;
    for (unsigned attempt = 1;; ++attempt) {
        Attempt tried = once(call);
        if (tried.result) {
            pace_.accepted(call.operation, clock_.now());
            retry_quota_.give_back(attempt > 1);
            return std::move(tried.result);
        }
        const Error& error = tried.result.error();
        if (maybe_done && !call.done_before.empty() && error.code == call.done_before)
            return json::object();
        if (is_expired(error.code) && tried.signer && !renewed) {
            renewed = true;
            auto others = credentials_.renew(tried.signer);
            if (!others)
                return with_context(
                    std::move(others).error(),
                    fmt::format("{}: renewing credentials that have expired", call.operation));
            if (*others != tried.signer) continue;
        }
        Trouble trouble = trouble_of(tried.status, error.code);
        // A reply of STS that is lost leaves nothing half done here.
        if (!tried.signer && trouble == Trouble::maybe_done) trouble = Trouble::unsent;
        if (trouble == Trouble::throttled)
            pace_.throttled(call.operation, clock_.now());
        else if (tried.status != 0)
            pace_.accepted(call.operation, clock_.now());
        if (trouble == Trouble::none) return std::move(tried.result);
        maybe_done |= trouble == Trouble::maybe_done;
        if (maybe_done && !call.repeatable) return std::move(tried.result);
        const Milliseconds pause = std::max(pause_after(tried, trouble, attempt),
                                            pace_.reserve(call.operation, clock_.now()));
        if (clock_.now() + pause >= deadline)
            return with_context(std::move(tried.result).error(),
                                fmt::format("after {} attempts", attempt));
        log_.debug("{} {}: attempt {} failed ({}), again in {} ms", call.operation, call.subject,
                   attempt, error.code, pause.count());
        if (options_.stop.stop_requested()) return std::move(tried.result);
        IMPRINT_CHECK(this->pause(call, pause));
    }
}

}  // namespace imprint::aws
