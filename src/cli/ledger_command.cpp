#include <array>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <sstream>
#include <system_error>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/ledger_filter.h"
#include "cli/output/raw_lines.h"
#include "cli/output/text.h"
#include "ledger/sqlite_ledger.h"
#include "report/board_page.h"
#include "report/words.h"

namespace imprint::cli {

namespace {

using report::when;

// Looking neither makes a ledger nor changes one.
Result<std::unique_ptr<ledger::Reports>> open_ledger(Context& context) {
    IMPRINT_TRY(const config::Config config, context.config());
    return ledger::open_reports(config.settings.ledger.path, context.clock, {.log = context.log});
}

events::LedgerAttempt event_of(const ledger::AttemptRecord& attempt) {
    return {.attempt = attempt.id,
            .run = attempt.run,
            .mac = {attempt.mac},
            .bay = attempt.bay,
            .lot = attempt.lot,
            .chip = attempt.chip,
            .thing = attempt.thing,
            .certificate_id = attempt.certificate_id,
            .firmware = attempt.firmware,
            .firmware_commit = attempt.firmware_commit,
            .app_version = attempt.app_version,
            .started = attempt.started,
            .ended = {attempt.ended},
            .outcome = told(attempt.outcome),
            .code = attempt.error_code,
            .reason = attempt.error_message,
            .certificate_state = {attempt.certificate_state
                                      ? std::optional(told(*attempt.certificate_state))
                                      : std::nullopt},
            .station = attempt.station,
            .host = attempt.host,
            .operator_name = attempt.operator_name,
            .account = attempt.account,
            .region = attempt.region,
            .merged = attempt.merged,
            .serial = attempt.serial,
            .verdict = told(verdict_of(attempt.outcome, attempt.fault)),
            .golden = attempt.golden};
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

constexpr std::array<std::size_t, 8> list_widths = {19, 16, 8, 12, 10, 12, 10, 0};

// A line of fixed columns: a listing of any length is shown as it is read.
std::string list_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
        line +=
            i + 1 == cells.size() ? cells[i] : fmt::format("{:<{}}  ", cells[i], list_widths[i]);
    line.resize(line.find_last_not_of(' ') + 1);
    return output::printable(line) + "\n";
}

Result<int> list(Context& context, unsigned limit, const FilterWords& words) {
    IMPRINT_TRY(const ledger::Filter filter, words.read());
    IMPRINT_TRY(const auto ledger, open_ledger(context));
    output::RawLines lines(context.out);
    if (!context.json)
        lines.add(list_line({"started (UTC)", "board", "outcome", "certificate", "lot", "firmware",
                             "bay", "error"}));
    unsigned shown = 0;
    if (limit == 0) return 0;
    const auto only =
        filter.boards.size() == 1 ? std::optional(*filter.boards.begin()) : std::nullopt;
    IMPRINT_CHECK(ledger->each_attempt(only, [&](const ledger::AttemptRecord& attempt) {
        if (filter.ends_at(attempt)) return false;
        if (!filter.wants(attempt)) return true;
        if (!words.outcome.empty() && words.outcome != to_string(attempt.outcome)) return true;
        if (context.json)
            context.show(event_of(attempt), "");
        else
            lines.add(list_line({when(attempt.started),
                                 attempt.mac ? attempt.mac->id() : "(not identified)",
                                 std::string(to_string(attempt.outcome)),
                                 output::shortened(attempt.certificate_id), attempt.lot,
                                 attempt.app_version.empty() ? output::shortened(attempt.firmware)
                                                             : attempt.app_version,
                                 attempt.bay, attempt.error_code}));
        return ++shown < limit;
    }));
    return 0;
}

events::LedgerEffect event_of(const ledger::EffectRecord& effect) {
    return {.effect = effect.id,
            .run = effect.run,
            .attempt = effect.attempt.value_or(0),
            .kind = effect.kind,
            .subject = effect.subject,
            .intended = effect.intended,
            .done = {effect.done},
            .result = effect.result};
}

std::vector<std::vector<std::string>> effect_rows(
    const std::vector<ledger::EffectRecord>& effects) {
    std::vector<std::vector<std::string>> rows{{"  effect", "on", "intended", "done", "result"}};
    for (const auto& effect : effects)
        rows.push_back({"  " + effect.kind, effect.subject, when(effect.intended),
                        effect.done ? when(*effect.done) : "not known", effect.result});
    return rows;
}

Result<int> runs(Context& context, unsigned limit) {
    IMPRINT_TRY(const auto ledger, open_ledger(context));
    std::vector<std::vector<std::string>> rows{{"run", "started (UTC)", "ended", "command", "lot",
                                                "passed", "failed", "effects", "station",
                                                "operator"}};
    unsigned shown = 0;
    if (limit == 0) return 0;
    IMPRINT_CHECK(ledger->each_run([&](const ledger::RunRecord& run) {
        const std::string ended = run.ended ? when(*run.ended) : run.running ? "running" : "killed";
        if (context.json)
            context.show(events::LedgerRun{.run = run.id,
                                           .command = run.command,
                                           .version = run.version,
                                           .lot = run.lot,
                                           .started = run.started,
                                           .ended = {run.ended},
                                           .running = run.running,
                                           .passed = run.passed,
                                           .failed = run.failed,
                                           .effects = run.effects,
                                           .station = run.station,
                                           .host = run.host,
                                           .operator_name = run.operator_name,
                                           .account = run.account,
                                           .region = run.region,
                                           .merged = run.merged},
                         "");
        rows.push_back({std::to_string(run.id), when(run.started), ended, run.command, run.lot,
                        std::to_string(run.passed), std::to_string(run.failed),
                        std::to_string(run.effects), run.station.empty() ? run.host : run.station,
                        run.operator_name});
        return ++shown < limit;
    }));
    if (!context.json) context.out.raw(output::printable(output::table(rows)));
    return 0;
}

Result<int> effects(Context& context, std::int64_t run) {
    IMPRINT_TRY(const auto ledger, open_ledger(context));
    IMPRINT_TRY(const auto found, ledger->effects_of_run(run));
    if (found.empty())
        return fail(ErrorKind::ledger, "run_unknown",
                    fmt::format("the ledger knows no effects of run {}", run),
                    "imprint ledger runs lists the runs");
    if (context.json)
        for (const auto& effect : found)
            context.show(event_of(effect), "");
    else
        context.out.raw(output::printable(output::table(effect_rows(found))));
    return 0;
}

void show_files(Context& context, ledger::RunId run, const std::vector<ledger::RunFile>& files) {
    for (const auto& file : files)
        context.show(events::LedgerFile{.run = run,
                                        .path = file.path,
                                        .offset = file.offset,
                                        .size = file.size,
                                        .sha256 = file.sha256},
                     "");
}

std::string attempt_text(const ledger::AttemptRecord& attempt,
                         const std::vector<ledger::RunFile>& files,
                         const std::vector<ledger::EffectRecord>& effects) {
    std::string text = fmt::format(
        "\n{}  {}  in {}  {}\n", when(attempt.started), to_string(attempt.outcome), attempt.bay,
        attempt.ended ? "until " + when(*attempt.ended) : std::string("no end is recorded"));
    std::vector<std::vector<std::string>> rows{{"  lot", attempt.lot},
                                               {"  serial number", attempt.serial},
                                               {"  chip", attempt.chip},
                                               {"  thing", attempt.thing},
                                               {"  certificate", attempt.certificate_id},
                                               {"  firmware", attempt.firmware},
                                               {"  app version", attempt.app_version},
                                               {"  commit", attempt.firmware_commit},
                                               {"  station", attempt.station},
                                               {"  host", attempt.host},
                                               {"  operator", attempt.operator_name},
                                               {"  account", attempt.account},
                                               {"  region", attempt.region}};
    for (const auto& file : files)
        rows.push_back(
            {fmt::format("  at {:#x}", file.offset),
             fmt::format("{}, {} bytes, SHA-256 {}", file.path, file.size, file.sha256)});
    if (!attempt.error_code.empty())
        rows.push_back(
            {"  error", fmt::format("{} [{}]", attempt.error_message, attempt.error_code)});
    std::erase_if(rows, [](const auto& row) { return row[1].empty(); });
    text += output::table(rows);
    if (!effects.empty()) text += output::table(effect_rows(effects));
    return text;
}

// Of the things that the board has been.
Result<std::string> retirements(Context& context, ledger::Reports& ledger,
                                const std::vector<ledger::AttemptRecord>& attempts) {
    std::set<std::string> things;
    for (const auto& attempt : attempts)
        things.insert(attempt.thing);
    std::string text;
    for (const auto& thing : things) {
        IMPRINT_TRY(const auto records, ledger.retirements(thing));
        for (const auto& one : records) {
            if (context.json)
                context.show(events::LedgerRetirement{.thing = one.thing,
                                                      .reason = one.reason,
                                                      .intended = one.intended,
                                                      .done = {one.done},
                                                      .certificates = one.result,
                                                      .certificate_list = words_of(one.result)},
                             "");
            text += fmt::format("\n{}  retired: {}{}\n", when(one.intended), one.reason,
                                one.done ? "" : " (begun, and not finished: retire it again)");
        }
    }
    return text;
}

// What commands name, when they act on a board's identities.
std::vector<std::string> subjects_of(const std::vector<ledger::AttemptRecord>& attempts,
                                     const std::vector<ledger::CertificateRecord>& certificates) {
    std::set<std::string> subjects;
    for (const auto& attempt : attempts)
        if (!attempt.thing.empty()) subjects.insert(attempt.thing);
    for (const auto& certificate : certificates)
        if (!certificate.id.empty()) subjects.insert(certificate.id);
    return {subjects.begin(), subjects.end()};
}

std::unexpected<Error> board_unknown(const MacAddress& mac) {
    return fail(ErrorKind::ledger, "board_unknown",
                fmt::format("the ledger knows no board {}", mac.id()));
}

Result<int> write_page(Context& context, ledger::Reports& ledger, const MacAddress& mac,
                       const std::string& file) {
    if (context.json && file == "-")
        return fail(ErrorKind::usage, "bad_usage", "--html - and --json both are the output",
                    "write the page to a file");
    IMPRINT_TRY(const auto page, report::board_page(ledger, mac, context.clock.wall()));
    if (!page) return board_unknown(mac);
    if (file == "-") {
        context.out.raw(*page);
        return 0;
    }
    IMPRINT_CHECK(write_file(file, *page));
    context.show(events::FileWritten{.path = file}, fmt::format("wrote {}\n", file));
    return 0;
}

Result<int> show(Context& context, const std::string& text, const std::string& html) {
    IMPRINT_TRY(const MacAddress mac, read_mac(text));
    IMPRINT_TRY(const auto ledger, open_ledger(context));
    if (!html.empty()) return write_page(context, *ledger, mac, html);
    IMPRINT_TRY(const auto attempts, ledger::attempts(*ledger, mac));
    IMPRINT_TRY(const auto certificates, ledger->certificates(mac));
    if (attempts.empty()) return board_unknown(mac);
    std::vector<std::vector<std::string>> rows{{"certificate", "state", "asked for", "policy"}};
    for (const auto& certificate : certificates) {
        if (context.json)
            context.show(
                events::LedgerCertificate{.mac = mac,
                                          .certificate_id = certificate.id,
                                          .state = told(certificate.state),
                                          .requested = certificate.requested_at,
                                          .policy = certificate.policy,
                                          .deactivation_owed = certificate.deactivation_owed},
                "");
        rows.push_back({certificate.id.empty() ? "(no answer came)" : certificate.id,
                        std::string(to_string(certificate.state)) +
                            (certificate.deactivation_owed ? ", deactivation owed" : ""),
                        when(certificate.requested_at), certificate.policy});
    }
    std::string told =
        fmt::format("board {}\n\n{}", mac.id(),
                    certificates.empty() ? "no certificate was asked for\n" : output::table(rows));
    IMPRINT_TRY(const auto serials, ledger->serials(mac));
    for (const auto& serial : serials)
        told += fmt::format("\nserial number {}, {} in lot {}\n", serial.serial,
                            to_string(serial.state), serial.lot);
    IMPRINT_TRY(const std::string retired, retirements(context, *ledger, attempts));
    told += retired;
    IMPRINT_TRY(const auto since, ledger->effects_on(subjects_of(attempts, certificates)));
    if (context.json)
        for (const auto& effect : since)
            context.show(event_of(effect), "");
    if (!since.empty())
        told += "\nby commands after the factory\n" + output::table(effect_rows(since));
    for (const auto& attempt : attempts) {
        IMPRINT_TRY(const auto files, ledger->files(attempt.run));
        if (context.json) show_files(context, attempt.run, files);
        IMPRINT_TRY(const auto effects, ledger->effects(attempt.id));
        if (context.json) context.show(event_of(attempt), "");
        told += attempt_text(attempt, files, effects);
    }
    if (!context.json) context.out.raw(output::printable(told));
    return 0;
}

}  // namespace

void add_ledger(Command& root) {
    Command group = root.command("ledger", "The station's record: what was intended, done, proven.",
                                 "imprint ledger list");

    const auto limit = std::make_shared<unsigned>(100);
    Command listing = group.command("list", "Boards that were prepared, newest first.",
                                    "imprint ledger list --limit 20");
    listing.option({"--limit", "N", "how many at the most (100)"}, limit.get());
    const auto filter = add_filter(listing, {"passed", "failed", "skipped", "stopped", "empty",
                                             "running", "killed", "replaced"});
    listing.config_options().common_options().act(
        [limit, filter](Context& context) { return list(context, *limit, *filter); });
    add_ledger_export(group);
    add_ledger_backup(group);

    Command commands = group.command("runs", "Commands that acted on something, newest first.",
                                     "imprint ledger runs --limit 20");
    const auto most = std::make_shared<unsigned>(100);
    commands.option({"--limit", "N", "how many at the most (100)"}, most.get());
    commands.config_options().common_options().act(
        [most](Context& context) { return runs(context, *most); });

    const auto run = std::make_shared<unsigned>(0);
    Command acting = group.command("effects", "What one run did outside, in order.",
                                   "imprint ledger effects 17");
    acting.option({"RUN", "RUN", "its number in `imprint ledger runs`", true}, run.get());
    acting.config_options().common_options().act(
        [run](Context& context) { return effects(context, *run); });

    const auto mac = std::make_shared<std::string>();
    Command showing = group.command("show", "Everything about one board.",
                                    "imprint ledger show 24:6f:28:a1:b2:c3\n"
                                    "imprint ledger show 24:6f:28:a1:b2:c3 --html board.html");
    showing.option({"MAC", "MAC", "the board's MAC address", true}, mac.get());
    const auto html = std::make_shared<std::string>();
    showing.option({"--html", "FILE", "as one page that needs nothing else; -: standard output"},
                   html.get());
    showing.config_options().common_options().act(
        [mac, html](Context& context) { return show(context, *mac, *html); });
}

}  // namespace imprint::cli
