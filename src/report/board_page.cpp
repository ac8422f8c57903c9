#include "report/board_page.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "report/html.h"
#include "report/words.h"

namespace imprint::report {

namespace {

// Older ones are counted.
constexpr std::size_t most_attempts = 100;

class Facts {
  public:
    void add(std::string_view what, std::string_view text) {
        if (!text.empty()) html_ += fmt::format("<dt>{}</dt><dd>{}</dd>", what, escaped(text));
    }

    [[nodiscard]] std::string html() const { return "<dl>" + html_ + "</dl>"; }

  private:
    std::string html_;
};

double seconds(WallTime::duration time) {
    return std::chrono::duration<double>(time).count();
}

// Each effect from its intention to its answer, over the attempt's time: what went over the wire
// full, what was asked of the cloud paler.
std::string time_line(const ledger::AttemptRecord& attempt,
                      const std::vector<ledger::EffectRecord>& effects) {
    if (effects.empty()) return {};
    constexpr double names = 110;
    constexpr double width = 480;
    constexpr double row = 20;
    const WallTime end = attempt.ended.value_or(effects.back().intended);
    const double whole = std::max(0.001, seconds(end - attempt.started));
    const auto place = [&](WallTime time) {
        return (width - names - 100) *
               std::clamp(seconds(time - attempt.started) / whole, 0.0, 1.0);
    };
    std::string svg = fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"Steps over {:.1f} seconds\">",
        width, row * static_cast<double>(effects.size()), whole);
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const auto& effect = effects[i];
        const double y = row * static_cast<double>(i);
        const double from = place(effect.intended);
        const double to = place(effect.done.value_or(effect.intended));
        svg += fmt::format(
            "<g><title>{} {}</title>"
            "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>"
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" rx=\"2\" "
            "fill=\"var(--work)\" opacity=\"{}\"/>"
            "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text></g>",
            escaped(effect.kind), escaped(effect.subject), names - 8, y + 14, escaped(effect.kind),
            names + from, y + 4, std::max(2.0, to - from),
            is_on_the_wire(effect.kind) ? "1" : "0.45", names + std::max(to, from + 2) + 6, y + 14,
            effect.done ? fmt::format("{:.1f} s", seconds(*effect.done - effect.intended))
                        : std::string("no answer is known"));
    }
    return svg + "</svg>";
}

std::string attempt_html(const ledger::AttemptRecord& attempt,
                         const std::vector<ledger::EffectRecord>& effects) {
    const Shown verdict = shown(ledger::verdict_of(attempt.outcome, attempt.fault));
    Facts facts;
    facts.add("outcome", to_string(attempt.outcome));
    facts.add("until", attempt.ended ? when(*attempt.ended) : "no end is recorded");
    facts.add("lot", attempt.lot);
    facts.add("serial number", attempt.serial);
    facts.add("golden sample", attempt.golden ? "yes: counts for nothing" : "");
    facts.add("thing", attempt.thing);
    facts.add("certificate", attempt.certificate_id);
    facts.add("chip", attempt.chip);
    facts.add("firmware", attempt.firmware);
    facts.add("app version", attempt.app_version);
    facts.add("commit", attempt.firmware_commit);
    facts.add("bay", attempt.bay);
    facts.add("station", attempt.station);
    facts.add("host", attempt.host);
    facts.add("operator", attempt.operator_name);
    facts.add("account", attempt.account);
    facts.add("region", attempt.region);
    if (!attempt.error_code.empty())
        facts.add("error", fmt::format("{} [{}]", attempt.error_message, attempt.error_code));
    return fmt::format(
        "<section class=\"left\"><h2>{} <span class=\"{}\">{} {}</span></h2>{}</section>"
        "<section class=\"right\"><h2>Steps</h2>{}</section>",
        when(attempt.started), verdict.style, verdict.sign, verdict.word, facts.html(),
        effects.empty() ? "<p class=\"small\">Nothing was done outside.</p>"
                        : time_line(attempt, effects));
}

std::string certificates_html(const std::vector<ledger::CertificateRecord>& certificates) {
    if (certificates.empty()) return {};
    std::string html =
        "<section><h2>Certificates</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Certificates\"><table><tr><th>Certificate</th>"
        "<th>State</th><th>Asked for</th><th>Thing</th><th>Policy</th></tr>";
    for (const auto& one : certificates)
        html += fmt::format(
            "<tr><td class=\"m\">{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td>"
            "</tr>",
            one.id.empty() ? "no answer came" : escaped(one.id), to_string(one.state),
            when(one.requested_at), escaped(one.thing), escaped(one.policy));
    return html + "</table></div></section>";
}

std::string identity_html(const ledger::BoardRecord& board,
                          const std::vector<ledger::SerialRecord>& serials) {
    Facts facts;
    facts.add("stands", to_string(board.state));
    facts.add("lot", board.attempt.lot);
    for (const auto& serial : serials)
        facts.add("serial number", fmt::format("{}, {} in lot {}", serial.serial,
                                               to_string(serial.state), serial.lot));
    if (board.certificate) {
        facts.add("thing", board.certificate->thing);
        facts.add("certificate in force", board.certificate->id);
    }
    facts.add("endpoint", board.attempt.endpoint);
    facts.add("attempts", fmt::format("{}", board.attempts));
    return "<section><h2>The board</h2>" + facts.html() + "</section>";
}

}  // namespace

Result<std::optional<std::string>> board_page(ledger::Reports& ledger, const MacAddress& mac,
                                              WallTime made) {
    IMPRINT_TRY(const auto board, ledger.board(mac));
    if (!board) return std::optional<std::string>{};
    IMPRINT_TRY(const auto certificates, ledger.certificates(mac));
    IMPRINT_TRY(const auto serials, ledger.serials(mac));
    IMPRINT_TRY(const auto attempts, ledger::attempts(ledger, mac, most_attempts));
    std::string html =
        page_head("Board " + mac.colons(), fmt::format("lot {}", board->attempt.lot), made);
    html += identity_html(*board, serials) + certificates_html(certificates);
    for (const auto& attempt : attempts) {
        IMPRINT_TRY(const auto effects, ledger.effects(attempt.id));
        html += attempt_html(attempt, effects);
    }
    if (board->attempts > attempts.size())
        html += fmt::format(
            "<section><p class=\"small\">{} earlier attempts are not shown.</p>"
            "</section>",
            board->attempts - attempts.size());
    return std::optional(html + "</main></body></html>\n");
}

}  // namespace imprint::report
