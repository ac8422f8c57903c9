// What the station is set to, and the hands of a simulated bench.
#include <fmt/format.h>
#include <utility>

#include "page/api_tools.h"

namespace imprint::page {

namespace {

using logins::Role;

Json values_json(const config::Config& config) {
    Json values = Json::array();
    for (const auto& value : config.values)
        values.push_back({{"key", value.key}, {"value", value.value}, {"origin", value.origin}});
    return values;
}

Result<http::Response> settings(const ApiTools& tools, const Call&) {
    Json json{{"bays", Json::array()}, {"sockets", Json::array()}};
    const auto bench = tools.feed.bench();
    const auto named = tools.learning.bays();
    for (const auto& [name, place] : named) {
        const auto* bay = bench.bay(name);
        json["bays"].push_back(
            {{"name", name}, {"place", place}, {"present", bay != nullptr && !bay->port.empty()}});
    }
    for (const auto& bay : bench.bays)
        if (!named.contains(bay.bay) && !bay.port.empty())
            json["sockets"].push_back({{"bay", bay.bay}, {"place", bay.place}, {"port", bay.port}});
    json["values"] = values_json(tools.config);
    return json_response(json);
}

// {"name": …}: the next board that is plugged in is in that bay; null: that is all.
Result<http::Response> set_up(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const std::string name, call.text("name"));
    if (name.empty()) {
        IMPRINT_CHECK(tools.desk.learn({}));
        tools.learning.end();
        return json_response(Json::object());
    }
    IMPRINT_CHECK(tools.learning.expect(name));
    auto learning = tools.desk.learn(
        [learner = &tools.learning](const auto& change) { return learner->take(change); });
    if (!learning) {
        tools.learning.end();
        return std::unexpected(std::move(learning).error());
    }
    return json_response(Json::object());
}

Result<http::Response> name_place(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const std::string place, call.text("place"));
    IMPRINT_TRY(const std::string name, call.text("name"));
    if (place.empty())
        return fail(ErrorKind::usage, "bad_request", "which place?", "\"place\" has it");
    IMPRINT_CHECK(tools.learning.name(place, name));
    IMPRINT_CHECK(tools.desk.name_place(place, name));
    return json_response(Json::object());
}

// The words that the hands know, and whether each names a bay.
Result<std::string> hands_line(const Call& call) {
    IMPRINT_TRY(std::string what, call.text("do"));
    IMPRINT_TRY(const std::string bay, call.text("bay"));
    IMPRINT_TRY(const std::string board, call.text("board"));
    for (const auto* text : {&bay, &board})
        if (text->find_first_of(" \t\r\n") != std::string::npos)
            return fail(ErrorKind::usage, "bad_request", "a name with a blank in it");
    if (what == "cloud_down" || what == "cloud_up") return what;
    if (what != "put" && what != "take" && what != "break" && what != "mend" && what != "swap")
        return fail(ErrorKind::usage, "bad_request",
                    fmt::format("\"{}\" is nothing that the hands do", what),
                    "put, take, swap, break, mend, cloud_down or cloud_up");
    if (bay.empty()) return fail(ErrorKind::usage, "bad_request", "in which bay?", "\"bay\"");
    return what + " " + bay + (board.empty() ? "" : " " + board);
}

Result<http::Response> told_by_hands(const ApiTools& tools, const std::string& line) {
    if (!tools.services.hands)
        return fail(ErrorKind::usage, "not_found", "the boards here are real: no hands move them");
    IMPRINT_TRY(const std::string said, tools.services.hands(line));
    Json json = Json::parse(said.empty() ? std::string("{}") : said, nullptr, false);
    return json_response(json.is_object() ? std::move(json) : Json::object());
}

}  // namespace

std::vector<Route> settings_routes(const ApiTools& tools) {
    return {
        {"GET", "/api/settings", Role::operator_,
         [tools](const Call& call) { return settings(tools, call); }},
        {"POST", "/api/bays/setup", Role::engineer,
         [tools](const Call& call) { return set_up(tools, call); }},
        {"POST", "/api/bays/name", Role::engineer,
         [tools](const Call& call) { return name_place(tools, call); }},
        {"GET", "/api/hands", Role::operator_,
         [tools](const Call&) { return told_by_hands(tools, "state"); }},
        {"POST", "/api/hands", Role::operator_,
         [tools](const Call& call) -> Result<http::Response> {
             IMPRINT_TRY(const std::string line, hands_line(call));
             return told_by_hands(tools, line);
         }},
    };
}

}  // namespace imprint::page
