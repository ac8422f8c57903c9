#include "report/lot_page.h"

#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "report/lot_plots.h"
#include "report/words.h"

namespace imprint::report {

namespace {

using ledger::Verdict;

std::string figure(std::string_view what, const std::string& value, const std::string& below) {
    return fmt::format("<section class=\"figure\"><h2>{}</h2><b>{}</b><span>{}</span></section>",
                       what, value, below);
}

std::string figures_html(const LotPage& page, const LotFigures& figures) {
    const auto& counts = figures.counts();
    const auto yield = counts.first_pass_yield();
    const auto median = figures.seconds_of_share(0.5);
    const auto most = figures.seconds_of_share(0.95);
    const auto hourly = figures.boards_an_hour();
    const std::int64_t target = page.lot ? page.lot->facts.target : 0;
    std::string html =
        figure("Passed",
               target > 0 ? fmt::format("{} of {}", counts.passed, target)
                          : fmt::format("{}", counts.passed),
               fmt::format("{} failed, {} error, {} aborted, {} at work", counts.failed,
                           counts.error, counts.aborted, counts.running));
    html += figure("First-pass yield", yield ? fmt::format("{:.1f} %", *yield * 100) : "–",
                   fmt::format("{} of {} judged boards passed at once", counts.first_passed,
                               counts.first_passed + counts.first_failed));
    html += figure("Cycle time", median ? fmt::format("{:.1f} s", *median) : "–",
                   most ? fmt::format("median of a pass; 19 of 20 within {:.1f} s", *most)
                        : std::string("no board has passed"));
    return html + figure("Throughput", hourly ? fmt::format("{:.0f}/h", *hourly) : "–",
                         fmt::format("in the hours in which boards passed, at {} station{}",
                                     figures.stations(), figures.stations() == 1 ? "" : "s"));
}

std::string boards_of(const Cause& cause) {
    std::string html;
    for (const std::string& mac : cause.boards)
        html +=
            fmt::format("{}<a class=\"m\" href=\"#{}\">{}</a>", html.empty() ? "" : " ", mac, mac);
    if (cause.more_boards > 0) html += fmt::format(" and {} more", cause.more_boards);
    return html;
}

std::string causes_html(const std::vector<Cause>& causes) {
    if (causes.empty()) return {};
    std::string html =
        "<section><h2>Causes, with the bays and boards behind them</h2><div class=\"scroll\" "
        "tabindex=\"0\" role=\"region\" aria-label=\"Causes\">"
        "<table><tr><th>Cause</th><th>Whose</th><th>Attempts</th><th>Bays</th><th>Boards</th>"
        "</tr>";
    for (const Cause& cause : causes) {
        std::string bays;
        for (const auto& [bay, attempts] : cause.bays)
            bays += fmt::format("{}{} × {}", bays.empty() ? "" : ", ", escaped(bay), attempts);
        html += fmt::format(
            "<tr><td><span class=\"m\">{}</span><br>{}</td><td>{}</td><td>{}</td><td>{}</td>"
            "<td>{}</td></tr>",
            escaped(cause.code), escaped(meaning_of(cause.code)),
            cause.fault == ledger::Fault::station ? "the station" : "the board", cause.attempts,
            bays, boards_of(cause));
    }
    return html + "</table></div></section>";
}

std::string facts_html(const LotPage& page, const LotFigures& figures) {
    std::string html;
    const auto add = [&html](std::string_view what, const std::string& text) {
        if (!text.empty()) html += fmt::format("<dt>{}</dt><dd>{}</dd>", what, escaped(text));
    };
    for (const auto& [digest, version] : figures.firmware())
        add("firmware", version.empty() ? digest : fmt::format("{}: {}", digest, version));
    if (figures.counts().unidentified > 0)
        add("without a board", fmt::format("{} attempts failed before their board was known",
                                           figures.counts().unidentified));
    if (figures.counts().golden > 0)
        add("golden samples tried", fmt::format("{}", figures.counts().golden));
    if (page.lot) {
        const auto& facts = page.lot->facts;
        const auto& limits = facts.limits;
        add("code", facts.code);
        add("allowed chip", limits.chip);
        if (limits.least_revision)
            add("allowed from revision", revision_text(*limits.least_revision));
        if (limits.most_revision) add("allowed to revision", revision_text(*limits.most_revision));
        if (limits.flash_size != 0)
            add("allowed flash", fmt::format("{} KB", limits.flash_size / 1024));
        add("allowed firmware", limits.firmware);
        add("serial numbers", facts.serial_template);
        std::string golden;
        for (const MacAddress& mac : facts.golden)
            golden += (golden.empty() ? "" : ", ") + mac.id();
        add("golden samples", golden);
    }
    if (html.empty()) return {};
    return "<section><h2>The lot</h2><dl>" + html + "</dl></section>";
}

std::string head(const LotPage& page) {
    std::string state = "nobody has opened it: a text of its attempts";
    if (page.lot) {
        state = fmt::format("opened {}", when(page.lot->opened));
        if (page.lot->state != ledger::LotState::open)
            state +=
                fmt::format(", {} since {}", to_string(page.lot->state), when(page.lot->since));
    }
    return page_head(fmt::format("Lot {}", page.name), state, page.made);
}

std::string row(const ledger::LotBoard& board) {
    const auto& attempt = board.deciding();
    const Shown verdict = shown(board.standing.now());
    const std::string mac = board.mac.id();
    const std::string cause =
        board.standing.now() == Verdict::passed
            ? std::string()
            : fmt::format("<span title=\"{}\">{}</span>", escaped(attempt.error_message),
                          escaped(attempt.error_code));
    return fmt::format(
        "<tr id=\"{}\"><td class=\"n {}\">{} {}{}</td><td class=\"m n\">{}</td>"
        "<td class=\"m n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td>"
        "<td>{}</td><td class=\"m n\" title=\"{}\">{}</td><td class=\"m n\" title=\"{}\">{}</td>"
        "<td class=\"m n\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        mac, verdict.style, verdict.sign, verdict.word, board.golden ? ", golden sample" : "", mac,
        escaped(attempt.serial), when(attempt.started),
        attempt.ended ? when(*attempt.ended).substr(11) : std::string(), board.standing.attempts(),
        escaped(attempt.thing), escaped(attempt.certificate_id),
        escaped(attempt.certificate_id.substr(0, 12)), escaped(attempt.firmware),
        escaped(attempt.firmware.substr(0, 12)), escaped(attempt.firmware_commit.substr(0, 12)),
        escaped(attempt.operator_name), escaped(attempt.bay),
        escaped(attempt.station.empty() ? attempt.host : attempt.station), cause);
}

constexpr std::string_view table_head =
    "<section class=\"boards\"><h2>Boards, by the attempt that says how they stand</h2>"
    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Boards\">"
    "<table><thead><tr><th>Verdict</th><th>Board</th><th>Serial number</th>"
    "<th>Began</th><th>Ended</th><th>Attempts</th><th>Thing</th><th>Certificate</th>"
    "<th>Firmware</th><th>Commit</th><th>Operator</th><th>Bay</th><th>Station</th><th>Cause</th>"
    "</tr></thead><tbody>\n";

}  // namespace

Result<LotFigures> read_figures(ledger::LotReports& ledger, const std::string& lot) {
    LotFigures figures;
    IMPRINT_CHECK(ledger.each_lot_board(lot, [&](const ledger::LotBoard& board) {
        figures.add(board);
        return true;
    }));
    IMPRINT_CHECK(ledger.each_unidentified(lot, [&](const ledger::AttemptRecord& attempt) {
        figures.add_unidentified(attempt);
        return true;
    }));
    return figures;
}

Result<void> write_lot_page(const LotPage& page, const LotFigures& figures,
                            ledger::LotReports& ledger, const Sink& sink) {
    const auto causes = figures.causes();
    IMPRINT_CHECK(sink(head(page) + figures_html(page, figures)));
    IMPRINT_CHECK(
        sink(fmt::format("<section class=\"left\"><h2>Boards and first-pass yield</h2>{}</section>"
                         "<section class=\"right\"><h2>Why attempts failed</h2>{}</section>{}{}",
                         plot_of_spans(figures.spans()), plot_of_causes(causes),
                         causes_html(causes), facts_html(page, figures))));
    IMPRINT_CHECK(sink(table_head));
    Result<void> written;
    IMPRINT_CHECK(ledger.each_lot_board(page.name, [&](const ledger::LotBoard& board) {
        written = sink(row(board));
        return written.has_value();
    }));
    IMPRINT_CHECK(written);
    return sink("</tbody></table></div></section></main></body></html>\n");
}

}  // namespace imprint::report
