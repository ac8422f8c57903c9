#include "local_registry/api/api.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "local_registry/api/authentication.h"
#include "local_registry/api/authorization.h"
#include "local_registry/api/routes.h"
#include "local_registry/api/sts.h"
#include "local_registry/random.h"

namespace imprint::local_registry {

using nlohmann::json;

namespace {

// The paths that need no signature: they tell nothing that the broker does not tell.
constexpr std::string_view own_prefix = "/imprint/";

std::string dump(const json& value) {
    // An error may quote bytes that are no UTF-8.
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

http::Response to_response(const ApiError& error) {
    json body{{"message", error.message}};
    if (!error.resource_id.empty()) body["resourceId"] = error.resource_id;
    if (!error.resource_arn.empty()) body["resourceArn"] = error.resource_arn;
    return {.status = error.status,
            .headers = {{"x-amzn-ErrorType", error.name}},
            .content_type = "application/json",
            .body = dump(body)};
}

bool announces_body(const http::Request& head) {
    return head.header("transfer-encoding") || head.header("content-length").value_or("0") != "0";
}

Outcome<json> run(const Context& context, const RouteMatch& match, const http::Request& request,
                  const Caller& caller) {
    IMPRINT_TRY(const auto input, Input::read(request, match.places, match.route->body));
    IMPRINT_CHECK(authorize(caller.key_id, caller.policy, match.route->operation, input,
                            context.region, match.route->plane));
    return match.route->run(context, input);
}

}  // namespace

Api::Api(Context context, std::string root_ca_pem, std::function<bool()> broker_up, Log log)
    : context_(std::move(context)),
      root_ca_pem_(std::move(root_ca_pem)),
      broker_up_(std::move(broker_up)),
      log_(std::move(log)) {}

Api Api::with(Store& store, Choices* choices) const {
    return {context_.with(store, choices), root_ca_pem_, broker_up_, log_};
}

std::optional<http::Response> Api::admit(const http::Request& head) const {
    if (head.raw_path().starts_with(own_prefix)) {
        // Nothing is known of who sends it.
        if (!announces_body(head)) return std::nullopt;
        return to_response(
            ApiError(413, "RequestEntityTooLargeException", "there is no body to send here"));
    }
    const auto admitted =
        local_registry::admit(head, context_.store, context_.region, context_.clock.wall());
    if (admitted) return std::nullopt;
    return refused(head, admitted.error());
}

http::Response Api::handle(const http::Request& request) const {
    if (request.raw_path().starts_with(own_prefix)) return answer_own(request);
    const auto caller =
        authenticate(request, context_.store, context_.region, context_.clock.wall());
    if (!caller) return refused(request, caller.error());
    const std::string request_id = random_uuid();
    http::Response response = is_sts_request(request)
                                  ? answer_sts(request, caller->key_id, request_id, context_.region)
                                  : answer_iot(request, *caller);
    response.headers.emplace_back("x-amzn-RequestId", request_id);
    return response;
}

http::Response Api::refused(const http::Request& request, const ApiError& error) const {
    const std::string request_id = random_uuid();
    log_.info("{} {} refused: {}", request.method, request.raw_path(), error.name);
    http::Response response =
        may_be_sts_request(request) ? sts_error(error, request_id) : to_response(error);
    response.headers.emplace_back("x-amzn-RequestId", request_id);
    return response;
}

http::Response Api::answer_own(const http::Request& request) const {
    const bool get = request.method == "GET" || request.method == "HEAD";
    if (get && request.raw_path() == "/imprint/root-ca.pem")
        return {.status = 200,
                .headers = {},
                .content_type = "application/x-pem-file",
                .body = root_ca_pem_};
    if (get && request.raw_path() == "/imprint/health") {
        const bool broker = broker_up_();
        return {.status = 200,
                .headers = {},
                .content_type = "application/json",
                .body = dump({{"ok", true},
                              {"broker", broker},
                              {"region", context_.region},
                              {"mqtt", context_.mqtt_address}})};
    }
    return to_response(ApiError(404, "UnknownOperationException",
                                fmt::format("there is no {}", request.raw_path())));
}

http::Response Api::answer_iot(const http::Request& request, const Caller& caller) const {
    const auto match = match_route(request.method, request.raw_path(), caller.plane);
    if (!match) {
        log_.warning("{} {}: AWS IoT may have this operation, the local registry has not",
                     request.method, request.raw_path());
        return to_response(
            ApiError(404, "UnknownOperationException",
                     fmt::format("{} {} is no operation that the local registry serves",
                                 request.method, request.raw_path())));
    }
    const auto output = run(context_, *match, request, caller);
    if (!output) {
        const ApiError& error = output.error();
        if (error.status >= 500)
            log_.warning("{}: {}: {}", match->route->operation, error.name, error.message);
        else
            log_.info("{}: {}: {}", match->route->operation, error.name, error.message);
        return to_response(error);
    }
    log_.debug("{}: done", match->route->operation);
    return {
        .status = 200, .headers = {}, .content_type = "application/json", .body = dump(*output)};
}

}  // namespace imprint::local_registry
