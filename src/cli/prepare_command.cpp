#include <atomic>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <unistd.h>

#include "base/mutex.h"
#include "base/threads.h"
#include "cli/ask.h"
#include "cli/bench_keys.h"
#include "cli/commands.h"
#include "cli/lot_told.h"
#include "cli/run_end.h"
#include "ledger/sqlite_ledger.h"
#include "report/lot_watch.h"
#include "report/words.h"
#include "station/bench_worker.h"
#include "station/label_run.h"
#include "station/run.h"
#include "station/scanner.h"

namespace imprint::cli {

namespace {

Result<station::RunSummary> run(Context& context, const config::Config& config,
                                const station::RunOptions& options) {
    if (options.dry_run)
        return station::prepare_boards(config.settings, options, context.clock, context.out.sink(),
                                       context.log, context.stop);
    IMPRINT_TRY(auto labels, station::LabelRun::start(config.settings, options.lot, context.clock,
                                                      context.log, context.out.sink()));
    auto summary = station::prepare_boards(config.settings, options, context.clock, labels.sink(),
                                           context.log, context.stop);
    labels.finish(context.stop);
    return summary;
}

// These boards alone, whatever is in their bays by then.
Result<void> run_again(Context& context, const config::Config& config, station::RunOptions options,
                       const std::map<MacAddress, std::string>& boards,
                       station::RunSummary& summary) {
    options.ports.clear();
    for (const auto& [mac, port] : boards) {
        options.ports.push_back(port);
        options.again.boards.insert(mac);
    }
    options.all = false;
    options.again.wanted = true;
    IMPRINT_TRY(const auto second, run(context, config, options));
    summary.passed += second.passed;
    summary.failed += second.failed;
    summary.stopped += second.stopped;
    summary.empty += second.empty;
    summary.interrupted |= second.interrupted;
    return {};
}

bool wants_again(Context& context, std::size_t count, const std::string& where) {
    if (count == 0 || context.asked_to_end() || !can_ask(context)) return false;
    return ask(context, fmt::format("{} {} passed in {}. Prepare {} again?", count,
                                    count == 1 ? "board has" : "boards have", where,
                                    count == 1 ? "it" : "them"));
}

// Boards that had passed in a lot are prepared again if somebody at the terminal wants it so.
Result<void> offer_again(Context& context, const config::Config& config,
                         const station::RunOptions& options, station::RunSummary& summary) {
    if (wants_again(context, summary.skipped.size(), "lot " + options.lot + " before")) {
        IMPRINT_CHECK(run_again(context, config, options, summary.skipped, summary));
        summary.skipped.clear();
    }
    if (!wants_again(context, summary.other_lot.size(), "another lot than " + options.lot))
        return {};
    summary.failed -= static_cast<unsigned>(summary.other_lot.size());
    return run_again(context, config, options, summary.other_lot, summary);
}

// A ledger that is busy for longer is scanned in again.
constexpr Milliseconds ledger_patience{3000};

// Of a board that was scanned, in one sentence.
events::Note board_note(Context& context, const config::Config& config, const MacAddress& mac) {
    const auto ledger = ledger::open_reports(config.settings.ledger.path, context.clock,
                                             {.log = context.log, .patience = ledger_patience});
    if (!ledger) return {.text = ledger.error().describe()};
    const auto board = (*ledger)->board(mac);
    if (!board || !*board) return {.text = fmt::format("board {}: nothing is known", mac.id())};
    const auto& attempt = (*board)->attempt;
    std::string text = fmt::format("board {} is {}", mac.id(), to_string((*board)->state));
    if (!attempt.lot.empty()) text += fmt::format(" in lot {}", attempt.lot);
    if (!attempt.serial.empty()) text += fmt::format(", serial number {}", attempt.serial);
    if (attempt.ended) text += fmt::format(", since {} UTC", report::when(*attempt.ended));
    return {.text = std::move(text)};
}

// How many bays are at work, as their bench tells.
class BaysAtWork {
  public:
    explicit BaysAtWork(std::shared_ptr<std::atomic<std::size_t>> count)
        : count_(std::move(count)) {
        *count_ = 0;
    }

    void take(const events::Event& event) {
        const auto* changed = events::as<events::BayChanged>(event);
        if (changed == nullptr) return;
        const Lock lock(mutex_);
        if (changed->status == events::BayStatus::at_work ||
            changed->status == events::BayStatus::waiting)
            bays_.insert(event.bay);
        else
            bays_.erase(event.bay);
        *count_ = bays_.size();
    }

