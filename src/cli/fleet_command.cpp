// Identities after the factory: retired, swept up, compared with the ledger.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <set>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/event_words.h"
#include "cli/output/text.h"
#include "cli/registry_access.h"
#include "fleet/reconcile.h"
#include "fleet/retire.h"
#include "fleet/sweep.h"
#include "ledger/sqlite_ledger.h"
#include "minted/store.h"

namespace imprint::cli {

namespace {

// --- retire --------------------------------------------------------------------------------------

struct RetireOptions {
    std::vector<std::string> things;
    std::string reason;
    bool delete_thing = false;
};

Result<int> retire(Context& context, const RetireOptions& options) {
    if (options.reason.empty())
        return fail(ErrorKind::usage, "bad_usage", "why is it retired?",
                    "say --reason lost, returned, scrapped, or what it was");
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry retire"));
    for (const auto& thing : options.things) {
        IMPRINT_TRY(const fleet::RetireReport done,
                    fleet::retire(recorded.registry(), recorded.ledger(),
                                  {thing, options.reason, options.delete_thing}, context.log));
        context.show(events::ThingRetired{.thing = thing,
                                          .reason = options.reason,
                                          .certificates = done.certificates,
                                          .thing_deleted = done.thing_deleted},
                     fmt::format("{}: {} certificate{} retired{} ({})\n", thing,
                                 done.certificates.size(), done.certificates.size() == 1 ? "" : "s",
                                 done.thing_deleted ? ", thing deleted" : "", options.reason));
    }
    return 0;
}

void add_retire(Command& group) {
    const auto options = std::make_shared<RetireOptions>();
    Command command = group.command(
        "retire", "Take things out of service: no certificate of theirs connects any more.",
        "imprint registry retire 246f28a1b2c3 --reason lost\n"
        "imprint registry retire 246f28a1b2c3 --reason scrapped --delete-thing");
    command.option({"THING", "THING", "its name; several may follow each other", true},
                   &options->things);
    command.option({"--reason", "TEXT", "why; it stays in the ledger"}, &options->reason);
    command.option({"--delete-thing", "", "the thing goes too"}, &options->delete_thing);
    command.config_options().common_options().act(
        [options](Context& context) { return retire(context, *options); });
}

// --- sweep ---------------------------------------------------------------------------------------

struct SweepOptions {
    std::vector<std::string> ledgers;
    unsigned minutes = 60;
    bool apply = false;
};

Result<void> check_there(const std::string& path) {
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) return {};
    return fail(ErrorKind::ledger, "ledger_missing", fmt::format("there is no ledger at {}", path),
                "name the ledgers of the other stations, or copies of them");
}

// The ledgers of all stations, only to be read; the configured one is the first, and may not be
// there yet.
Result<std::vector<std::unique_ptr<ledger::Reports>>> open_all_reports(
    Context& context, const config::Config& config, const std::vector<std::string>& others) {
    std::vector<std::unique_ptr<ledger::Reports>> all;
    const auto& own = config.settings.ledger.path;
    std::error_code failed;
    const ledger::OpenOptions options{.log = context.log};
    if (std::filesystem::exists(own, failed)) {
        IMPRINT_TRY(auto reports, ledger::open_reports(own, context.clock, options));
        all.push_back(std::move(reports));
    }
    for (const auto& path : others) {
        IMPRINT_CHECK(check_there(path));
        IMPRINT_TRY(auto reports, ledger::open_reports(path, context.clock, options));
        all.push_back(std::move(reports));
    }
    return all;
}

// Those of other stations, in which is written what is done.
Result<std::vector<std::unique_ptr<ledger::Ledger>>> open_others(
    Context& context, const std::vector<std::string>& others) {
    std::vector<std::unique_ptr<ledger::Ledger>> all;
    for (const auto& path : others) {
        IMPRINT_CHECK(check_there(path));
        IMPRINT_TRY(auto ledger, ledger::open_ledger(path, context.clock, {.log = context.log}));
        all.push_back(std::move(ledger));
    }
    return all;
}

template <typename Face>
std::vector<Face*> pointers(const std::vector<std::unique_ptr<Face>>& all) {
    std::vector<Face*> list;
    for (const auto& one : all)
        list.push_back(one.get());
    return list;
}

std::string_view text_of(events::LeftoverAction action) {
    using events::LeftoverAction;
    switch (action) {
        case LeftoverAction::to_be_removed:
            return "to be removed";
        case LeftoverAction::left_alone:
            return "left alone";
        case LeftoverAction::in_use:
            return "in use by now, and left alone";
        case LeftoverAction::deactivated:
            return "made INACTIVE";
        case LeftoverAction::removed:
            return "removed";
    }
    return "";
}

void show_leftover(Context& context, const fleet::FoundLeftover& left,
                   events::LeftoverAction action) {
    const std::string what =
        left.certificate.empty()
            ? fmt::format("thing {}", left.thing)
            : fmt::format("certificate {} {}", left.certificate, to_string(left.status));
    events::Leftover event{.kind = left.kind,
                           .thing = left.thing,
                           .certificate_id = left.certificate,
                           .status = {},
                           .ours = left.ours,
                           .why = left.why,
                           .action = std::string(text_of(action)),
                           .cause = left.cause,
                           .outcome = action};
    if (!left.certificate.empty()) {
        event.status = {told(left.status)};
        event.created = left.created;
    }
    context.show(std::move(event), fmt::format("{}: {}; {}\n", what, left.why, text_of(action)));
}

fleet::SweepScope scope_of(const prepare::IdentitySettings& identity, unsigned minutes) {
    return {identity.policy.name, identity.thing_type, std::chrono::minutes(minutes)};
}

// What takes leftovers away, and writes down that it did.
class Removal {
  public:
    [[nodiscard]] Result<void> open(Context& context, const config::Config& config,
                                    const std::vector<std::string>& others) {
        IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry sweep --apply"));
        recorded_.emplace(std::move(recorded));
        IMPRINT_TRY(others_, open_others(context, others));
        ledgers_ = pointers(others_);
        ledgers_.insert(ledgers_.begin(), &recorded_->ledger());
        return {};
    }

