#include <fmt/format.h>
#include <memory>
#include <set>
#include <sstream>
#include <system_error>

#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/output/text.h"
#include "ledger/ledger.h"

namespace imprint::cli {

namespace {

std::string shortened(const std::string& id) {
    constexpr std::size_t kept = 12;
    return id.substr(0, kept);
}

// "2026-07-14 09:30:00"
std::string when(WallTime time) {
    std::string text = to_iso8601(time).substr(0, 19);
    text[10] = ' ';
    return text;
}

// Looking does not make a ledger.
Result<ledger::Ledger> open_ledger(Context& context) {
    IMPRINT_TRY(const station::Config config, context.config());
    const auto& path = config.settings.ledger.path;
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return fail(ErrorKind::ledger, "ledger_missing",
                    fmt::format("there is no ledger at {}", path.string()),
                    "the first `imprint prepare` makes it; or name another with --ledger");
    return ledger::Ledger::open(path, context.clock);
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
            .reason = attempt.error_message};
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

Result<int> list(Context& context, unsigned limit) {
    IMPRINT_TRY(auto ledger, open_ledger(context));
    IMPRINT_TRY(const auto attempts, ledger.attempts({}, limit));
    std::vector<std::vector<std::string>> rows{
        {"started", "board", "outcome", "certificate", "lot", "firmware", "bay", "error"}};
    for (const auto& attempt : attempts) {
        if (context.json) context.show(event_of(attempt), "");
        rows.push_back(
            {when(attempt.started), attempt.mac ? attempt.mac->id() : "(not identified)",
             std::string(to_string(attempt.outcome)), shortened(attempt.certificate_id),
             attempt.lot,
             attempt.app_version.empty() ? shortened(attempt.firmware) : attempt.app_version,
             attempt.bay, attempt.error_code});
    }
    if (!context.json) context.out.raw(output::printable(output::table(rows)));
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
                                               {"  chip", attempt.chip},
                                               {"  thing", attempt.thing},
                                               {"  certificate", attempt.certificate_id},
                                               {"  firmware", attempt.firmware},
                                               {"  app version", attempt.app_version},
                                               {"  commit", attempt.firmware_commit}};
    for (const auto& file : files)
        rows.push_back(
            {fmt::format("  at {:#x}", file.offset),
             fmt::format("{}, {} bytes, SHA-256 {}", file.path, file.size, file.sha256)});
    if (!attempt.error_code.empty())
        rows.push_back(
            {"  error", fmt::format("{} [{}]", attempt.error_message, attempt.error_code)});
    std::erase_if(rows, [](const auto& row) { return row[1].empty(); });
    text += output::table(rows);
    rows = {{"  effect", "on", "intended", "done", "result"}};
    for (const auto& effect : effects)
        rows.push_back({"  " + effect.kind, effect.subject, when(effect.intended),
                        effect.done ? when(*effect.done) : "not known", effect.result});
    return text + output::table(rows);
}

// Of the things that the board has been.
Result<std::string> retirements(Context& context, ledger::Ledger& ledger,
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

Result<int> show(Context& context, const std::string& text) {
    const auto mac = parse_mac(text);
    if (!mac)
        return fail(ErrorKind::usage, "bad_mac", fmt::format("\"{}\" is no MAC address", text),
                    "12 hex digits, with or without colons");
    IMPRINT_TRY(auto ledger, open_ledger(context));
    IMPRINT_TRY(const auto attempts, ledger.attempts(mac));
    IMPRINT_TRY(const auto certificates, ledger.certificates(*mac));
    if (attempts.empty())
        return fail(ErrorKind::ledger, "board_unknown",
                    fmt::format("the ledger knows no board {}", mac->id()));
    std::vector<std::vector<std::string>> rows{{"certificate", "state", "asked for", "policy"}};
    for (const auto& certificate : certificates) {
        if (context.json)
            context.show(
                events::LedgerCertificate{.mac = *mac,
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
    std::string told = fmt::format("board {}\n\n{}", mac->id(), output::table(rows));
    IMPRINT_TRY(const std::string retired, retirements(context, ledger, attempts));
    told += retired;
    for (const auto& attempt : attempts) {
        IMPRINT_TRY(const auto files, ledger.files(attempt.run));
        if (context.json) show_files(context, attempt.run, files);
        IMPRINT_TRY(const auto effects, ledger.effects(attempt.id));
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
    listing.config_options().common_options().act(
        [limit](Context& context) { return list(context, *limit); });

    const auto mac = std::make_shared<std::string>();
    Command showing = group.command("show", "Everything about one board.",
                                    "imprint ledger show 24:6f:28:a1:b2:c3");
    showing.option({"MAC", "MAC", "the board's MAC address", true}, mac.get());
    showing.config_options().common_options().act(
        [mac](Context& context) { return show(context, *mac); });
}

}  // namespace imprint::cli