  private:
    std::shared_ptr<std::atomic<std::size_t>> count_;
    Mutex mutex_;
    std::set<std::string> bays_ IMPRINT_GUARDED_BY(mutex_);
};

// What the screen says of the lot: how many of its boards have passed, and its target. That a
// ledger cannot be read is told by the boards, which need it.
report::LotNews news_of_lot(const Context& context, const events::EventSink& events) {
    const auto told = [&context, &events,
                       before = events::Lot()](const std::optional<ToldLot>& lot) mutable {
        if (!lot) return;
        events::Lot event = lot_event(*lot);
        if (event == before) return;
        before = event;
        events({context.clock.wall(), {}, {}, std::move(event)});
    };
    return {.lot = told, .trouble = [](const std::string&) {}};
}

// Boards come and go until somebody ends it.
Result<int> watch(Context& context, const config::Config& config, station::RunOptions& options) {
    options.asked_to_end = context.asked_to_end;
    const auto surroundings = station::surroundings_of_this_process(config.settings, context.clock,
                                                                    context.log, context.stop);
    std::optional<std::jthread> keys;
    const auto scanned = [&context, &config](station::Scanner& scanner, std::string_view line) {
        if (::isatty(STDIN_FILENO) == 1) context.out.typed(line);
        const auto scan = scanner.take(line);
        if (!scan)
            context.log.warning("{}", scan.error().describe());
        else if (const auto* board = std::get_if<station::BoardScan>(&*scan))
            context.out.event(
                {context.clock.wall(), {}, board->mac, board_note(context, config, board->mac)});
    };
    const auto open = [&] {
        return ledger::open_reports(config.settings.ledger.path, context.clock,
                                    {.log = context.log, .patience = ledger_patience});
    };
    const auto read_keys = [&](station::Bench& bench, station::BenchWorker& worker) {
        auto started = start_thread(
            "reading the keys",
            [&bench, &worker, open, scanned](const std::stop_token& stop) {
                station::Scanner scanner(bench, worker, open);
                read_lines(
                    STDIN_FILENO, [&](std::string_view line) { scanned(scanner, line); }, stop);
            },
            [&context](const Error& error) { context.log.warning("{}", error.describe()); });
        if (started) keys.emplace(std::move(*started));
    };
    const auto no_more_keys = [&] { keys.reset(); };
    IMPRINT_TRY(auto labels, station::LabelRun::start(config.settings, options.lot, context.clock,
                                                      context.log, context.out.sink()));
    BaysAtWork at_work(context.in_hand);
    const events::EventSink to_labels = labels.sink();
    std::optional<report::LotWatch> lot(std::in_place, open, news_of_lot(context, to_labels));
    const events::EventSink sink = [&](events::Event event) {
        at_work.take(event);
        const events::Event of_lot = event;
        to_labels(std::move(event));
        lot->take(of_lot);
    };
    IMPRINT_CHECK(lot->start());
    const auto done =
        station::run_bench(config.settings, options, surroundings, context.clock, sink, context.log,
                           {read_keys, no_more_keys}, context.stop);
    lot->look();
    lot.reset();
    labels.finish(context.stop);
    if (!done) return std::unexpected(done.error());
    const station::BenchSummary& summary = *done;
    return summary.interrupted ? exit_code(ErrorKind::interrupted) : 0;
}

}  // namespace

void add_prepare(Command& root) {
    const auto options = std::make_shared<station::RunOptions>();
    Command command = root.command(
        "prepare",
        "Prepare boards: identity in AWS IoT, firmware and credentials into flash, proof, record.",
        "imprint prepare --port /dev/ttyUSB0\n"
        "imprint prepare --all --lot order-17\n"
        "imprint prepare --dry-run      # say what would be done");
    command.option({.names = "-p,--port",
                    .type = "PORT",
                    .meaning = "a board's serial port, or several: -p /dev/ttyUSB*",
                    .many_words = true},
                   &options->ports);
    command.option({"--all", "", "every port with a board that is found"}, &options->all);
    command.option({"--lot", "LOT", "the production order that the boards belong to"},
                   &options->lot);
    command.option({"--again", "", "also boards that have passed in this lot, or in another"},
                   &options->again.wanted);
    command.option({"--take-over", "",
                    "the boards are here: retire what another station gave them a moment ago"},
                   &options->take_over);
    command.option({"--dry-run", "", "check everything, change nothing"}, &options->dry_run);
    const auto watching = std::make_shared<bool>(false);
    command.option({"--watch", "", "boards come and go, bay by bay, until ^C"}, watching.get());
    const auto offline = std::make_shared<bool>(false);
    command.option({"--offline", "", "own-ca: without the registry; push registers them later"},
                   offline.get());
    command.config_options().common_options();
    command.act([options, offline, watching](Context& context) -> Result<int> {
        if (*offline) context.sources.flags.emplace_back("registry.offline", "always");
        IMPRINT_TRY(const config::Config config, context.config());
        if (config.settings.config.empty())
            context.out.event(
                {context.clock.wall(),
                 {},
                 {},
                 events::Note{.text = fmt::format("{}; {}", config::no_file_sentence(),
                                                  config::no_file_hint)}});
        options->boards_in_hand = context.boards_in_hand;
        if (*watching && !options->dry_run) return watch(context, config, *options);
        IMPRINT_TRY(auto summary, run(context, config, *options));
        IMPRINT_CHECK(offer_again(context, config, *options, summary));
        return options->dry_run ? 0 : exit_code_of(summary, context);
    });
}

}  // namespace imprint::cli