    [[nodiscard]] bool is_open() const { return recorded_.has_value(); }

    [[nodiscard]] Result<bool> remove(const fleet::FoundLeftover& left, const Log& log) {
        return fleet::remove_leftover(recorded_->registry(), ledgers_, left, log);
    }

  private:
    std::optional<station::RecordedCommand> recorded_;
    std::vector<std::unique_ptr<ledger::Ledger>> others_;
    std::vector<ledger::Ledger*> ledgers_;
};

Result<int> sweep(Context& context, const SweepOptions& options) {
    using events::LeftoverAction;
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto registry, open_registry(context, config));
    Removal removal;
    if (options.apply) IMPRINT_CHECK(removal.open(context, config, options.ledgers));
    IMPRINT_TRY(const auto reports, open_all_reports(context, config, options.ledgers));
    const auto all = pointers(reports);
    IMPRINT_TRY(
        const auto found,
        fleet::find_leftovers(*registry, all, scope_of(config.settings.identity, options.minutes),
                              context.clock.wall()));
    std::int64_t removed = 0;
    std::int64_t ours = 0;
    for (const auto& left : found) {
        if (context.stop.stop_requested())
            return fail(ErrorKind::interrupted, "interrupted", "stopped before all were removed",
                        "run it again: it goes on with what is left");
        if (left.ours) ++ours;
        auto action = left.ours ? LeftoverAction::to_be_removed : LeftoverAction::left_alone;
        if (removal.is_open() && left.ours) {
            IMPRINT_TRY(const bool gone, removal.remove(left, context.log));
            action = !gone ? LeftoverAction::in_use
                     : left.kind == fleet::LeftoverKind::owed_deactivation
                         ? LeftoverAction::deactivated
                         : LeftoverAction::removed;
            if (gone) ++removed;
        }
        show_leftover(context, left, action);
    }
    const auto count = static_cast<std::int64_t>(found.size());
    std::string end = fmt::format("{} removed of {} found\n", removed, count);
    if (!options.apply)
        end = ours == 0 ? fmt::format("{} found, nothing to remove\n", count)
                        : fmt::format("{} found; --apply removes {} of them\n", count, ours);
    context.show(events::SweepFinished{.found = count, .ours = ours, .removed = removed}, end);
    return 0;
}

