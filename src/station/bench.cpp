#include "station/bench.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/threads.h"
#include "station/endings.h"

namespace imprint::station {

namespace {

// How soon an end that somebody asked for is noticed, and a registry that is slow.
constexpr Milliseconds between_looks{200};

// What is done meanwhile is done by the registry alone.
bool waits_for_registry(events::Step step) {
    using enum events::Step;
    return step == identity || step == activate || step == proof || step == retire;
}

}  // namespace

struct Bench::Bay {
    Bay(bays::BayPort where, const BayRules& rules)
        : port(std::move(where)), life(rules), name(port.bay) {}

    bays::BayPort port;
    BayLife life;
    std::jthread thread;
    bool asking = false;
    std::optional<Order> next;  // once the question is answered
    ScannedSerial scanned;      // for its board; empty: none

    Mutex mutex;                                 // what the work has told
    std::string name IMPRINT_GUARDED_BY(mutex);  // port.bay, for the work's events
    std::optional<events::Step> step IMPRINT_GUARDED_BY(mutex);
    Instant told IMPRINT_GUARDED_BY(mutex);
    // A board that could not be identified: told when it is certain that it is not met again.
    std::optional<events::Event> outcome IMPRINT_GUARDED_BY(mutex);
};

Bench::Bench(const BenchRules& rules, std::map<std::string, std::string> names, BayWorker& worker,
             Clock& clock, events::EventSink events)
    : rules_(rules),
      worker_(worker),
      clock_(clock),
      events_(std::move(events)),
      names_(std::move(names)) {}

Bench::~Bench() = default;

Result<BenchSummary> Bench::run(transport::PortWatch& watch, const std::function<bool()>& ending,
                                const std::stop_token& stop) {
    IMPRINT_TRY(auto watcher, start_thread(
                                  "watching the ports",
                                  [&](const std::stop_token& end) { watch_ports(watch, end); },
                                  [this](const Error& error) { post(WatchEnded{error}); }));
    const auto look_for_an_end = [&] {
        ends_ = ends_ || error_ || stop.stop_requested() || ending();
        if (stop.stop_requested()) give_up_boards();
    };
    for (look_for_an_end(); !ends_ || any_at_work(); look_for_an_end()) {
        auto input = take(next_look());
        look_for_an_end();
        if (input) std::visit([this](const auto& one) { take_in(one); }, *input);
        look_at_bays();
    }
    watcher.request_stop();
    watcher.join();
    summary_.interrupted = stop.stop_requested();
    if (error_) return std::unexpected(*std::move(error_));
    return summary_;
}

bool Bench::press(const BenchKey& key) {
    {
        const Lock lock(mutex_);
        if (key.bay.empty() ? known_.empty() : !knows(key.bay)) return false;
    }
    post(key);
    return true;
}

bool Bench::scan(const ScannedSerial& scanned) {
    {
        const Lock lock(mutex_);
        if (!scanned.bay.empty() && !knows(scanned.bay)) return false;
    }
    post(scanned);
    return true;
}

bool Bench::knows(const std::string& bay) const {
    return known_.contains(bay) || names_.contains(bay);
}

void Bench::learn(BayLearner learner) {
    post(std::move(learner));
}

void Bench::name_place(const std::string& place, const std::string& name) {
    post(PlaceNamed{place, name});
}

std::vector<std::string> Bench::bays() const {
    const Lock lock(mutex_);
    std::set<std::string> all = known_;
    for (const auto& [name, place] : names_)
        all.insert(name);
    return {all.begin(), all.end()};
}

void Bench::post(Input input) {
    const Lock lock(mutex_);
    inputs_.push_back(std::move(input));
    arrived_.notify_one();
}

std::optional<Bench::Input> Bench::take(Instant until) {
    UniqueLock lock(mutex_);
    const auto wait = std::max(until - clock_.now(), Instant::duration(0));
    arrived_.wait_for(lock, wait, [this]() IMPRINT_REQUIRES(mutex_) { return !inputs_.empty(); });
    if (inputs_.empty()) return std::nullopt;
    Input input = std::move(inputs_.front());
    inputs_.pop_front();
    return input;
}

Instant Bench::next_look() const {
    Instant next = clock_.now() + between_looks;
    for (const auto& bay : bays_)
        if (const auto wakes = bay->life.wakes()) next = std::min(next, *wakes);
    return next;
}

void Bench::watch_ports(transport::PortWatch& watch, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        auto changes = watch.next(std::chrono::seconds(1), stop);
        if (!changes) return post(WatchEnded{std::move(changes).error()});
        for (auto& change : *changes)
            post(std::move(change));
    }
}

