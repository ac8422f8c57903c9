// The bench: what happens, bays, scans, the chosen lot.
#include <fmt/format.h>
#include <utility>

#include "base/text.h"
#include "page/api_tools.h"

namespace imprint::page {

namespace {

using logins::Role;
using What = station::BenchKey::What;

Json login_json(const ApiTools& tools, const logins::Login& login) {
    Json json;
    json["user"] = login.user;
    json["role"] = std::string(logins::to_string(login.role));
    json["needed"] = tools.gate.login_needed();
    return json;
}

// One that begins anew names what it had last; a browser's header, or a program's parameter.
std::string last_of(const Call& call) {
    if (const auto header = call.request.header("last-event-id")) return *header;
    return call.query("after");
}

http::Response follow(const ApiTools& tools, const Call& call) {
    // The request is gone when the stream is asked whether it may go on: its cookie is kept.
    http::Request cookie;
    cookie.method = "GET";
    cookie.target = "/api/events";
    cookie.headers = call.request.headers;
    return tools.feed.follow(last_of(call),
                             {.login = login_json(tools, call.login),
                              .may_go_on = [gate = &tools.gate, cookie = std::move(cookie)] {
                                  return gate->still_logged_in(cookie).has_value();
                              }});
}

Json told(const station::Scan& scan, const std::string& bay) {
    struct Teller {
        const std::string& bay;

        Json operator()(const station::BenchKey& key) const {
            if (key.what == What::start && !key.bay.empty())
                return {{"what", "bay"}, {"bay", key.bay}};
            return {{"what", "command"},
                    {"command", std::string(station::word_of(key.what)) +
                                    (key.bay.empty() ? "" : " " + key.bay)}};
        }

        Json operator()(const station::LotScan& lot) const {
            if (lot.lot.empty()) return {{"what", "command"}, {"command", "lot none"}};
            return {{"what", "lot"}, {"lot", lot.lot}};
        }

        Json operator()(const station::SerialScan& serial) const {
            Json json{{"what", "serial"}, {"serial", serial.serial}};
            if (!bay.empty()) json["bay"] = bay;
            return json;
        }

        Json operator()(const station::BoardScan& board) const {
            return {{"what", "board"}, {"mac", board.mac.id()}};
        }
    };

    return std::visit(Teller{bay}, scan);
}

Result<http::Response> scan(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const std::string text, call.text("text"));
    IMPRINT_TRY(const std::string bay, call.text("bay"));
    if (trimmed(text).empty())
        return fail(ErrorKind::usage, "bad_request", "nothing was scanned",
                    "\"text\" has what was scanned");
    IMPRINT_TRY(const auto scan, tools.desk.scan(text, call.login.user, bay));
    return json_response(told(scan, bay));
}

Result<http::Response> choose(const ApiTools& tools, const Call& call) {
    if (!call.body.contains("lot"))
        return fail(ErrorKind::usage, "bad_request", "there is no \"lot\"",
                    "{\"lot\": \"order-17\"}, or null for none");
    IMPRINT_TRY(const std::string name, call.text("lot"));
    if (!name.empty()) {
        IMPRINT_TRY(const auto ledger, tools.services.open_reports());
        IMPRINT_CHECK(report::opened_lot(*ledger, name));
    }
    IMPRINT_CHECK(tools.desk.choose(name, call.login.user));
    return json_response(Json::object());
}

Route key(const ApiTools& tools, std::string_view path, What what) {
    return {"POST", path, Role::operator_,
            [tools, what](const Call& call) -> Result<http::Response> {
                IMPRINT_CHECK(
                    tools.desk.press({what, call.names.empty() ? std::string() : call.names[0]}));
                return json_response(Json::object());
            }};
}

}  // namespace

std::vector<Route> bench_routes(const ApiTools& tools) {
    return {
        {"GET", "/api/events", Role::operator_,
         [tools](const Call& call) -> Result<http::Response> { return follow(tools, call); }},
        {"GET", "/api/state", Role::operator_,
         [tools](const Call& call) -> Result<http::Response> {
             return json_response(tools.feed.snapshot(login_json(tools, call.login)));
         }},
        {"GET", "/metrics", Role::operator_,
         [tools](const Call&) -> Result<http::Response> {
             http::Response response;
             response.content_type = "text/plain; version=0.0.4; charset=utf-8";
             response.body = metrics_text(tools.feed.figures());
             return response;
         }},
        {"POST", "/api/scan", Role::operator_,
         [tools](const Call& call) { return scan(tools, call); }},
        {"POST", "/api/lot", Role::operator_,
         [tools](const Call& call) { return choose(tools, call); }},
        key(tools, "/api/bays/*/start", What::start),
        key(tools, "/api/bays/*/again", What::again),
        key(tools, "/api/bays/*/stop", What::abort),
        key(tools, "/api/bays/*/off", What::off),
        key(tools, "/api/bays/*/on", What::on),
        key(tools, "/api/bays/start", What::start),
        key(tools, "/api/bays/again", What::again),
        key(tools, "/api/bays/stop", What::abort),
        key(tools, "/api/bays/off", What::off),
        key(tools, "/api/bays/on", What::on),
    };
}

}  // namespace imprint::page
