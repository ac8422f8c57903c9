// `imprint ledger export` and `merge`: the record as other programs and other stations take it.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <optional>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/ledger_filter.h"
#include "cli/output/raw_lines.h"
#include "events/csv.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate.h"

namespace imprint::cli {

namespace {

namespace fs = std::filesystem;

struct ExportOptions {
    bool csv = false;
    fs::path pems;
    std::shared_ptr<FilterWords> filter;
};

events::LedgerBoard event_of(const ledger::BoardRecord& board) {
    const auto& attempt = board.attempt;
    events::LedgerBoard told{.mac = *attempt.mac,
                             .thing = attempt.thing,
                             .outcome = cli::told(board.state),
                             .lot = attempt.lot,
                             .certificate_id = {},
                             .certificate_state = {},
                             .certificate_serial = {},
                             .not_before = {},
                             .not_after = {},
                             .chip = attempt.chip,
                             .firmware = attempt.firmware,
                             .firmware_commit = attempt.firmware_commit,
                             .app_version = attempt.app_version,
                             .app_elf_sha256 = attempt.app_elf_sha256,
                             .started = attempt.started,
                             .ended = {attempt.ended},
                             .station = attempt.station,
                             .bay = attempt.bay,
                             .host = attempt.host,
                             .operator_name = attempt.operator_name,
                             .account = attempt.account,
                             .region = attempt.region,
                             .endpoint = attempt.endpoint,
                             .attempts = board.attempts,
                             .code = attempt.error_code,
                             .reason = attempt.error_message,
                             .serial = attempt.serial};
    if (!board.certificate) return told;
    told.thing = board.certificate->thing;
    told.certificate_id = board.certificate->id;
    told.certificate_state = {cli::told(board.certificate->state)};
    if (board.certificate_pem.empty()) return told;
    if (const auto facts = pki::read_certificate_facts(board.certificate_pem)) {
        told.certificate_serial = facts->serial;
        told.not_before = {facts->not_before};
        told.not_after = {facts->not_after};
    }
    return told;
}

// The boards' certificates, a file each. There is no key in a ledger.
class PemFolder {
  public:
    explicit PemFolder(fs::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] Result<void> make() const {
        std::error_code error;
        fs::create_directories(folder_, error);
        if (!error) return {};
        return fail(
            ErrorKind::config, "file_unwritable",
            fmt::format("the folder {} cannot be made: {}", folder_.string(), error.message()),
            "name another one");
    }

    [[nodiscard]] Result<void> add(const ledger::BoardRecord& board) {
        if (!board.certificate || board.certificate_pem.empty()) {
            if (board.certificate) ++without_text_;
            look_behind(board);
            return {};
        }
        return write_file(file_of(board), board.certificate_pem);
    }

    // A board that is not in this list: whether an earlier one left a certificate of it here that
    // is no more in force. It is told and not deleted: others may keep files here too.
    void look_behind(const ledger::BoardRecord& board) {
        const fs::path path = file_of(board);
        std::error_code error;
        if (!fs::exists(path, error)) return;
        const auto text = read_text(path);
        if (board.certificate && (board.certificate_pem.empty() || text == board.certificate_pem))
            return;
        outdated_.push_back(path.string());
    }

    [[nodiscard]] const std::vector<std::string>& outdated() const { return outdated_; }

    [[nodiscard]] std::size_t without_text() const { return without_text_; }

  private:
    [[nodiscard]] fs::path file_of(const ledger::BoardRecord& board) const {
        return folder_ / (board.attempt.mac->id() + ".pem.crt");
    }