bays::BayPort Bench::port_of(const transport::FoundPort& port) const {
    const Lock lock(mutex_);
    return bays::bay_port_of(port, names_);
}

// A chip that is at work, or whose result stands, leaves the bus and comes back: nobody has plugged
// it in.
bool Bench::is_learnt_from(const transport::PortChange& change) {
    if (!learner_ || change.kind == transport::PortChange::Kind::went) return false;
    const std::string place = port_of(change.port).place;
    if (const Bay* bay = bay_at_place(place)) {
        const BayStatus status = bay->life.view().status;
        if (status != BayStatus::empty && status != BayStatus::off) return false;
    }
    const Learnt learnt = learner_(change);
    if (!learnt.goes_on) {
        learner_ = {};
        return false;
    }
    if (learnt.name) take_in(PlaceNamed{place, *learnt.name});
    return true;
}

void Bench::take_in(const transport::PortChange& change) {
    if (is_learnt_from(change)) return;
    const bays::BayPort port = port_of(change.port);
    Bay& bay = bay_at(port);
    if (change.kind == transport::PortChange::Kind::went) {
        // The next one in this socket may have come under another name before this one went.
        if (bay.port.port == port.port) happens(bay, PortWent{});
        return;
    }
    bay.port = bays::BayPort{port.port, port.usb_path, port.place, bay.port.bay};
    happens(bay,
            PortCame{port.port, change.port.serial_number, transport::is_own_usb(change.port)});
}

void Bench::take_in(const Done& done) {
    Bay& bay = *done.bay;
    // None could be started.
    if (bay.thread.joinable()) bay.thread.join();
    if (std::holds_alternative<Ended>(done.what)) {
        {
            const Lock lock(bay.mutex);
            bay.step.reset();
        }
        return happens(bay, done.what);
    }
    bay.asking = false;
    happens(bay, done.what);
    if (const auto next = std::exchange(bay.next, std::nullopt)) carry_out(bay, *next);
}

void Bench::take_in(const BenchKey& key) {
    for (const auto& bay : bays_) {
        if (!key.bay.empty() && bay->port.bay != key.bay) continue;
        switch (key.what) {
            case BenchKey::What::start:
                // Who scans the bay says whose the label is that was scanned before.
                if (asks_bay_ && !key.bay.empty() && is_refused(*bay))
                    bay->scanned = std::exchange(scanned_, {});
                happens(*bay, StartKey{});
                break;
            case BenchKey::What::again:
                happens(*bay, AgainKey{});
                break;
            case BenchKey::What::abort:
                happens(*bay, AbortKey{});
                break;
            case BenchKey::What::off:
                happens(*bay, SwitchOff{"somebody switched it off",
                                        fmt::format("the line \"on {}\" switches it on again",
                                                    bay->port.bay)});
                break;
            case BenchKey::What::on:
                happens(*bay, SwitchOn{});
                break;
        }
    }
}

bool Bench::is_refused(const Bay& bay) {
    return bay.life.view().code == "serial_not_scanned";
}

std::size_t Bench::count_refused() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(bays_, [](const auto& bay) { return is_refused(*bay); }));
}

Bench::Bay* Bench::bay_for(const ScannedSerial& scanned) const {
    const auto is_meant = [&](const auto& bay) {
        return scanned.bay.empty() ? is_refused(*bay) : bay->port.bay == scanned.bay;
    };
    // Of several that were refused, nobody knows whose label it is.
    if (std::ranges::count_if(bays_, is_meant) != 1) return nullptr;
    return std::ranges::find_if(bays_, is_meant)->get();
}

void Bench::take_in(const ScannedSerial& scanned) {
    Bay* const bay = bay_for(scanned);
    if (bay == nullptr) {
        scanned_ = scanned;
        asks_bay_ = count_refused() > 1;
        return tell(scanned.bay, std::nullopt, events::SerialScanned{.serial = scanned.serial});
    }
    bay->scanned = scanned;
    tell(bay->port.bay, std::nullopt, events::SerialScanned{.serial = scanned.serial});
    if (is_refused(*bay)) happens(*bay, StartKey{});
}

