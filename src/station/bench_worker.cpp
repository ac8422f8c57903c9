#include "station/bench_worker.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/version.h"
#include "bays/ports.h"
#include "station/endings.h"
#include "station/label_run.h"

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
    const Lock reading(reading_);
    IMPRINT_CHECK(read(chosen_, true));
    return {};
}

Result<void> BenchWorker::end() {
    const Lock lock(mutex_);
    // What was done with firmware that changed meanwhile has runs of its own.
    for (const auto& work : works_)
        IMPRINT_CHECK(work->end());
    return {};
}

std::shared_ptr<const RunWork> BenchWorker::now() const {
    const Lock lock(mutex_);
    return works_.back();
}

Result<std::shared_ptr<RunWork>> BenchWorker::read(const RunOptions& options, bool made) {
    IMPRINT_TRY(auto shared, make_shared_ready(settings_, options, tools(), made));
    if (!settings_.label.printer.empty()) IMPRINT_CHECK(check_label(settings_, shared.lot));
    auto stamps = stamps_of(shared.firmware);
    if (!are_of_before(stamps, shared.firmware_read)) {
        // They changed while they were read, or are dated by a clock that is ahead of this one.
        // Between two looks that are equal nothing has changed; else nobody knows what was read.
        IMPRINT_TRY(shared, make_shared_ready(settings_, options, tools(), false));
        if (stamps_of(shared.firmware) != stamps) stamps.clear();
    }
    auto work = std::make_shared<RunWork>(settings_, options, std::move(shared), *ledger_, clock_,
                                          events_, log_);
    IMPRINT_CHECK(work->begin());
    {
        const Lock lock(mutex_);
        stamps_ = std::move(stamps);
        works_.push_back(work);
    }
    end_former();
    return work;
}

void BenchWorker::tell_changed(const SharedByBoards& shared) const {
    events_({clock_.wall(),
             {},
             {},
             events::RunChanged{.lot = shared.lot,
                                .firmware_commit = shared.firmware.commit,
                                .app = shared.firmware.app.name,
                                .app_version = shared.firmware.app.version}});
}

void BenchWorker::end_former() {
    std::vector<std::shared_ptr<RunWork>> former;
    {
        const Lock lock(mutex_);
        std::erase_if(works_, [&](const auto& work) IMPRINT_REQUIRES(mutex_) {
            const bool is_used = work == works_.back() || work.use_count() > 1;
            if (!is_used) former.push_back(work);
            return !is_used;
        });
    }
    for (const auto& work : former)
        if (const auto ended = work->end(); !ended)
            log_.warning("the run of a former lot or firmware: {}", ended.error().describe());
}

Result<void> BenchWorker::choose(const std::string& lot, const std::string& operator_name) {
    // It may take a minute where the registry is slow: whoever asks meanwhile is not kept waiting.
    if (!reading_.try_lock())
        return fail(ErrorKind::usage, "lot_busy",
                    "another lot is being chosen, or new firmware read",
                    "scan it again in a moment");
    const Lock reading(reading_, std::adopt_lock);
    RunOptions options = chosen_;
    options.lot = lot;
    options.operator_name = operator_name;
    IMPRINT_TRY(const auto work, read(options, false));
    chosen_ = std::move(options);
    lot_owed_ = false;
    tell_changed(work->shared());
    return {};
}

