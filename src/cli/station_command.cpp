// `imprint station`: the bench in a browser.
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

#include "base/process.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/registry_access.h"
#include "cli/station_page.h"
#include "fleet/retire.h"
#include "ledger/sqlite_ledger.h"
#include "page/page_server.h"
#include "station/bench_worker.h"
#include "station/hands_client.h"
#include "station/label_run.h"

namespace imprint::cli {

namespace {

// Somebody at a browser waits: a ledger that is busy for longer is asked again.
constexpr Milliseconds patience{3000};

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

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
        .retire = [&](const std::string& thing, const std::string& reason,
                      const std::string&) { return retire(context, config, thing, reason); }};
    services.hands = words.hands;
    return services;
}

page::Json station_json(const config::Config& config, const StationWords& words) {
    const auto& station = config.settings.station;
    page::Json json{{"name", station.name},
                    {"operator", station.operator_name},
                    {"version", std::string(version)},
                    {"host", host_name()},
                    {"lot_needed", station.lot_needed},
                    {"hands", static_cast<bool>(words.hands)},
                    {"retire", true}};
    return json;
}

// Whatever opens it is not waited for.
void open_browser(Context& context, const std::string& url) {
    auto opener = ChildProcess::start({{"xdg-open", url}, {}, {}, {}}, ChildOutput::discard);
    if (!opener)
        context.log.warning("no browser could be opened: {}; go to {}", opener.error().reason(),
                            url);
    else
        static_cast<void>(opener->wait());
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
    if (words.opens) open_browser(context, site.url());
    const auto surroundings =
        station::surroundings_of_this_process(settings, context.clock, context.log, context.stop);
    const events::EventSink sink = labels.sink();
    const auto done =
        station::run_bench(settings, options, surroundings, context.clock, sink, context.log,
                           {[&desk](station::Bench& bench, station::BenchWorker& worker) {
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
    command.option({"--lot", "NAME", "the lot that boards are of, until another is chosen"},
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