// The one for this bay; else the one for the next board, which this is.
ScannedSerial Bench::take_serial(Bay& bay) {
    const bool is_for_it = !bay.scanned.serial.empty();
    // Once all of them are out, it is the next board's again, which is one of them.
    if (!is_for_it && asks_bay_ && count_refused() > 0) return {};
    // It was scanned for a bay that had no board yet.
    if (!is_for_it && !scanned_.bay.empty() && scanned_.bay != bay.port.bay) return {};
    ScannedSerial taken = std::exchange(is_for_it ? bay.scanned : scanned_, {});
    if (!taken.serial.empty())
        tell(is_for_it ? bay.port.bay : taken.bay, std::nullopt,
             events::SerialScanned{.serial = {}});
    return taken;
}

void Bench::take_in(const BayLearner& learner) {
    learner_ = learner;
}

Bench::Bay* Bench::bay_at_place(const std::string& place) const {
    const auto found =
        std::ranges::find_if(bays_, [&](const auto& bay) { return bay->port.place == place; });
    return found == bays_.end() ? nullptr : found->get();
}

void Bench::call(Bay& bay, const std::string& name) {
    const std::string former = std::exchange(bay.port.bay, name);
    {
        const Lock lock(bay.mutex);
        bay.name = name;
    }
    tell(name, bay.life.view().mac,
         events::BayNamed{.place = bay.port.place, .port = bay.port.port, .former = former});
}

// A name that it takes from another place is that one's no more.
void Bench::take_in(const PlaceNamed& named) {
    std::string former;
    std::vector<std::pair<Bay*, std::string>> renamed;
    {
        const Lock lock(mutex_);
        for (const auto& [name, place] : names_)
            if (place == named.place) former = name;
        std::erase_if(names_, [&](const auto& one) { return one.second == named.place; });
        if (!named.name.empty()) names_[named.name] = named.place;
        for (const auto& bay : bays_) {
            transport::FoundPort port;
            port.path = bay->port.port;
            port.usb_path = bay->port.usb_path;
            std::string name = bays::bay_port_of(port, names_).bay;
            if (name == bay->port.bay) continue;
            known_.erase(bay->port.bay);
            renamed.emplace_back(bay.get(), std::move(name));
        }
        for (auto& [bay, name] : renamed)
            if (!known_.insert(name).second) known_.insert(name = bay->port.place);
    }
    // The name is free before it is given.
    std::ranges::partition(renamed,
                           [&](const auto& one) { return one.first->port.place != named.place; });
    for (const auto& [bay, name] : renamed)
        call(*bay, name);
    if (bay_at_place(named.place) == nullptr)
        tell(named.name.empty() ? named.place : named.name, std::nullopt,
             events::BayNamed{.place = named.place, .port = {}, .former = former});
}

void Bench::take_in(const WatchEnded& ended) {
    if (!error_) error_ = ended.error;
}

void Bench::look_at_bays() {
    const Instant now = clock_.now();
    for (const auto& bay : bays_) {
        if (const auto wakes = bay->life.wakes(); wakes && *wakes <= now) happens(*bay, Tick{});
        if (!bay->life.at_work()) continue;
        bool waits = false;
        {
            const Lock lock(bay->mutex);
            waits = bay->step && waits_for_registry(*bay->step) && now - bay->told >= rules_.slow;
        }
        const bool shown = bay->life.view().status == BayStatus::waiting;
        if (waits && !shown)
            happens(*bay, Held{"the registry answers slowly; it goes on by itself"});
        else if (!waits && shown)
            happens(*bay, Resumed{});
    }
}

void Bench::give_up_boards() {
    for (const auto& bay : bays_)
        bay->thread.request_stop();
}

bool Bench::any_at_work() const {
    return std::ranges::any_of(bays_,
                               [](const auto& bay) { return bay->life.at_work() || bay->asking; });
}

Bench::Bay& Bench::bay_at(const bays::BayPort& port) {
    const auto found =
        std::ranges::find_if(bays_, [&](const auto& bay) { return bay->port.place == port.place; });
    if (found != bays_.end()) return **found;
    bays_.push_back(std::make_unique<Bay>(port, rules_.bay));
    Bay& bay = *bays_.back();
    const Lock lock(mutex_);
    if (known_.contains(bay.port.bay)) bay.port.bay = port.place;
    known_.insert(bay.port.bay);
    return bay;
}

