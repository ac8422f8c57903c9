// `imprint station`: the bench in a browser.
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "base/process.h"
#include "base/processes.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/registry_access.h"
#include "cli/station_page.h"
#include "fleet/retire.h"
#include "ledger/sqlite_ledger.h"
#include "page/page_server.h"
#include "station/bench_worker.h"
#include "station/former_lot.h"
#include "station/hands_client.h"
#include "station/label_run.h"

namespace imprint::cli {

namespace {

// Somebody at a browser waits: a ledger that is busy for longer is asked again.
constexpr Milliseconds patience{3000};

Result<fleet::RetireReport> retire(Context& context, const config::Config& config,
                                   const std::string& thing, const std::string& reason) {
    IMPRINT_TRY(auto recorded, open_recorded(context, config, "registry retire"));
    return fleet::retire(recorded.registry(), recorded.ledger(), {thing, reason, false},
                         context.log);
}

page::Services services_of(Context& context, const config::Config& config,
                           const station::LabelRun& labels, const StationWords& words) {
    page::Services services{
        .open_reports =
            [&] {
                return ledger::open_reports(config.settings.ledger.path, context.clock,
                                            {.log = context.log, .patience = patience});
            },
        .open_ledger =
            [&] {
                return ledger::open_ledger(config.settings.ledger.path, context.clock,
                                           {.log = context.log, .patience = patience});
            },
        .print_label = [&labels](const MacAddress& mac) { return labels.print_again(mac); },
        .retire =
            [&](const std::string& thing, const std::string& reason, const std::string& user) {
                config::Config as_user = config;
                if (!user.empty()) as_user.settings.station.operator_name = user;
                return retire(context, as_user, thing, reason);
            }};
    services.hands = words.hands;
    return services;
}

page::Json station_json(const config::Config& config, const StationWords& words) {
    const auto& station = config.settings.station;
    page::Json json{{"name", station.name},
                    {"operator", station.operator_name},
                    {"version", std::string(version)},
                    {"host", host_of(SystemProcesses().self())},
                    {"lot_needed", station.lot_needed},
                    {"hands", static_cast<bool>(words.hands)},
                    {"retire", true}};
    return json;
}

// What opens it may be the browser itself: it is not waited for, and ends with the station.
std::optional<ChildProcess> open_browser(Context& context, const std::string& url) {
    auto opener = ChildProcess::start({{"xdg-open", url}, {}, {}, {}}, ChildOutput::discard);
    if (opener) return std::move(*opener);
    context.log.warning("no browser could be opened: {}; go to {}", opener.error().reason(), url);
    return std::nullopt;
}

// Empty: none, or the ledger does not tell, which the run will say that needs it.
std::string former_lot(const config::Config& config, const page::Services& services) {
    const auto ledger = services.open_reports();
    if (!ledger) return {};
    return station::lot_of_last_run(**ledger, config.settings.station.name,
                                    host_of(SystemProcesses().self()))
        .value_or("");
}

// After a power cut, or a new day: nobody scans the order again. It is shown in the page.
void go_on_with(Context& context, const config::Config& config, const std::string& lot,
                station::BenchWorker& worker) {
    if (lot.empty()) return;
    const auto chosen = worker.choose(lot, config.settings.station.operator_name);
    // Boards without a lot, and without their numbers, are not what anybody wants then.
    if (!chosen) worker.want_lot();
    const std::string text =
        chosen
            ? fmt::format("the station goes on with lot {}, as before; `lot none` ends that", lot)
            : fmt::format(
                  "the station had lot {} before, and cannot go on with it: {}; no board is begun "
                  "until a lot is chosen, or `lot none`",
                  lot, chosen.error().reason());
    context.out.event({context.clock.wall(), {}, {}, events::Note{.text = text}});
}

}  // namespace

Result<int> run_station(Context& context, const config::Config& config, const StationWords& words) {
    const auto& settings = config.settings;
    IMPRINT_TRY(const auto access, logins::check_access(settings.page, context.clock.wall()));
    const auto at = logins::parse_listen(settings.page.listen);
    for (const auto& warning : access.warnings)
        context.out.event({context.clock.wall(), {}, {}, events::Note{.text = warning}});
    station::RunOptions options;
    options.lot = words.lot;
    options.take_over = words.take_over;
    options.boards_in_hand = context.boards_in_hand;
    options.asked_to_end = context.asked_to_end;
    IMPRINT_TRY(auto labels, station::LabelRun::start(settings, options.lot, context.clock,
                                                      context.log, context.out.sink()));
    const page::Services services = services_of(context, config, labels, words);
    page::Desk desk(services.open_reports);
    IMPRINT_TRY(const auto page,
                page::PageServer::start(access, at.value_or(logins::ListenAddress{}),
                                        {.config = config,
                                         .services = services,
                                         .bus = context.bus,
                                         .desk = desk,
                                         .clock = context.clock,
                                         .log = context.log,
                                         .station = station_json(config, words),
                                         .has_printer = !settings.label.printer.empty()}));
    logins::Site site = access.gate.site;
    site.port = page->port();
    context.show(events::PageReady{.url = site.url()},
                 fmt::format("The station's page: {}\n", site.url()));
    std::optional<ChildProcess> browser;
    if (words.opens) browser = open_browser(context, site.url());
    const auto surroundings =
        station::surroundings_of_this_process(settings, context.clock, context.log, context.stop);
    const std::string former = words.lot.empty() ? former_lot(config, services) : std::string();
    const events::EventSink sink = labels.sink();
    const auto done =
        station::run_bench(settings, options, surroundings, context.clock, sink, context.log,
                           {[&](station::Bench& bench, station::BenchWorker& worker) {
                                go_on_with(context, config, former, worker);
                                desk.attach(bench, worker);
                            },
                            [&desk] { desk.detach(); }},
                           context.stop);
    labels.finish(context.stop);
    if (!done) return std::unexpected(done.error());
    return done->interrupted ? exit_code(ErrorKind::interrupted) : 0;
}

void add_station(Command& root) {
    const auto words = std::make_shared<StationWords>();
    const auto socket = std::make_shared<std::string>();
    Command command = root.command(
        "station", "The bench in a browser: boards come and go, lots, labels, reports.",
        "imprint station --open\n"
        "imprint station --lot order-17");
    command.option({"--lot", "LOT",
                    "the lot that boards are of, until another is chosen; without it: the one that "
                    "the station had before"},
                   &words->lot);
    command.option({"--open", "", "show the page in this machine's browser"}, &words->opens);
    command.option({"--take-over", "",
                    "the boards are here: retire what another station gave them a moment ago"},
                   &words->take_over);
    command.option(
        {"--hands", "FILE", "the socket of a simulated bench, whose boards the page moves"},
        socket.get());
    command.config_options().common_options();
    command.act([words, socket](Context& context) -> Result<int> {
        IMPRINT_TRY(const config::Config config, context.config());
        if (!socket->empty())
            words->hands = [client = station::HandsClient(*socket)](const std::string& line) {
                return client.ask(line);
            };
        return run_station(context, config, *words);
    });
    add_station_setup(command);
    add_station_user(command);
}

}  // namespace imprint::cli
