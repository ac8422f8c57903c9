// Lots: what they are, how far they are, their boards and reports.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <utility>

#include "events/csv.h"
#include "page/api_tools.h"
#include "prepare/lot_words.h"
#include "report/lot_page.h"
#include "report/words.h"

namespace imprint::page {

namespace {

using ledger::LotState;
using logins::Role;
using report::ToldLot;

constexpr std::size_t most_boards = 500;

Result<ToldLot> lot_of(const Call& call, ledger::LotReports& ledger) {
    return report::tell_of_lot(ledger, call.names[0]);
}

// From the query; `usual` if it is not there.
std::size_t count_of(const Call& call, std::string_view name, std::size_t usual) {
    const std::string text = call.query(name);
    std::size_t count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    return read.ec == std::errc() && count > 0 ? std::min(count, most_boards) : usual;
}

Json figures_json(const report::LotFigures& figures) {
    Json json;
    if (const auto median = figures.seconds_of_share(0.5)) json["median_seconds"] = *median;
    if (const auto slowest = figures.seconds_of_share(0.95)) json["slowest_seconds"] = *slowest;
    if (const auto pace = figures.boards_an_hour()) json["an_hour"] = *pace;
    json["spans"] = Json::array();
    const auto spans = figures.spans();
    const auto hours =
        spans.size() < 2
            ? 1
            : std::chrono::round<std::chrono::hours>(spans[1].start - spans[0].start).count();
    for (const auto& span : spans)
        json["spans"].push_back({{"start", to_iso8601(span.start)},
                                 {"hours", hours},
                                 {"first_passed", span.first_passed},
                                 {"first_failed", span.first_failed}});
    json["causes"] = Json::array();
    for (const auto& cause : figures.causes()) {
        Json one{{"code", cause.code},
                 {"meaning", report::meaning_of(cause.code)},
                 {"fault", cause.fault == ledger::Fault::station ? "station" : "board"},
                 {"attempts", cause.attempts},
                 {"bays", Json::array()},
                 {"boards", cause.boards}};
        for (const auto& [bay, attempts] : cause.bays)
            one["bays"].push_back({{"bay", bay}, {"attempts", attempts}});
        json["causes"].push_back(std::move(one));
    }
    json["repaired"] = figures.repaired();
    json["stations"] = figures.stations();
    return json;
}

Result<http::Response> list_lots(const ApiTools& tools, const Call& call) {
    const bool closed = !call.query("closed").empty() && call.query("closed") != "0";
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const auto lots, ledger->lots());
    Json json{{"lots", Json::array()}};
    for (const auto& lot : lots) {
        if (!closed && lot.state == LotState::closed) continue;
        IMPRINT_TRY(const auto counts, ledger->lot_counts(lot.facts.name));
        json["lots"].push_back(json_of(ToldLot{lot, true, counts}));
    }
    return json_response(json);
}

Result<http::Response> show_lot(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const ToldLot lot, lot_of(call, *ledger));
    IMPRINT_TRY(const auto figures, report::read_figures(*ledger, lot.lot.facts.name));
    Json json = json_of(lot);
    json["figures"] = figures_json(figures);
    return json_response(json);
}

Result<prepare::LotWords> words_of(const Call& call) {
    prepare::LotWords words;
    const std::pair<const char*, std::string*> texts[] = {{"code", &words.code},
                                                          {"target", &words.target},
                                                          {"chip", &words.chip},
                                                          {"least_revision", &words.least_revision},
                                                          {"most_revision", &words.most_revision},
                                                          {"flash_size", &words.flash_size},
                                                          {"firmware", &words.firmware},
                                                          {"serial", &words.serial},
                                                          {"first_number", &words.first_number},
                                                          {"failed_serial", &words.failed_serial}};
    for (const auto& [name, text] : texts) {
        IMPRINT_TRY(*text, call.text(name));
    }
    const auto golden = call.body.find("golden");
    if (golden == call.body.end() || golden->is_null()) return words;
    words.no_golden = true;  // those that are given are all that there are
    if (!golden->is_array())
        return fail(ErrorKind::usage, "bad_request", "\"golden\" is no array of MAC addresses");
    for (const auto& mac : *golden) {
        if (!mac.is_string())
            return fail(ErrorKind::usage, "bad_request", "\"golden\" is no array of MAC addresses");
        words.golden.push_back(mac.get<std::string>());
    }
    return words;
}

Result<http::Response> answer_changed(const ApiTools& tools, ledger::Ledger& ledger,
                                      const std::string& name) {
    tools.lots.look_soon();
    IMPRINT_TRY(const ToldLot lot, report::tell_of_lot(ledger, name));
    return json_response(json_of(lot));
}