void Bench::happens(Bay& bay, const Happening& what) {
    const BayView before = bay.life.view();
    const auto orders = bay.life.apply(what, clock_.now());
    if (const auto how = bay.life.take_settled()) {
        count(*how);
        tell_outcome(bay);
    }
    if (bay.life.view() != before) tell_changed(bay);
    const bool has_left =
        bay.life.view().status == BayStatus::empty && before.status != BayStatus::empty;
    if (has_left && !bay.scanned.serial.empty()) static_cast<void>(take_serial(bay));
    for (const Order order : orders)
        carry_out(bay, order);
}

void Bench::carry_out(Bay& bay, Order order) {
    if (order == Order::stop) {
        bay.thread.request_stop();
        return;
    }
    if (order == Order::ask) return ask(bay);
    if (bay.asking)
        bay.next = order;
    else
        start(bay, order == Order::begin_again);
}

void Bench::start(Bay& bay, bool again) {
    if (ends_) {
        happens(bay, Ended{{.kind = Ending::Kind::stopped}});
        return;
    }
    {
        const Lock lock(bay.mutex);
        bay.step.reset();
        bay.outcome.reset();
        bay.told = clock_.now();
    }
    const auto ended = [this, &bay](Ending how) { post(Done{&bay, Ended{std::move(how)}}); };
    // On the bay's thread: its name may change meanwhile.
    const auto by_error = [this, &bay, ended, name = bay.port.bay](const Error& error) {
        sink_of(bay)({clock_.wall(), name, {}, events::BoardFailed::of(error)});
        ended(ending_of(error));
    };
    const ScannedSerial scanned = take_serial(bay);
    auto thread = start_thread(
        bay.port.bay,
        [this, &bay, order = BoardOrder{again, scanned.serial, scanned.lot}, ended,
         port = bay.port](const std::stop_token& stop) {
            ended(worker_.prepare(port, order, sink_of(bay), stop));
        },
        by_error);
    if (thread)
        bay.thread = std::move(*thread);
    else
        by_error(thread.error());
}

void Bench::ask(Bay& bay) {
    bay.asking = true;
    const auto answered = [this, &bay](const std::optional<MacAddress>& mac) {
        post(Done{&bay, mac ? Happening(Answered{*mac}) : Happening(NoAnswer{})});
    };
    if (ends_) return answered(std::nullopt);
    auto thread = start_thread(
        bay.port.bay,
        [this, answered, port = bay.port](const std::stop_token& stop) {
            answered(worker_.ask(port, stop));
        },
        [answered](const Error&) { answered(std::nullopt); });
    if (thread)
        bay.thread = std::move(*thread);
    else
        answered(std::nullopt);
}

void Bench::count(const Ending& how) {
    switch (how.kind) {
        case Ending::Kind::passed:
            ++summary_.passed;
            break;
        case Ending::Kind::passed_before:
            ++summary_.skipped;
            break;
        case Ending::Kind::stopped:
            ++summary_.stopped;
            break;
        case Ending::Kind::board:
        case Ending::Kind::station:
        // In a fixture without a board it is none, and not told here.
        case Ending::Kind::silent:
            ++summary_.failed;
            break;
    }
}

// Before the bay is told to be empty: a reader knows then what the last board came to.
void Bench::tell_outcome(Bay& bay) const {
    std::optional<events::Event> outcome;
    {
        const Lock lock(bay.mutex);
        outcome = std::exchange(bay.outcome, std::nullopt);
    }
    if (outcome) events_(*std::move(outcome));
}

void Bench::tell_changed(const Bay& bay) const {
    const BayView& view = bay.life.view();
    tell(bay.port.bay, view.mac,
         events::BayChanged{.status = view.status,
                            .port = bay.life.port(),
                            .code = view.code,
                            .reason = view.reason,
                            .hint = view.hint,
                            .in_a_row = view.in_a_row,
                            .place = bay.port.place});
}

void Bench::tell(const std::string& bay, const std::optional<MacAddress>& mac,
                 events::Body body) const {
    events_({clock_.wall(), bay, mac, std::move(body)});
}

events::EventSink Bench::sink_of(Bay& bay) {
    return [this, &bay](events::Event event) {
        {
            const Lock lock(bay.mutex);
            // It may have another name than when the work began.
            event.bay = bay.name;
            bay.told = clock_.now();
            if (const auto* step = events::as<events::BoardStep>(event)) bay.step = step->step;
            const bool unknown = events::as<events::BoardFailed>(event) != nullptr && !event.mac;
            if (unknown || events::as<events::BayEmpty>(event) != nullptr) {
                bay.outcome = std::move(event);
                return;
            }
        }
        events_(std::move(event));
    };
}

}  // namespace imprint::station
