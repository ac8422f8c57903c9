#include "station/played_bench.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <utility>

#include "simulator/run.h"

namespace imprint::station::testing {

namespace {

using simulator::Hand;
using transport::PortChange;
using namespace std::chrono_literals;

// Of the computer: what takes longer hangs.
constexpr auto patience = 120s;
constexpr int quickened = 50;
const Instant beginning = Instant() + 1h;

}  // namespace

struct PlayedBench::Bay {
    std::string name;
    std::deque<simulator::HandMove> moves;
    std::optional<unsigned> board;
    std::unique_ptr<simulator::VirtualBoard> chip;
    Instant::duration ahead{};  // of the chip's own time
    Instant alone = beginning;  // the time while no board is in
    bool cable_whole = true;
    // Counts the boards that were put in.
    unsigned generation = 0;
    unsigned begun = 0;           // the one that the work was begun on last
    unsigned judged = 0;          // the one whose result is shown
    unsigned working = 0;         // jobs
    std::set<MacAddress> during;  // boards that were in since the work began
    events::BayStatus status = events::BayStatus::empty;
    // Of the bridge:
    std::uint32_t baud = 115200;
    transport::Lines lines;

    [[nodiscard]] Instant now() const { return chip ? chip->now() + ahead : alone; }
};

thread_local PlayedBench::Bay* PlayedBench::at_work_here = nullptr;

Instant PlayedBench::BayClock::now() const {
    if (at_work_here == nullptr)
        return beginning + (std::chrono::steady_clock::now().time_since_epoch() * quickened);
    const Guard lock(bench_.mutex_);
    return at_work_here->now();
}

bool PlayedBench::BayClock::sleep(Milliseconds time, const std::stop_token& stop) {
    if (at_work_here == nullptr) {
        std::this_thread::sleep_for(std::chrono::duration_cast<std::chrono::microseconds>(time) /
                                    quickened);
        return !stop.stop_requested();
    }
    const Guard lock(bench_.mutex_);
    bench_.advance(*at_work_here, at_work_here->now() + time);
    return !stop.stop_requested();
}

class PlayedBench::Port final : public transport::Port {
  public:
    Port(PlayedBench& bench, Bay& bay)
        : bench_(bench), bay_(bay), generation_(bay.generation), name_(bay.name) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds wait) override {
        const Guard lock(bench_.mutex_);
        const Instant deadline = bay_.now() + wait;
        for (;;) {
            if (hung_up()) return gone();
            const Instant now = bay_.now();
            const Instant until =
                bay_.moves.empty()
                    ? deadline
                    : std::min(deadline, std::max(now, beginning + bay_.moves.front().at));
            if (bay_.chip && bay_.cable_whole) {
                const auto left = std::chrono::ceil<Milliseconds>(until - now);
                const auto got = bay_.chip->read(into, left);
                if (!got || *got > 0) return got;
            }
            bench_.advance(bay_, until);
            if (bay_.now() >= deadline) return hung_up() ? gone() : Result<std::size_t>(0);
        }
    }

    Result<void> write(ByteView bytes) override {
        return to_chip([&] { return bay_.chip->write(bytes); });
    }

    Result<void> set_lines(transport::Lines lines) override {
        return to_chip([&] { return bay_.chip->set_lines(lines); }, [&] { bay_.lines = lines; });
    }

    Result<void> set_baud(std::uint32_t baud) override {
        return to_chip([&] { return bay_.chip->set_baud(baud); }, [&] { bay_.baud = baud; });
    }

    Result<void> discard_input() override {
        return to_chip([&] { return bay_.chip->discard_input(); });
    }

    [[nodiscard]] const transport::PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    Result<void> to_chip(
        const std::function<Result<void>()>& work, const std::function<void()>& keep = [] {}) {
        const Guard lock(bench_.mutex_);
        if (hung_up()) return std::unexpected(gone().error());
        keep();
        if (!bay_.chip || !bay_.cable_whole) return {};
        return work();
    }

    [[nodiscard]] bool hung_up() const {
        return bench_.fixture_ == Fixture::ports_come_and_go &&
               (generation_ != bay_.generation || !bay_.chip);
    }

    static Result<std::size_t> gone() {
        return imprint::fail(ErrorKind::board, "port_gone", "the cable was pulled");
    }

    PlayedBench& bench_;
    Bay& bay_;
    unsigned generation_;
    transport::PortTraits traits_{.has_lines = true, .has_baud = true};
    std::string name_;
};

class PlayedBench::Watch final : public transport::PortWatch {
  public:
    explicit Watch(PlayedBench& bench) : bench_(bench) {}

    Result<std::vector<PortChange>> next(Milliseconds, const std::stop_token&) override {
        Guard lock(bench_.mutex_);
        bench_.changed_.wait_for(lock, 5ms, [this] { return !bench_.changes_.empty(); });
        return std::exchange(bench_.changes_, {});
    }