Result<http::Response> open_lot(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(auto words, words_of(call));
    IMPRINT_TRY(words.name, call.text("name"));
    if (words.name.empty())
        return fail(ErrorKind::usage, "bad_request", "a lot needs a name", "\"name\" has it");
    IMPRINT_TRY(const auto facts, prepare::read_lot_words(words, {}, tools.config.settings));
    IMPRINT_TRY(const auto ledger, tools.services.open_ledger());
    IMPRINT_CHECK(ledger->open_lot(facts));
    return answer_changed(tools, *ledger, facts.name);
}

Result<http::Response> change_lot(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(auto words, words_of(call));
    IMPRINT_TRY(const auto ledger, tools.services.open_ledger());
    IMPRINT_TRY(const auto lot, report::opened_lot(*ledger, call.names[0]));
    words.name = lot.facts.name;
    IMPRINT_TRY(const auto facts, prepare::read_lot_words(words, lot.facts, tools.config.settings));
    IMPRINT_CHECK(ledger->change_lot(facts));
    return answer_changed(tools, *ledger, facts.name);
}

Route state(const ApiTools& tools, std::string_view path, LotState state, Role role) {
    return {"POST", path, role, [tools, state](const Call& call) -> Result<http::Response> {
                IMPRINT_TRY(const auto ledger, tools.services.open_ledger());
                IMPRINT_TRY(const auto lot, report::opened_lot(*ledger, call.names[0]));
                IMPRINT_CHECK(ledger->set_lot_state(lot.facts.name, state));
                return answer_changed(tools, *ledger, lot.facts.name);
            }};
}

// An hour's, or a span's, first judgement.
std::optional<WallTime> first_judged(const ledger::LotBoard& board) {
    for (const auto& attempt : board.attempts) {
        const auto verdict = ledger::verdict_of(attempt.outcome, attempt.fault);
        if (!attempt.golden &&
            (verdict == ledger::Verdict::passed || verdict == ledger::Verdict::failed))
            return attempt.ended.value_or(attempt.started);
    }
    return std::nullopt;
}

// Which boards of a lot are wanted.
struct Wanted {
    std::string verdict;
    std::string code;
    std::string bay;
    std::optional<WallTime> from;
    std::optional<WallTime> to;

    [[nodiscard]] static Result<Wanted> of(const Call& call) {
        Wanted wanted{call.query("verdict"), call.query("code"), call.query("bay"), {}, {}};
        const std::string hour = call.query("hour");
        if (hour.empty()) return wanted;
        wanted.from = parse_iso8601(hour);
        if (!wanted.from)
            return fail(ErrorKind::usage, "bad_request", "\"hour\" is no time",
                        "as `start` of a span has it");
        wanted.to = *wanted.from + std::chrono::hours(count_of(call, "hours", 1));
        return wanted;
    }

    [[nodiscard]] bool fits(const ledger::LotBoard& board) const {
        if (!verdict.empty() && verdict != to_string(board.standing.now())) return false;
        const auto fits_attempt = [this](const auto& attempt) {
            return (code.empty() || code == attempt.error_code) &&
                   (bay.empty() || bay == attempt.bay);
        };
        if (!std::ranges::any_of(board.attempts, fits_attempt)) return false;
        if (!from) return true;
        const auto judged = first_judged(board);
        return judged && *judged >= *from && *judged < *to;
    }
};

Json board_json(const std::string& lot, const ledger::LotBoard& board) {
    Json json = members_of(report::lot_board_event(lot, board));
    const auto& attempt = board.deciding();
    if (attempt.ended)
        json["seconds"] = std::chrono::duration<double>(*attempt.ended - attempt.started).count();
    return json;
}

Result<http::Response> boards(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const Wanted wanted, Wanted::of(call));
    const std::size_t most = count_of(call, "most", 100);
    const auto after = parse_mac(call.query("after"));
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const ToldLot lot, lot_of(call, *ledger));
    const std::string& name = lot.lot.facts.name;
    Json json{{"boards", Json::array()}, {"more", false}};
    IMPRINT_CHECK(ledger->each_lot_board(name, [&](const ledger::LotBoard& board) {
        if ((after && board.mac <= *after) || !wanted.fits(board)) return true;
        if (json["boards"].size() == most) {
            json["more"] = true;
            return false;
        }
        json["boards"].push_back(board_json(name, board));
        return true;
    }));
    return json_response(json);
}

// One attempt as its board's row.
Json attempt_row(const std::string& lot, const ledger::AttemptRecord& attempt, std::size_t number) {
    ledger::LotBoard alone;
    alone.mac = attempt.mac.value_or(MacAddress());
    alone.golden = attempt.golden;
    alone.standing.add(ledger::verdict_of(attempt.outcome, attempt.fault), false);
    alone.attempts.push_back(attempt);
    Json json = board_json(lot, alone);
    json["attempts"] = number;
    if (!attempt.mac) json["mac"] = "";
    return json;
}

