#include "station/bench_worker.h"

#include <fmt/format.h>
#include <utility>

#include "base/version.h"
#include "station/endings.h"

namespace imprint::station {

namespace {

constexpr Milliseconds until_a_port_is_ours{3000};
constexpr Milliseconds between_openings{100};

bool may_be_ours_soon(const Error& error) {
    return error.is("port_denied") || error.is("port_busy") || error.is("port_missing");
}

}  // namespace

Result<void> BenchWorker::begin() {
    IMPRINT_TRY(ledger_, surroundings_.open_ledger());
    const Lock lock(mutex_);
    IMPRINT_CHECK(read(true));
    return {};
}

Result<void> BenchWorker::end() {
    // What was done with firmware that changed meanwhile has runs of its own.
    for (const auto& work : works_)
        IMPRINT_CHECK(work->end());
    return {};
}

Result<std::shared_ptr<RunWork>> BenchWorker::read(bool made) {
    IMPRINT_TRY(auto shared, make_shared_ready(settings_, options_, tools(), made));
    auto stamps = stamps_of(shared.firmware);
    // Of files that changed while they were read, nobody knows what was read: not as they are now.
    if (!are_of_before(stamps, shared.firmware_read)) stamps.clear();
    auto work = std::make_shared<RunWork>(settings_, options_, std::move(shared), *ledger_, clock_,
                                          events_, log_);
    IMPRINT_CHECK(work->begin());
    stamps_ = std::move(stamps);
    works_.push_back(work);
    return work;
}

BenchWorker::Current BenchWorker::current() {
    const Lock lock(mutex_);
    const auto work = works_.back();
    const auto& shared = work->shared();
    if (stamps_of(shared.firmware) == stamps_) return {work, std::nullopt};
    if (!shared.lot.empty())
        return {work,
                make_error(ErrorKind::config, "firmware_changed",
                           fmt::format("the firmware's files have changed since lot {} was begun "
                                       "here",
                                       shared.lot),
                           "bring the former build back; or end this, and begin anew with the new "
                           "one")};
    events_({clock_.wall(),
             {},
             {},
             events::Note{.text = "the firmware's files have changed: it is read again"}});
    auto anew = read(false);
    if (!anew) return {work, std::move(anew).error()};
    return {*std::move(anew), std::nullopt};
}

ReadyBay BenchWorker::open(const bays::BayPort& bay, const std::stop_token& stop) {
    const Instant deadline = clock_.now() + until_a_port_is_ours;
    for (;;) {
        ReadyBay ready = make_ready_bay(bay, settings_, tools());
        if (!ready.error || !may_be_ours_soon(*ready.error) || clock_.now() >= deadline)
            return ready;
        if (!clock_.sleep(between_openings, stop)) return ready;
    }
}

Ending BenchWorker::lost(RunWork& work, const prepare::Bay& bay, const Error& error,
                         const events::EventSink& events) {
    work.take_lost(bay, error, events);
    return ending_of(error);
}

Ending BenchWorker::prepare(const bays::BayPort& bay, bool again, const events::EventSink& events,
                            const std::stop_token& stop) {
    const Current now = current();
    RunWork& work = *now.work;
    if (now.error) return lost(work, {bay.bay, bay.port}, *now.error, events);
    ReadyBay ready = open(bay, stop);
    if (ready.error) return lost(work, ready.bay, *ready.error, events);
    std::optional<MacAddress> mac;
    const auto prepared = work.prepare(
        {ready.bay, *ready.port, {.wanted = again, .once_a_run = true}, events, stop}, mac);
    if (!prepared) return ending_of(prepared.error(), mac);
    if (prepared->skipped)
        return {.kind = Ending::Kind::passed_before,
                .code = "passed_before",
                .reason = "it has passed before",
                .mac = mac};
    if (prepared->baud != 0 && ready.port->traits().has_baud)
        rates_.proven(ready.place, settings_.station.baud, prepared->baud);
    return {.kind = Ending::Kind::passed, .mac = mac};
}

std::optional<MacAddress> BenchWorker::ask(const bays::BayPort& bay, const std::stop_token& stop) {
    const ReadyBay ready = make_ready_bay(bay, settings_, tools());
    if (!ready.port) return std::nullopt;
    // The chip's own loader, at its first rate: nothing is written to the chip.
    loader::ConnectOptions connect;
    connect.baud = 115'200;
    connect.attempts = 1;
    connect.look_only = true;
    auto board = loader::Board::connect(*ready.port, connect, clock_, {}, stop);
    if (!board) return std::nullopt;
    const MacAddress mac = board->info().mac;
    static_cast<void>(board->run());
    return mac;
}

Result<BenchSummary> run_bench(const prepare::Settings& settings, const RunOptions& options,
                               const Surroundings& surroundings, Clock& clock,
                               const events::EventSink& events, const Log& log,
                               const BenchUsers& users, const std::stop_token& stop) {
    const Instant started = clock.now();
    const auto& station = settings.station;
    IMPRINT_TRY(const auto watch, surroundings.watch_ports(options.ports));
    BenchWorker worker(settings, options, surroundings, clock, events, log, stop);
    IMPRINT_CHECK(worker.begin());
    const auto tell = [&](events::Body body) { events({clock.wall(), {}, {}, std::move(body)}); };
    std::vector<std::string> names;
    for (const auto& [name, place] : station.bays)
        names.push_back(name);
    tell(events::RunStarted{.version = std::string(version),
                            .boards = names.size(),
                            .lot = worker.shared().lot,
                            .endpoint = worker.shared().cloud.endpoint,
                            .firmware_commit = worker.shared().firmware.commit,
                            .bays = names,
                            .watch = true});
    BenchRules rules;
    rules.bay.start = station.start;
    rules.bay.again = station.again;
    rules.bay.failures = station.switch_off_after;
    Bench bench(rules, station.bays, worker, clock, events);
    if (users.begin) users.begin(bench);
    if (options.boards_in_hand) options.boards_in_hand(true);
    auto summary = bench.run(*watch, options.asked_to_end, stop);
    if (options.boards_in_hand) options.boards_in_hand(false);
    if (users.end) users.end();
    const BenchSummary counted = summary.value_or(BenchSummary{});
    IMPRINT_CHECK(worker.end());
    const std::chrono::duration<double> took = clock.now() - started;
    tell(events::RunFinished{.passed = counted.passed,
                             .failed = counted.failed,
                             .seconds = took.count(),
                             .skipped = counted.skipped,
                             .stopped = counted.stopped});
    return summary;
}

}  // namespace imprint::station