    fs::path folder_;
    std::size_t without_text_ = 0;
    std::vector<std::string> outdated_;
};

Result<int> export_boards(Context& context, const ExportOptions& options) {
    if (options.csv && context.json)
        return fail(ErrorKind::usage, "bad_usage", "--csv and --json are two forms of one output",
                    "say one of them");
    IMPRINT_TRY(const ledger::Filter filter, options.filter->read());
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto ledger, ledger::open_reports(config.settings.ledger.path, context.clock,
                                                        {.log = context.log}));
    std::optional<PemFolder> pems;
    if (!options.pems.empty()) {
        pems.emplace(options.pems);
        IMPRINT_CHECK(pems->make());
    }
    output::RawLines lines(context.out);
    if (!context.json) lines.add(events::csv_head<events::LedgerBoard>());
    Result<void> written;
    const auto visit = [&](const ledger::BoardRecord& board) {
        const bool is_wanted = filter.wants(board.attempt) &&
                               (options.filter->outcome.empty() ||
                                options.filter->outcome == ledger::to_string(board.state));
        if (!is_wanted) {
            if (pems) pems->look_behind(board);
            return true;
        }
        if (pems) written = pems->add(board);
        const auto told = event_of(board);
        if (context.json)
            context.show(told, "");
        else
            lines.add(events::csv_line(told));
        return written.has_value() && !context.stop.stop_requested();
    };
    const auto read = ledger->each_board(visit);
    lines.flush();
    IMPRINT_CHECK(read);
    IMPRINT_CHECK(written);
    if (context.stop.stop_requested())
        return fail(ErrorKind::interrupted, "interrupted", "stopped before all boards were written",
                    "what was written is not the whole list");
    if (pems && pems->without_text() > 0)
        context.log.warning(
            "{} certificates have no text in this ledger, which an earlier Imprint wrote: "
            "aws iot describe-certificate has it",
            pems->without_text());
    if (pems && !pems->outdated().empty())
        context.log.warning(
            "{} {} in {} with certificates that are no more in force, left as they are: delete "
            "them, or export into a new folder: {}",
            pems->outdated().size(), pems->outdated().size() == 1 ? "file" : "files",
            options.pems.string(), fmt::join(pems->outdated(), ", "));
    return 0;
}

Result<int> merge(Context& context, const std::vector<std::string>& others) {
    IMPRINT_TRY(const config::Config config, context.config());
    for (const std::string& other : others) {
        IMPRINT_TRY(const auto report,
                    ledger::merge_ledger(config.settings.ledger.path, other, {.log = context.log}));
        std::vector<std::string> conflicts;
        for (const auto& one : report.conflicts) {
            conflicts.push_back(one.describe());
            context.log.warning("{}: {}", other, conflicts.back());
        }
        context.show(
            events::LedgerMerged{.path = other,
                                 .runs = report.runs,
                                 .attempts = report.attempts,
                                 .certificates = report.certificates,
                                 .changed = report.changed,
                                 .lots = report.lots,
                                 .serials = report.serials,
                                 .conflicts = conflicts},
            fmt::format("{}: {} runs, {} attempts and {} certificates are new; {} certificates are "
                        "in a later state\n",
                        other, report.runs, report.attempts, report.certificates, report.changed));
    }
    return 0;
}

}  // namespace

void add_ledger_export(Command& group) {
    const auto options = std::make_shared<ExportOptions>();
    Command exporting = group.command(
        "export", "One row a board, with the certificate that it has: CSV, or JSON events.",
        "imprint ledger export --lot order-17 --outcome passed > order-17.csv\n"
        "imprint ledger export --since 2026-11-01 --pems certificates --json");
    options->filter =
        add_filter(exporting, {"passed", "failed", "stopped", "running", "killed", "retired"});
    exporting.option({"--csv", "", "CSV (RFC 4180) with a heading: the usual form"}, &options->csv);
    exporting.option(
        {"--pems", "DIR", "also write each certificate into this folder, without keys"},
        &options->pems);
    exporting.config_options().common_options().act(
        [options](Context& context) { return export_boards(context, *options); });

    const auto others = std::make_shared<std::vector<std::string>>();
    Command merging = group.command(
        "merge", "Bring other stations' ledgers into this one; again brings only what is new.",
        "imprint ledger merge station-2.sqlite station-3.sqlite");
    merging.option({"FILES", "FILES", "the other ledgers", true}, others.get());
    merging.config_options().common_options().act(
        [others](Context& context) { return merge(context, *others); });
}

}  // namespace imprint::cli