  private:
    PlayedBench& bench_;
};

class PlayedBench::Worker final : public BayWorker {
  public:
    Worker(PlayedBench& bench, BayWorker& worker) : bench_(bench), worker_(worker) {}

    Ending prepare(const bays::BayPort& port, const BoardOrder& order,
                   const events::EventSink& events, const std::stop_token& stop) override {
        Bay* bay = bench_.bay_of(port.port);
        {
            const Guard lock(bench_.mutex_);
            ++bay->working;
            bay->begun = bay->generation;
            bay->during.clear();
            if (bay->board) bay->during.insert(bench_.mac_of(*bay->board));
            bench_.changed_.notify_all();
        }
        const Ending ending = worker_.prepare(port, order, events, stop);
        const Guard lock(bench_.mutex_);
        --bay->working;
        bench_.changed_.notify_all();
        return ending;
    }

    std::optional<MacAddress> ask(const bays::BayPort& port, const std::stop_token& stop) override {
        return worker_.ask(port, stop);
    }

  private:
    PlayedBench& bench_;
    BayWorker& worker_;
};

PlayedBench::PlayedBench(const simulator::PlanOptions& plan, Fixture fixture,
                         const MacAddress& first, const simulator::BoardOptions& board,
                         std::function<void(std::string)> wrong)
    : fixture_(fixture), first_(first), board_(board), wrong_(std::move(wrong)) {
    for (unsigned i = 1; i <= plan.bays; ++i) {
        bays_.push_back(std::make_unique<Bay>());
        bays_.back()->name = std::to_string(i);
        if (fixture == Fixture::ports_stay) post(*bays_.back(), PortChange::Kind::came);
    }
    simulator::OperatorPlan moves(plan);
    while (auto move = moves.next())
        bays_.at(move->bay)->moves.push_back(*move);
}

PlayedBench::~PlayedBench() = default;

MacAddress PlayedBench::mac_of(unsigned board) const {
    return simulator::counted_up(first_, board);
}

PlayedBench::Bay* PlayedBench::bay_of(const std::string& name) {
    return std::ranges::find(bays_, name, [](const auto& bay) { return bay->name; })->get();
}

std::unique_ptr<transport::PortWatch> PlayedBench::watch() {
    return std::make_unique<Watch>(*this);
}

std::unique_ptr<BayWorker> PlayedBench::watched(BayWorker& worker) {
    return std::make_unique<Worker>(*this, worker);
}

Result<std::unique_ptr<transport::Port>> PlayedBench::open_port(const std::string& port) {
    const Guard lock(mutex_);
    Bay* bay = bay_of(port);
    if (fixture_ == Fixture::ports_come_and_go && !bay->chip)
        return imprint::fail(ErrorKind::board, "port_missing", "there is no port " + port);
    at_work_here = bay;
    return std::make_unique<Port>(*this, *bay);
}

void PlayedBench::post(const Bay& bay, PortChange::Kind kind) {
    PortChange change{kind, {}};
    change.port.path = bay.name;
    change.port.usb_path = "socket-" + bay.name;
    changes_.push_back(std::move(change));
    changed_.notify_all();
}

void PlayedBench::put_in(Bay& bay, unsigned board) {
    simulator::BoardOptions options = board_;
    options.mac = mac_of(board);
    auto chip = simulator::VirtualBoard::create(options).value();
    if (const auto flash = flash_.find(board); flash != flash_.end())
        chip->preload_flash(0, flash->second);
    else
        flash_[board];
    static_cast<void>(chip->set_baud(bay.baud));
    static_cast<void>(chip->set_lines(bay.lines));
    bay.ahead = bay.alone - chip->now();
    bay.chip = std::move(chip);
    bay.board = board;
    ++bay.generation;
    bay.during.insert(mac_of(board));
    out_.erase(board);
}

void PlayedBench::take_out(Bay& bay) {
    bay.alone = bay.now();
    const auto content = bay.chip->flash();
    flash_[*bay.board].assign(content.begin(), content.end());
    out_.insert(*bay.board);
    bay.chip.reset();
    bay.board.reset();
}

// False: the board that is to be put in is in another bay yet.
bool PlayedBench::make_move(Bay& bay) {
    const simulator::HandMove move = bay.moves.front();
    const bool comes = move.what == Hand::put || move.what == Hand::swap;
    if (comes && flash_.contains(move.board) && !out_.contains(move.board)) return false;
    bay.moves.pop_front();
    const bool leaves = move.what == Hand::take || move.what == Hand::swap;
    if (bay.working > 0) {
        ++disturbed_;
        if (leaves && move.long_enough)
            fail(fmt::format("bay {}: board {} was in for {} ms and has no verdict", bay.name,
                             mac_of(*bay.board).id(), move.stay.count()));
    }
    const bool ports = fixture_ == Fixture::ports_come_and_go;
    if (leaves) take_out(bay);
    if (leaves && ports) {
        // As a bridge is when it is plugged in.
        bay.baud = 115200;
        bay.lines = {};
        post(bay, PortChange::Kind::went);
    }
    if (comes) put_in(bay, move.board);
    if (comes && ports) post(bay, PortChange::Kind::came);
    if (move.what == Hand::break_cable) bay.cable_whole = false;
    if (move.what == Hand::mend_cable) bay.cable_whole = true;
    changed_.notify_all();
    return true;
}

