#include "page/routes.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "http/url.h"
#include "logins/answers.h"

namespace imprint::page {

namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

// What stands for each "*"; nothing: the path is another one.
std::optional<std::vector<std::string>> names_in(std::string_view path, std::string_view pattern) {
    const auto parts = parts_of(path);
    const auto wanted = parts_of(pattern);
    if (parts.size() != wanted.size()) return std::nullopt;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (wanted[i] == "*")
            names.push_back(http::percent_decode(parts[i]).value_or(std::string(parts[i])));
        else if (wanted[i] != parts[i])
            return std::nullopt;
    }
    return names;
}

// Error: bad_request.
Result<Json> body_of(const http::Request& request) {
    Json body = Json::parse(request.body, nullptr, false);
    if (body.is_object()) return body;
    return fail(ErrorKind::usage, "bad_request", "the body is no JSON object", "send {} at least");
}

int status_of(const Error& error) {
    if (error.is("bad_request") || error.is("bad_usage")) return 400;
    if (error.is("not_allowed")) return 403;
    if (error.is_any({"bay_unknown", "lot_unknown", "board_unknown", "not_found", "thing_unknown"}))
        return 404;
    if (error.is("bad_method")) return 405;
    if (error.is("label_not_passed")) return 409;
    if (error.kind == ErrorKind::bug || error.kind == ErrorKind::ledger) return 500;
    return 409;
}

}  // namespace

std::string Call::query(std::string_view name) const {
    for (const auto& [key, value] : request.query())
        if (key == name) return value;
    return {};
}

Result<std::string> Call::text(const char* name) const {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) return std::string();
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number_integer()) return std::to_string(found->get<std::int64_t>());
    return fail(ErrorKind::usage, "bad_request", fmt::format("\"{}\" is no text", name),
                "docs/api.md says what each request takes");
}

http::Response json_response(const Json& json) {
    http::Response response;
    response.body = text_of(json);
    return response;
}

http::Response error_response(const Error& error) {
    return logins::error_answer(status_of(error), error);
}

void Router::add(std::vector<Route> routes) {
    routes_.insert(routes_.end(), std::make_move_iterator(routes.begin()),
                   std::make_move_iterator(routes.end()));
}

http::Response Router::answer(const http::Request& request, const logins::Login& login) const {
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    bool is_known = false;
    for (const Route& route : routes_) {
        auto names = names_in(request.raw_path(), route.path);
        if (!names) continue;
        is_known = true;
        if (route.method != method) continue;
        if (route.role == logins::Role::engineer && login.role != logins::Role::engineer)
            return error_response(make_error(ErrorKind::usage, "not_allowed",
                                             "this is for engineers",
                                             "log in as one: imprint station user add --role"));
        Call call{request, login, *std::move(names), Json::object()};
        if (method == "POST") {
            auto body = body_of(request);
            if (!body) return error_response(body.error());
            call.body = *std::move(body);
        }
        auto answer = route.answer(call);
        return answer ? *std::move(answer) : error_response(answer.error());
    }
    if (is_known)
        return error_response(make_error(ErrorKind::usage, "bad_method",
                                         fmt::format("{} is no method of this path", method)));
    return error_response(
        make_error(ErrorKind::usage, "not_found", "there is no such path", "docs/api.md has them"));
}

}  // namespace imprint::page
