// Boards: found, shown with their whole life, labelled, retired.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "base/text.h"
#include "label/render.h"
#include "page/api_tools.h"
#include "report/told.h"
#include "report/words.h"
#include "station/label_run.h"

namespace imprint::page {

namespace {

using logins::Role;

constexpr std::size_t most_found = 20;
// Older ones are left out: nobody looks at so many.
constexpr std::size_t most_attempts = 100;

std::unexpected<Error> unknown(const std::string& name) {
    return fail(ErrorKind::usage, "board_unknown",
                fmt::format("the ledger knows no board {}", name));
}

Result<MacAddress> mac_in(const Call& call) {
    const auto mac = parse_mac(call.names[0]);
    if (!mac) return unknown(call.names[0]);
    return *mac;
}

template <typename Word>
std::string text_of_word(Word word) {
    return std::string(events::word_of(report::told(word)));
}

double seconds(WallTime::duration time) {
    return std::chrono::duration<double>(time).count();
}

// Each effect from its intention to its answer.
Json steps_json(const ledger::AttemptRecord& attempt,
                const std::vector<ledger::EffectRecord>& effects) {
    Json steps = Json::array();
    for (const auto& effect : effects)
        steps.push_back({{"name", effect.kind},
                         {"start", std::max(0.0, seconds(effect.intended - attempt.started))},
                         {"end", std::max(0.0, seconds(effect.done.value_or(effect.intended) -
                                                       attempt.started))},
                         {"cloud", !report::is_on_the_wire(effect.kind)}});
    return steps;
}

Json attempt_json(const ledger::AttemptRecord& attempt,
                  const std::vector<ledger::EffectRecord>& effects) {
    Json json{{"attempt", attempt.id}, {"run", fmt::format("{}", attempt.run)}};
    add(json, "lot", attempt.lot);
    json["bay"] = attempt.bay;
    add(json, "station", attempt.station);
    add(json, "host", attempt.host);
    add(json, "operator", attempt.operator_name);
    json["started"] = to_iso8601(attempt.started);
    if (attempt.ended) {
        json["ended"] = to_iso8601(*attempt.ended);
        json["seconds"] = seconds(*attempt.ended - attempt.started);
    }
    json["verdict"] = text_of_word(ledger::verdict_of(attempt.outcome, attempt.fault));
    json["outcome"] = std::string(to_string(attempt.outcome));
    add(json, "code", attempt.error_code);
    add(json, "reason", attempt.error_message);
    add(json, "certificate_id", attempt.certificate_id);
    add(json, "serial", attempt.serial);
    add(json, "firmware", attempt.firmware);
    add(json, "firmware_commit", attempt.firmware_commit);
    add(json, "app", attempt.app_version);
    add(json, "chip", attempt.chip);
    json["steps"] = steps_json(attempt, effects);
    return json;
}

Json certificates_json(const std::vector<ledger::CertificateRecord>& certificates) {
    Json all = Json::array();
    for (const auto& one : certificates) {
        Json json{{"certificate_id", one.id},
                  {"state", text_of_word(one.state)},
                  {"requested", to_iso8601(one.requested_at)}};
        add(json, "policy", one.policy);
        if (one.proven_at) json["proven"] = to_iso8601(*one.proven_at);
        all.push_back(std::move(json));
    }
    return all;
}

Json retirements_json(const std::vector<ledger::RetirementRecord>& retirements) {
    Json all = Json::array();
    for (const auto& one : retirements) {
        Json json{{"reason", one.reason}, {"intended", to_iso8601(one.intended)}};
        if (one.done) json["done"] = to_iso8601(*one.done);
        all.push_back(std::move(json));
    }
    return all;
}

Result<http::Response> show_board(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const MacAddress mac, mac_in(call));
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const auto board, ledger->board(mac));
    if (!board) return unknown(mac.id());
    IMPRINT_TRY(const auto certificates, ledger->certificates(mac));
    IMPRINT_TRY(const auto serials, ledger->serials(mac));
    IMPRINT_TRY(const auto attempts, ledger::attempts(*ledger, mac, most_attempts));
    Json json{{"mac", mac.id()}, {"standing", text_of_word(board->state)}};
    const auto& attempt = board->attempt;
    add(json, "thing", attempt.thing);
    if (!serials.empty()) json["serial"] = serials.back().serial;
    add(json, "lot", attempt.lot);
    add(json, "chip", attempt.chip);
    json["certificates"] = certificates_json(certificates);
    json["attempts"] = Json::array();
    for (const auto& one : attempts) {
        IMPRINT_TRY(const auto effects, ledger->effects(one.id));
        json["attempts"].push_back(attempt_json(one, effects));
    }
    json["retirements"] = Json::array();
    if (!attempt.thing.empty()) {
        IMPRINT_TRY(const auto retirements, ledger->retirements(attempt.thing));
        json["retirements"] = retirements_json(retirements);
    }
    return json_response(json);
}

