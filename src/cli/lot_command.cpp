// `imprint lot …`: named runs of boards.
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/lot_options.h"
#include "cli/lot_told.h"
#include "cli/output/text.h"
#include "ledger/sqlite_ledger.h"
#include "prepare/lot_words.h"
#include "report/words.h"

namespace imprint::cli {

namespace {

using ledger::LotCounts;
using ledger::LotRecord;
using ledger::LotState;

Result<int> show_lot(Context& context, ledger::LotReports& ledger, const std::string& name) {
    IMPRINT_TRY(const ToldLot told, tell_of_lot(ledger, name));
    context.show(lot_event(told), output::printable(lot_text(told)));
    return 0;
}

Result<std::unique_ptr<ledger::Ledger>> open_for_change(Context& context,
                                                        const config::Config& config) {
    return ledger::open_ledger(config.settings.ledger.path, context.clock, {.log = context.log});
}

Result<int> open_lot(Context& context, const prepare::LotWords& words) {
    IMPRINT_TRY(const config::Config config, context.config());
    if (words.name.empty())
        return fail(ErrorKind::usage, "bad_usage", "a lot needs a name",
                    "imprint lot open order-17");
    IMPRINT_TRY(const ledger::LotFacts facts, prepare::read_lot_words(words, {}, config.settings));
    IMPRINT_TRY(const auto ledger, open_for_change(context, config));
    IMPRINT_CHECK(ledger->open_lot(facts));
    return show_lot(context, *ledger, facts.name);
}

Result<int> set_lot(Context& context, prepare::LotWords words) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto ledger, open_for_change(context, config));
    IMPRINT_TRY(const LotRecord lot, report::opened_lot(*ledger, words.name));
    words.name = lot.facts.name;
    IMPRINT_TRY(const ledger::LotFacts facts,
                prepare::read_lot_words(words, lot.facts, config.settings));
    IMPRINT_CHECK(ledger->change_lot(facts));
    return show_lot(context, *ledger, facts.name);
}

Result<int> set_state(Context& context, const std::string& name, LotState state) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto ledger, open_for_change(context, config));
    IMPRINT_TRY(const LotRecord lot, report::opened_lot(*ledger, name));
    IMPRINT_CHECK(ledger->set_lot_state(lot.facts.name, state));
    return show_lot(context, *ledger, lot.facts.name);
}

Result<std::unique_ptr<ledger::Reports>> open_to_read(Context& context) {
    IMPRINT_TRY(const config::Config config, context.config());
    return ledger::open_reports(config.settings.ledger.path, context.clock, {.log = context.log});
}

Result<int> show_one(Context& context, const std::string& name) {
    IMPRINT_TRY(const auto ledger, open_to_read(context));
    return show_lot(context, *ledger, name);
}

Result<int> list_lots(Context& context, bool all) {
    IMPRINT_TRY(const auto ledger, open_to_read(context));
    IMPRINT_TRY(const auto lots, ledger->lots());
    std::vector<std::vector<std::string>> rows{
        {"lot", "code", "state", "passed", "failed", "error", "first pass", "opened (UTC)"}};
    for (const LotRecord& lot : lots) {
        if (!all && lot.state == LotState::closed) continue;
        IMPRINT_TRY(const LotCounts counts, ledger->lot_counts(lot.facts.name));
        const ToldLot told{lot, true, counts};
        if (context.json) context.show(lot_event(told), "");
        rows.push_back({lot.facts.name, lot.facts.code, std::string(to_string(lot.state)),
                        done_of_target(told), fmt::format("{}", counts.failed),
                        fmt::format("{}", counts.error), first_pass_text(counts),
                        report::when(lot.opened)});
    }
    if (!context.json) context.out.raw(output::printable(output::table(rows)));
    return 0;
}

void add_state_command(Command& group, const char* name, const char* meaning, LotState state) {
    const auto lot = std::make_shared<std::string>();
    Command command = group.command(name, meaning, fmt::format("imprint lot {} order-17", name));
    command.option({"LOT", "LOT", "its name or code", true}, lot.get());
    command.config_options().common_options().act(
        [lot, state](Context& context) { return set_state(context, *lot, state); });
}

}  // namespace

void add_lot(Command& root) {
    Command group = root.command("lot", "Production orders: what is allowed, how far they are.",
                                 "imprint lot list");

    const auto opened = std::make_shared<prepare::LotWords>();
    Command opening = group.command(
        "open", "Open a lot: with limits, serial numbers, golden samples.",
        "imprint lot open order-17 --target 250 --allow-firmware this\n"
        "imprint lot open order-18 --chip esp32s3 --serial \"T-{year}{week}-{number:5}\"");
    opening.option({"NAME", "NAME", "what --lot will say", true}, &opened->name);
    add_lot_options(opening, opened);
    opening.option({"--first-number", "N", "of its serial numbers, to keep stations apart (1)"},
                   &opened->first_number);
    opening.config_options().common_options().act(
        [opened](Context& context) { return open_lot(context, *opened); });

    const auto all = std::make_shared<bool>(false);
    Command listing = group.command("list", "Lots that are open or paused, newest first.",
                                    "imprint lot list --all");
    listing.option({"--all", "", "closed ones too"}, all.get());
    listing.config_options().common_options().act(
        [all](Context& context) { return list_lots(context, *all); });

    const auto shown = std::make_shared<std::string>();
    Command showing = group.command("show", "One lot: what is allowed in it, and how far it is.",
                                    "imprint lot show order-17");
    showing.option({"LOT", "LOT", "its name or code", true}, shown.get());
    showing.config_options().common_options().act(
        [shown](Context& context) { return show_one(context, *shown); });

    const auto changed = std::make_shared<prepare::LotWords>();
    Command changing = group.command("set", "Change what is said of a lot; the rest stays.",
                                     "imprint lot set order-17 --target 300 --allow-firmware this");
    changing.option({"LOT", "LOT", "its name or code", true}, &changed->name);
    add_lot_options(changing, changed);
    changing.option({"--no-golden", "", "take its golden samples off"}, &changed->no_golden);
    changing.config_options().common_options().act(
        [changed](Context& context) { return set_lot(context, *changed); });

    add_lot_report(group);
    add_state_command(group, "pause", "No board is prepared in it until it is resumed.",
                      LotState::paused);
    add_state_command(group, "resume", "Go on with a lot that was paused or closed.",
                      LotState::open);
    add_state_command(group, "close", "It is done: no board is prepared in it any more.",
                      LotState::closed);
}

}  // namespace imprint::cli