void PlayedBench::advance(Bay& bay, Instant to) {
    for (;;) {
        const bool due = !bay.moves.empty() && beginning + bay.moves.front().at <= to;
        const Instant until =
            due ? std::max(bay.now(), beginning + bay.moves.front().at) : std::max(bay.now(), to);
        if (bay.chip)
            bay.chip->sleep(std::chrono::ceil<Milliseconds>(until - bay.now()), {});
        else
            bay.alone = until;
        if (!due) return;
        // A moment later, then.
        if (!make_move(bay)) bay.moves.front().at += 100ms;
    }
}

void PlayedBench::disturb_now(std::uint64_t which) {
    const Guard lock(mutex_);
    Bay& bay = *bays_[which % bays_.size()];
    if (bay.working == 0 || bay.moves.empty()) return;
    const auto& next = bay.moves.front();
    const bool harmless = next.what == Hand::put || next.what == Hand::mend_cable;
    if (!harmless && !next.long_enough) static_cast<void>(make_move(bay));
}

void PlayedBench::take(const events::Event& event) {
    const Guard lock(mutex_);
    const auto found =
        std::ranges::find(bays_, event.bay, [](const auto& bay) { return bay->name; });
    if (found == bays_.end()) return;
    Bay& bay = **found;
    if (events::as<events::BoardPassed>(event) != nullptr) {
        passed_.insert(event.mac.value());
        if (!bay.during.contains(*event.mac))
            fail(
                fmt::format("bay {}: {} has passed, and was not there", bay.name, event.mac->id()));
    }
    if (const auto* told = events::as<events::BayChanged>(event)) {
        using enum events::BayStatus;
        bay.status = told->status;
        if (told->status == passed || told->status == failed || told->status == off)
            bay.judged = bay.begun;
        changed_.notify_all();
    }
}

void PlayedBench::fail(const std::string& what) {
    failed_ = true;
    wrong_(what);
    changed_.notify_all();
}

bool PlayedBench::play(Bench& bench) {
    {
        std::vector<std::jthread> hands;
        for (const auto& bay : bays_)
            hands.emplace_back([this, &bench, &bay] { play_bay(bench, *bay); });
    }
    const Guard lock(mutex_);
    return !failed_;
}

void PlayedBench::play_bay(Bench& bench, Bay& bay) {
    const auto deadline = [] { return std::chrono::steady_clock::now() + patience; };
    Guard lock(mutex_);
    while (!bay.moves.empty() && !failed_) {
        if (!changed_.wait_until(lock, deadline(), [&] { return bay.working == 0 || failed_; }))
            return fail(fmt::format("bay {}: the work does not end", bay.name));
        // What has just been put in is begun with, once the one before it has ended.
        for (const auto end = deadline();
             bay.board && bay.begun != bay.generation && bay.working == 0 && !failed_;) {
            if (std::chrono::steady_clock::now() > end)
                return fail(fmt::format("bay {}: nobody begins with board {}", bay.name,
                                        mac_of(*bay.board).id()));
            if (bay.status == events::BayStatus::off) bench.press({BenchKey::What::on, bay.name});
            if (fixture_ == Fixture::ports_stay) bench.press({BenchKey::What::start, bay.name});
            changed_.wait_for(lock, 20ms);
        }
        if (bay.working > 0 || bay.moves.empty() || failed_) continue;
        const bool leaves =
            bay.moves.front().what == Hand::take || bay.moves.front().what == Hand::swap;
        if (leaves && bay.moves.front().long_enough) {
            const auto moves = bay.moves.size();
            const bool told = changed_.wait_until(lock, deadline(), [&] {
                return bay.judged == bay.generation || bay.working > 0 ||
                       bay.moves.size() != moves || failed_;
            });
            if (!told)
                return fail(fmt::format("bay {}: board {} has no verdict", bay.name,
                                        mac_of(*bay.board).id()));
            if (bay.judged != bay.generation) continue;
        }
        const Instant due = beginning + bay.moves.front().at;
        if (bay.chip)
            bay.ahead += std::max(due - bay.now(), Instant::duration(0));
        else
            bay.alone = std::max(bay.alone, due);
        if (make_move(bay)) continue;
        const unsigned awaited = bay.moves.front().board;
        if (!changed_.wait_until(lock, deadline(),
                                 [&] { return out_.contains(awaited) || failed_; }))
            return fail(fmt::format("board {} never leaves its bay", mac_of(awaited).id()));
    }
}

}  // namespace imprint::station::testing
