// What stations that worked offline owe the registry.
#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "cli/commands.h"
#include "cli/registry_access.h"
#include "fleet/push.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate_file.h"
#include "prepare/cloud.h"

namespace imprint::cli {

namespace {

struct PushOptions {
    unsigned workers = 16;
    bool list = false;
    bool take_over = false;
};

Result<int> list_queue(Context& context, ledger::Reports& ledger) {
    std::int64_t count = 0;
    for (std::int64_t last = 0;;) {
        IMPRINT_TRY(const auto queued, ledger.queued_registrations(last));
        if (queued.empty()) break;
        for (const auto& one : queued) {
            const auto& certificate = one.certificate;
            context.show(events::RegistrationQueued{.thing = certificate.thing,
                                                    .certificate_id = certificate.id,
                                                    .since = certificate.requested_at,
                                                    .superseded = one.superseded},
                         fmt::format("{}  {}  since {}{}\n", certificate.thing, certificate.id,
                                     to_iso8601(certificate.requested_at),
                                     one.superseded ? ", superseded" : ""));
            ++count;
        }
        last = queued.back().certificate.row;
    }
    context.show(events::PushFinished{.pushed = 0, .superseded = 0, .failed = 0, .left = count},
                 fmt::format("{} in the queue\n", count));
    return 0;
}

void show_pushed(Context& context, const ledger::QueuedRegistration& queued,
                 const Result<fleet::PushReport>& pushed) {
    const auto& certificate = queued.certificate;
    if (!pushed) {
        context.show(events::PushFailed{.thing = certificate.thing,
                                        .certificate_id = certificate.id,
                                        .code = pushed.error().code,
                                        .reason = pushed.error().reason(),
                                        .hint = pushed.error().shown_hint()},
                     fmt::format("{}: {}\n", certificate.thing, pushed.error().describe()));
        return;
    }
    context.show(events::Pushed{.thing = pushed->thing,
                                .certificate_id = pushed->certificate_id,
                                .superseded = pushed->superseded,
                                .retired = pushed->retired},
                 pushed->superseded
                     ? fmt::format("{}: replaced by a later certificate, nothing to register\n",
                                   pushed->thing)
                     : fmt::format("{}: registered{}\n", pushed->thing,
                                   pushed->retired == 0
                                       ? std::string()
                                       : fmt::format(", {} former retired", pushed->retired)));
}

Result<int> push(Context& context, const PushOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    const auto& settings = config.settings;
    if (options.list) {
        IMPRINT_TRY(const auto reports, ledger::open_reports(settings.ledger.path, context.clock,
                                                             {.log = context.log}));
        return list_queue(context, *reports);
    }
    fleet::PushOptions how;
    how.workers = std::clamp(options.workers, 1U, 256U);
    how.rivals = prepare::rival_rules(settings, options.take_over);
    how.log = context.log;
    how.stopped = [&context] { return context.stop.stop_requested(); };
    if (!settings.identity.ca.certificate.empty()) {
        const auto& path = settings.identity.ca.certificate;
        IMPRINT_TRY(auto file, pki::read_authority(path, "identity.ca.certificate"));
        // Told alone: most of the queue may be registered without it.
        context.log.warnings(pki::validity_notes(file, path, context.clock.wall()));
        how.ca_pem = std::move(file.pem);
    }
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry push"));
    auto& ledger = recorded.ledger();
    auto& registry = recorded.registry();
    IMPRINT_TRY(std::int64_t left, ledger.count_queued());
    if (left > 0)
        IMPRINT_CHECK(prepare::ensure_cloud(registry, settings.identity, ledger, context.log));
    IMPRINT_TRY(const auto summary, fleet::push_queue(registry, ledger, how,
                                                      [&](const auto& queued, const auto& pushed) {
                                                          show_pushed(context, queued, pushed);
                                                      }));
    IMPRINT_TRY(left, ledger.count_queued());
    IMPRINT_CHECK(
        recorded.end(static_cast<unsigned>(summary.pushed), static_cast<unsigned>(summary.failed)));
    context.show(events::PushFinished{.pushed = summary.pushed,
                                      .superseded = summary.superseded,
                                      .failed = summary.failed,
                                      .left = left},
                 fmt::format("{} registered, {} failed, {} in the queue\n", summary.pushed,
                             summary.failed, left));
    if (summary.stopped && left > 0)
        return fail(ErrorKind::interrupted, "interrupted", "stopped before all were registered",
                    "run it again: it goes on with what is left");
    return summary.failed == 0 ? 0 : exit_code(ErrorKind::registry);
}

}  // namespace

void add_push(Command& registry) {
    const auto options = std::make_shared<PushOptions>();
    Command command = registry.command(
        "push", "Register the boards that were prepared offline.",
        "imprint registry push\nimprint registry push --list      # what is waiting");
    command.option({"--workers", "N", "boards at once (16)"}, &options->workers);
    command.option({"--take-over", "",
                    "the boards are ours: retire what another station gave them a moment ago"},
                   &options->take_over);
    command.option({"--list", "", "only say what is waiting"}, &options->list);
    command.config_options().common_options().act(
        [options](Context& context) { return push(context, *options); });
}

}  // namespace imprint::cli
