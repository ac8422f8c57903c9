// `imprint lot report`: a lot's boards with their figures, as a page, a table or events.
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/lot_told.h"
#include "cli/output/raw_lines.h"
#include "cli/output/text.h"
#include "events/csv.h"
#include "ledger/sqlite_ledger.h"
#include "report/lot_page.h"

namespace imprint::cli {

namespace {

namespace fs = std::filesystem;

struct ReportOptions {
    std::string lot;
    bool csv = false;
    std::string html;
};

Result<void> not_stopped(const Context& context) {
    if (!context.stop.stop_requested()) return {};
    return fail(ErrorKind::interrupted, "interrupted", "stopped before all boards were written",
                "what was written is not the whole list");
}

Result<int> write_rows(Context& context, ledger::Reports& ledger, const ToldLot& lot) {
    const std::string& name = lot.lot.facts.name;
    output::RawLines lines(context.out);
    if (context.json)
        context.show(lot_event(lot), "");
    else
        lines.add(events::csv_head<events::LotBoard>());
    IMPRINT_CHECK(ledger.each_lot_board(name, [&](const ledger::LotBoard& board) {
        const auto told = lot_board_event(name, board);
        if (context.json)
            context.show(told, "");
        else
            lines.add(events::csv_line(told));
        return !context.stop.stop_requested();
    }));
    lines.flush();
    IMPRINT_CHECK(not_stopped(context));
    return 0;
}

// A page appears under its name when it is whole.
class PageFile {
  public:
    explicit PageFile(fs::path path) : path_(std::move(path)), part_(path_.string() + ".part") {}

    ~PageFile() {
        std::error_code ignored;
        if (!done_) fs::remove(part_, ignored);
    }

    PageFile(const PageFile&) = delete;
    PageFile& operator=(const PageFile&) = delete;
    PageFile(PageFile&&) = delete;
    PageFile& operator=(PageFile&&) = delete;

    [[nodiscard]] Result<void> open() {
        file_.open(part_, std::ios::binary | std::ios::trunc);
        return checked();
    }

    [[nodiscard]] Result<void> add(std::string_view piece) {
        file_ << piece;
        return checked();
    }

    [[nodiscard]] Result<void> close() {
        file_.close();
        IMPRINT_CHECK(checked());
        std::error_code error;
        fs::rename(part_, path_, error);
        if (error) return unwritable(error.message());
        done_ = true;
        return {};
    }

  private:
    [[nodiscard]] std::unexpected<Error> unwritable(const std::string& why) const {
        return fail(ErrorKind::config, "file_unwritable",
                    fmt::format("the page {} cannot be written: {}", path_.string(), why),
                    "name another file");
    }

    [[nodiscard]] Result<void> checked() const {
        if (file_) return {};
        return unwritable(std::generic_category().message(errno));
    }

    fs::path path_;
    fs::path part_;
    std::ofstream file_;
    bool done_ = false;
};

Result<int> write_page(Context& context, ledger::Reports& ledger, const ToldLot& lot,
                       const std::string& file) {
    IMPRINT_TRY(const auto figures, report::read_figures(ledger, lot.lot.facts.name));
    report::LotPage page{.name = lot.lot.facts.name, .lot = {}, .made = context.clock.wall()};
    if (lot.is_open_one) page.lot = lot.lot;
    if (file == "-") {
        output::RawLines lines(context.out);
        IMPRINT_CHECK(report::write_lot_page(page, figures, ledger, [&](std::string_view piece) {
            lines.add(piece);
            return not_stopped(context);
        }));
        return 0;
    }
    PageFile written(file);
    IMPRINT_CHECK(written.open());
    const auto add = [&](std::string_view piece) -> Result<void> {
        IMPRINT_CHECK(not_stopped(context));
        return written.add(piece);
    };
    IMPRINT_CHECK(report::write_lot_page(page, figures, ledger, add));
    IMPRINT_CHECK(written.close());
    context.show(events::FileWritten{.path = file}, fmt::format("wrote {}\n", file));
    return 0;
}

std::string causes_text(const report::LotFigures& figures) {
    std::vector<std::vector<std::string>> rows{{"cause", "whose", "attempts", "bays"}};
    for (const auto& cause : figures.causes()) {
        std::string bays;
        for (const auto& [bay, attempts] : cause.bays)
            bays += fmt::format("{}{} x {}", bays.empty() ? "" : ", ", bay, attempts);
        rows.push_back({cause.code,
                        cause.fault == ledger::Fault::station ? "the station" : "the board",
                        fmt::format("{}", cause.attempts), bays});
    }
    return rows.size() == 1 ? std::string() : "\n" + output::table(rows);
}

Result<int> write_text(Context& context, ledger::Reports& ledger, const ToldLot& lot) {
    IMPRINT_TRY(const auto figures, report::read_figures(ledger, lot.lot.facts.name));
    std::string text = lot_text(lot);
    if (const auto median = figures.seconds_of_share(0.5))
        text += fmt::format("  cycle time: {:.1f} s in the median, 19 of 20 within {:.1f} s\n",
                            *median, figures.seconds_of_share(0.95).value_or(*median));
    context.out.raw(output::printable(text + causes_text(figures)));
    return 0;
}

Result<int> report_lot(Context& context, const ReportOptions& options) {
    if (static_cast<int>(options.csv) + static_cast<int>(context.json) +
            static_cast<int>(!options.html.empty()) >
        1)
        return fail(ErrorKind::usage, "bad_usage",
                    "--html, --csv and --json are three forms of one output", "say one of them");
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto ledger, ledger::open_reports(config.settings.ledger.path, context.clock,
                                                        {.log = context.log}));
    IMPRINT_TRY(const ToldLot lot, tell_of_lot(*ledger, options.lot));
    if (!options.html.empty()) return write_page(context, *ledger, lot, options.html);
    if (options.csv || context.json) return write_rows(context, *ledger, lot);
    return write_text(context, *ledger, lot);
}

}  // namespace

void add_lot_report(Command& group) {
    const auto options = std::make_shared<ReportOptions>();
    Command command = group.command(
        "report", "What a lot has come to: its figures, causes of failure, and every board.",
        "imprint lot report order-17 --html order-17.html\n"
        "imprint lot report order-17 --csv > order-17.csv");
    command.option({"LOT", "LOT", "its name or code", true}, &options->lot);
    command.option({"--html", "FILE", "one page that needs nothing else; -: standard output"},
                   &options->html);
    command.option({"--csv", "", "one row a board (RFC 4180)"}, &options->csv);
    command.config_options().common_options().act(
        [options](Context& context) { return report_lot(context, *options); });
}

}  // namespace imprint::cli