Result<http::Response> latest(const ApiTools& tools, const Call& call) {
    const std::size_t most = count_of(call, "most", 50);
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const ToldLot lot, lot_of(call, *ledger));
    const std::string& name = lot.lot.facts.name;
    std::vector<std::pair<WallTime, Json>> rows;
    const auto is_later = [](const auto& a, const auto& b) { return a.first > b.first; };
    const auto add = [&](const ledger::AttemptRecord& attempt, std::size_t number) {
        if (rows.size() == most && attempt.started <= rows.back().first) return;
        std::pair<WallTime, Json> row{attempt.started, attempt_row(name, attempt, number)};
        rows.insert(std::ranges::upper_bound(rows, row, is_later), std::move(row));
        if (rows.size() > most) rows.pop_back();
    };
    IMPRINT_CHECK(ledger->each_lot_board(name, [&](const ledger::LotBoard& board) {
        for (std::size_t i = 0; i < board.attempts.size(); ++i)
            add(board.attempts[i], i + 1);
        return true;
    }));
    IMPRINT_CHECK(ledger->each_unidentified(name, [&](const ledger::AttemptRecord& attempt) {
        add(attempt, 1);
        return true;
    }));
    Json json{{"boards", Json::array()}};
    for (auto& [started, row] : rows)
        json["boards"].push_back(std::move(row));
    return json_response(json);
}

http::Response download(std::string name, std::string content_type, std::string body) {
    http::Response response;
    response.content_type = std::move(content_type);
    response.headers.emplace_back("Content-Disposition",
                                  fmt::format("attachment; filename=\"{}\"", name));
    response.body = std::move(body);
    return response;
}

// A lot's name as a file's: of what a header cannot have, and a file should not.
std::string file_name(const std::string& lot, std::string_view ending) {
    std::string name = lot;
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.')
            c = '_';
    return name + std::string(ending);
}

Result<http::Response> report_html(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const ToldLot lot, lot_of(call, *ledger));
    IMPRINT_TRY(const auto figures, report::read_figures(*ledger, lot.lot.facts.name));
    report::LotPage page{.name = lot.lot.facts.name, .lot = {}, .made = tools.clock.wall()};
    if (lot.is_open_one) page.lot = lot.lot;
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", std::string(logins::document_policy));
    IMPRINT_CHECK(
        report::write_lot_page(page, figures, *ledger, [&](std::string_view piece) -> Result<void> {
            response.body += piece;
            return {};
        }));
    return response;
}

Result<http::Response> report_csv(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const ToldLot lot, lot_of(call, *ledger));
    const std::string& name = lot.lot.facts.name;
    std::string text = events::csv_head<events::LotBoard>();
    IMPRINT_CHECK(ledger->each_lot_board(name, [&](const ledger::LotBoard& board) {
        text += events::csv_line(report::lot_board_event(name, board));
        return true;
    }));
    return download(file_name(name, ".csv"), "text/csv; charset=utf-8", std::move(text));
}

Result<http::Response> report_json(const ApiTools& tools, const Call& call) {
    IMPRINT_TRY(const auto ledger, tools.services.open_reports());
    IMPRINT_TRY(const ToldLot lot, lot_of(call, *ledger));
    const std::string& name = lot.lot.facts.name;
    // As text, board by board: its size grows with the lot, and a tree of it would be many times
    // that.
    std::string text = "{\"lot\":" + text_of(json_of(lot)) + ",\"boards\":[";
    bool is_first = true;
    IMPRINT_CHECK(ledger->each_lot_board(name, [&](const ledger::LotBoard& board) {
        text += std::exchange(is_first, false) ? "" : ",";
        text += text_of(members_of(report::lot_board_event(name, board)));
        return true;
    }));
    return download(file_name(name, ".json"), "application/json", text + "]}");
}

}  // namespace

std::vector<Route> lot_routes(const ApiTools& tools) {
    const auto with = [tools](auto function) {
        return [tools, function](const Call& call) { return function(tools, call); };
    };
    return {
        {"GET", "/api/lots", Role::operator_, with(list_lots)},
        {"POST", "/api/lots", Role::engineer, with(open_lot)},
        {"GET", "/api/lots/*", Role::operator_, with(show_lot)},
        {"POST", "/api/lots/*", Role::engineer, with(change_lot)},
        state(tools, "/api/lots/*/pause", LotState::paused, Role::operator_),
        state(tools, "/api/lots/*/resume", LotState::open, Role::engineer),
        state(tools, "/api/lots/*/close", LotState::closed, Role::engineer),
        {"GET", "/api/lots/*/boards", Role::operator_, with(boards)},
        {"GET", "/api/lots/*/latest", Role::operator_, with(latest)},
        {"GET", "/api/lots/*/report.html", Role::operator_, with(report_html)},
        {"GET", "/api/lots/*/report.csv", Role::operator_, with(report_csv)},
        {"GET", "/api/lots/*/report.json", Role::operator_, with(report_json)},
    };
}

}  // namespace imprint::page