// "7C:DF:A1" finds what "7cdfa1" does.
std::string without_separators(const std::string& text) {
    std::string plain = lower_case(text);
    std::erase_if(plain, [](char c) { return c == ':' || c == '-'; });
    return plain;
}

Result<http::Response> find_boards(const ApiTools& tools, const Call& call) {
    const std::string text(trimmed(call.query("find")));
    if (text.empty())
        return fail(ErrorKind::usage, "bad_request", "what is to be found?",
                    "?find= and the beginning of a MAC address, thing or serial number");
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(auto macs, ledger->find_boards(text, most_found));
    const std::string plain = without_separators(text);
    if (macs.empty() && plain != text && !plain.empty()) {
        IMPRINT_TRY(macs, ledger->find_boards(plain, most_found));
    }
    Json json{{"boards", Json::array()}};
    for (const MacAddress& mac : macs) {
        IMPRINT_TRY(const auto board, ledger->board(mac));
        if (!board) continue;
        Json one{{"mac", mac.id()}, {"state", text_of_word(board->state)}};
        add(one, "thing", board->attempt.thing);
        add(one, "serial", board->attempt.serial);
        add(one, "lot", board->attempt.lot);
        if (board->attempt.ended) one["ended"] = to_iso8601(*board->attempt.ended);
        json["boards"].push_back(std::move(one));
    }
    return json_response(json);
}

Result<http::Response> print_label(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const MacAddress mac, mac_in(call));
    // What has no label is told now; what the printer says later is an event.
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const auto sheet, label::checked(tools.config.settings.label.sheet));
    IMPRINT_TRY(const auto drawing, station::label_of(*ledger, sheet, mac));
    static_cast<void>(drawing);
    IMPRINT_CHECK(tools.services.print_label(mac));
    return json_response(Json::object());
}

Result<http::Response> label_picture(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const MacAddress mac, mac_in(call));
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const auto sheet, label::checked(tools.config.settings.label.sheet));
    IMPRINT_TRY(const auto drawing, station::label_of(*ledger, sheet, mac));
    http::Response response;
    response.content_type = "image/svg+xml";
    response.headers.emplace_back("Content-Security-Policy", std::string(logins::document_policy));
    IMPRINT_TRY(response.body, label::render(label::Format::svg, std::span(&drawing, 1)));
    return response;
}

Result<http::Response> retire_board(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const MacAddress mac, mac_in(call));
    IMPRINT_TRY(const std::string reason, call.text("reason"));
    if (trimmed(reason).empty())
        return fail(ErrorKind::usage, "bad_request", "why is it retired?",
                    "say lost, returned, scrapped, or what it was");
    if (!tools.services.retire)
        return fail(ErrorKind::usage, "not_allowed", "boards are not retired at this station");
    for (const auto& bay : tools.feed.bench().bays)
        if (bay.mac == mac && is_at_work(bay.outcome))
            return fail(ErrorKind::usage, "board_at_work",
                        fmt::format("board {} is at work in bay {}", mac.id(), bay.bay),
                        "wait for its end, or stop it");
    std::string thing;
    {
        IMPRINT_TRY(const auto ledger, tools.services.open_reports());
        IMPRINT_TRY(const auto board, ledger->board(mac));
        if (!board) return unknown(mac.id());
        thing = board->attempt.thing;
    }
    IMPRINT_TRY(const auto done, tools.services.retire(thing, reason, call.login.user));
    return json_response({{"certificates", done.certificates}});
}

}  // namespace

std::vector<Route> board_routes(const ApiTools& tools) {
    const auto with = [tools](auto function) {
        return [tools, function](const Call& call) { return function(tools, call); };
    };
    return {
        {"GET", "/api/boards", Role::operator_, with(find_boards)},
        {"GET", "/api/boards/*", Role::operator_, with(show_board)},
        {"POST", "/api/boards/*/label", Role::operator_, with(print_label)},
        {"GET", "/api/boards/*/label.svg", Role::operator_, with(label_picture)},
        {"POST", "/api/boards/*/retire", Role::engineer, with(retire_board)},
    };
}

}  // namespace imprint::page