void add_sweep(Command& group) {
    const auto options = std::make_shared<SweepOptions>();
    Command command = group.command(
        "sweep", "Find what no board works with and no ledger vouches for; remove it on --apply.",
        "imprint registry sweep\n"
        "imprint registry sweep --also-ledger /mnt/station2/imprint-ledger.sqlite --apply");
    command.option({"--also-ledger", "FILE", "of another station; once for each"},
                   &options->ledgers);
    command.option({"--older-than", "MINUTES", "younger ones may be in the making (60)"},
                   &options->minutes);
    command.option({"--apply", "", "remove what is ours; without it only look"}, &options->apply);
    command.config_options().common_options().act(
        [options](Context& context) { return sweep(context, *options); });
}

// --- reconcile -----------------------------------------------------------------------------------

struct ReconcileOptions {
    std::vector<std::string> ledgers;
};

// Those that `registry mint` made for this project, if it did. They may be waited for though boards
// get their identities in another way by now.
Result<std::set<std::string>> made_ahead(const prepare::IdentitySettings& settings,
                                         const Log& log) {
    std::set<std::string> things;
    if (!minted::MintedStore::is_in(settings.minted)) {
        if (settings.issue == prepare::Issue::minted)
            log.warning(
                "there are no minted identities in {}: those that are registered ahead of "
                "their boards count as differences",
                settings.minted.string());
        return things;
    }
    IMPRINT_TRY(auto store, minted::MintedStore::open_existing(settings.minted));
    IMPRINT_CHECK(store.each([&](const minted::MintedIdentity& one) {
        things.insert(one.thing);
        return true;
    }));
    return things;
}

events::Difference event_of(const fleet::FoundDifference& one) {
    events::Difference event{.thing = one.thing,
                             .certificate_id = one.certificate,
                             .in_ledger = one.in_ledger,
                             .in_registry = one.in_registry,
                             .hint = one.hint,
                             .kind = one.kind};
    if (one.status) event.status = told(*one.status);
    event.arn = one.arn;
    event.replaced_by = one.replaced_by;
    event.policy = one.policy;
    event.other_thing = one.other_thing;
    return event;
}

Result<int> reconcile(Context& context, const ReconcileOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto registry, open_registry(context, config));
    IMPRINT_TRY(const auto reports, open_all_reports(context, config, options.ledgers));
    const auto all = pointers(reports);
    fleet::ReconcileScope scope{.thing_type = config.settings.identity.thing_type};
    IMPRINT_TRY(scope.made_ahead, made_ahead(config.settings.identity, context.log));
    std::vector<std::vector<std::string>> rows{
        {"thing", "certificate", "ledger", "registry", "what to do"}};
    constexpr std::size_t shown_of_id = 12;
    IMPRINT_TRY(const fleet::ReconcileReport result,
                fleet::reconcile(*registry, all, scope, [&](const fleet::FoundDifference& one) {
                    context.show(event_of(one), "");
                    rows.push_back({one.thing, one.certificate.substr(0, shown_of_id),
                                    one.in_ledger, one.in_registry, one.hint});
                }));
    const auto differences = static_cast<std::int64_t>(result.differences);
    std::string text = differences == 0 ? std::string() : output::table(rows);
    text +=
        fmt::format("{} certificate{} compared, {} difference{}\n", result.certificates,
                    result.certificates == 1 ? "" : "s", differences, differences == 1 ? "" : "s");
    if (result.waiting > 0)
        text += fmt::format("{} registered ahead, and on no board yet\n", result.waiting);
    context.show(events::Reconciled{.certificates = result.certificates,
                                    .differences = result.differences,
                                    .waiting = result.waiting},
                 text);
    return differences == 0 ? 0 : exit_code(ErrorKind::registry);
}

void add_reconcile(Command& group) {
    const auto options = std::make_shared<ReconcileOptions>();
    Command command =
        group.command("reconcile", "Compare the ledger with the registry; 4 where they differ.",
                      "imprint registry reconcile\n"
                      "imprint registry reconcile --also-ledger /mnt/station2/ledger.sqlite");
    command.option({"--also-ledger", "FILE", "of another station; once for each"},
                   &options->ledgers);
    command.config_options().common_options().act(
        [options](Context& context) { return reconcile(context, *options); });
}

}  // namespace

void add_fleet(Command& registry) {
    add_retire(registry);
    add_sweep(registry);
    add_reconcile(registry);
}

}  // namespace imprint::cli