BenchWorker::Current BenchWorker::current() {
    const auto look = [this]() -> std::pair<std::shared_ptr<RunWork>, bool> {
        std::shared_ptr<RunWork> work;
        std::vector<FileStamp> as_read;
        {
            const Lock lock(mutex_);
            work = works_.back();
            as_read = stamps_;
        }
        const bool is_as_read = stamps_of(work->shared().firmware) == as_read;
        return {std::move(work), is_as_read};
    };
    if (auto [work, is_as_read] = look(); is_as_read) return {std::move(work), std::nullopt};
    const Lock reading(reading_);
    // Another bay may have read it meanwhile.
    auto [work, is_as_read] = look();
    if (is_as_read) return {std::move(work), std::nullopt};
    const auto& shared = work->shared();
    if (!shared.lot.empty())
        return {work,
                make_error(ErrorKind::config, "firmware_changed",
                           fmt::format("the firmware's files have changed since lot {} was begun "
                                       "here",
                                       shared.lot),
                           "bring the former build back; or choose the lot again, or end this and "
                           "begin anew, with the new one")};
    events_({clock_.wall(),
             {},
             {},
             events::Note{.text = "the firmware's files have changed: it is read again"}});
    auto anew = read(chosen_, false);
    if (!anew) return {work, std::move(anew).error()};
    tell_changed((*anew)->shared());
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

Ending BenchWorker::prepare(const bays::BayPort& bay, const BoardOrder& order,
                            const events::EventSink& events, const std::stop_token& stop) {
    Ending ending = prepare_with(current(), bay, order, events, stop);
    // It may have been the last board of a lot that is not the chosen one any more.
    end_former();
    return ending;
}

Ending BenchWorker::prepare_with(const Current& current, const bays::BayPort& bay,
                                 const BoardOrder& order, const events::EventSink& events,
                                 const std::stop_token& stop) {
    RunWork& work = *current.work;
    if (current.error) return lost(work, {bay.bay, bay.port}, *current.error, events);
    if ((settings_.station.lot_needed || lot_owed_) && work.shared().lot.empty())
        return lost(work, {bay.bay, bay.port},
                    make_error(ErrorKind::usage, "lot_needed",
                               "no lot is chosen, and no board is begun without one",
                               "scan the lot's code, or choose it; then start the board again"),
                    events);
    ReadyBay ready = open(bay, stop);
    if (ready.error) return lost(work, ready.bay, *ready.error, events);
    std::optional<MacAddress> mac;
    const auto prepared =
        work.prepare({ready.bay,
                      *ready.port,
                      {.wanted = order.again, .once_a_run = true},
                      events,
                      stop,
                      order.lot == work.shared().lot ? order.serial : std::string()},
                     mac);
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

namespace {

events::RunStarted started(const SharedByBoards& shared, const std::vector<std::string>& bays) {
    return {.version = std::string(version),
            .boards = bays.size(),
            .lot = shared.lot,
            .endpoint = shared.cloud.endpoint,
            .firmware_commit = shared.firmware.commit,
            .bays = bays,
            .watch = true,
            .app = shared.firmware.app.name,
            .app_version = shared.firmware.app.version};
}

// Nobody asks a bench that is no more, however it ended.
class BenchInUse {
  public:
    BenchInUse(const BenchUsers& users, Bench& bench, BenchWorker& worker) : users_(users) {
        if (users_.begin) users_.begin(bench, worker);
    }

    ~BenchInUse() {
        if (users_.end) users_.end();
    }

    BenchInUse(const BenchInUse&) = delete;
    BenchInUse& operator=(const BenchInUse&) = delete;
    BenchInUse(BenchInUse&&) = delete;
    BenchInUse& operator=(BenchInUse&&) = delete;

  private:
    const BenchUsers& users_;
};

}  // namespace

Result<BenchSummary> run_bench(const prepare::Settings& settings, const RunOptions& options,
                               const Surroundings& surroundings, Clock& clock,
                               const events::EventSink& events, const Log& log,
                               const BenchUsers& users, const std::stop_token& stop) {
    const Instant began = clock.now();
    const auto& station = settings.station;
    IMPRINT_TRY(const auto watch, surroundings.watch_ports(options.ports));
    BenchWorker worker(settings, options, surroundings, clock, events, log, stop);
    IMPRINT_CHECK(worker.begin());
    const auto tell = [&](events::Body body) { events({clock.wall(), {}, {}, std::move(body)}); };
    std::vector<std::string> names;
    for (const auto& [name, place] : station.bays)
        names.push_back(name);
    std::ranges::sort(names, bays::in_natural_order);
    tell(started(worker.now()->shared(), names));
    BenchRules rules;
    rules.bay.start = station.start;
    rules.bay.again = station.again;
    rules.bay.failures = station.switch_off_after;
    Bench bench(rules, station.bays, worker, clock, events);
    auto summary = [&] {
        const BenchInUse in_use(users, bench, worker);
        if (options.boards_in_hand) options.boards_in_hand(true);
        auto done = bench.run(*watch, options.asked_to_end, stop);
        if (options.boards_in_hand) options.boards_in_hand(false);
        return done;
    }();
    const BenchSummary counted = summary.value_or(BenchSummary{});
    IMPRINT_CHECK(worker.end());
    const std::chrono::duration<double> took = clock.now() - began;
    tell(events::RunFinished{.passed = counted.passed,
                             .failed = counted.failed,
                             .seconds = took.count(),
                             .skipped = counted.skipped,
                             .stopped = counted.stopped});
    return summary;
}

}  // namespace imprint::station
