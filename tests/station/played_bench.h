// Sockets with virtual boards in simulated time, and hands that move the boards by a plan while a
// real bench works on them. Each bay has a time of its own, which goes on with what its worker
// waits for: a move is made in the midst of a read or a sleep when its time has come, and at once
// where nobody is at work.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "events/event.h"
#include "simulator/operator_plan.h"
#include "simulator/virtual_board.h"
#include "station/bench.h"
#include "transport/port.h"
#include "transport/port_watch.h"

namespace imprint::station::testing {

// How boards come: with a port of their own, or under a port that stays, and by the start key.
enum class Fixture : std::uint8_t { ports_come_and_go, ports_stay };

class PlayedBench {
  public:
    // first: the MAC of the plan's board 0; the others count up. wrong: told of what must not be.
    PlayedBench(const simulator::PlanOptions& plan, Fixture fixture, const MacAddress& first,
                const simulator::BoardOptions& board, std::function<void(std::string)> wrong);

    ~PlayedBench();
    PlayedBench(const PlayedBench&) = delete;
    PlayedBench& operator=(const PlayedBench&) = delete;
    PlayedBench(PlayedBench&&) = delete;
    PlayedBench& operator=(PlayedBench&&) = delete;

    // --- what the bench is given
    [[nodiscard]] std::unique_ptr<transport::PortWatch> watch();

    // Of a thread at work in a bay, the bay's; of any other, the computer's, fifty times as fast.
    [[nodiscard]] Clock& clock() { return clock_; }

    [[nodiscard]] Result<std::unique_ptr<transport::Port>> open_port(const std::string& port);
    // The same worker, and this bench knows what is at work.
    [[nodiscard]] std::unique_ptr<BayWorker> watched(BayWorker& worker);
    void take(const events::Event& event);

    // A disturbance that is planned for a bay at work is made now.
    void disturb_now(std::uint64_t which);

    // Makes the moves, from threads of its own, until all are made; false: something hung.
    [[nodiscard]] bool play(Bench& bench);

    // --- afterwards, boards by their numbers
    [[nodiscard]] std::size_t boards() const { return flash_.size(); }

    [[nodiscard]] MacAddress mac_of(unsigned board) const;

    [[nodiscard]] const Bytes& flash_of(unsigned board) const { return flash_.at(board); }

    [[nodiscard]] const std::set<MacAddress>& passed() const { return passed_; }

    // Moves that were made while the board was worked on.
    [[nodiscard]] unsigned disturbed() const { return disturbed_; }

  private:
    struct Bay;
    class Port;
    class Watch;
    class Worker;

    class BayClock final : public Clock {
      public:
        explicit BayClock(PlayedBench& bench) : bench_(bench) {}

        [[nodiscard]] Instant now() const override;

        [[nodiscard]] WallTime wall() const override { return WallTime(std::chrono::days(20'000)); }

        bool sleep(Milliseconds time, const std::stop_token& stop = {}) override;

      private:
        PlayedBench& bench_;
    };

    using Guard = std::unique_lock<std::mutex>;

    void play_bay(Bench& bench, Bay& bay);
    void fail(const std::string& what);
    // All with the mutex held:
    [[nodiscard]] bool make_move(Bay& bay);
    void advance(Bay& bay, Instant to);
    void put_in(Bay& bay, unsigned board);
    void take_out(Bay& bay);
    void post(const Bay& bay, transport::PortChange::Kind kind);
    [[nodiscard]] Bay* bay_of(const std::string& name);

    static thread_local Bay* at_work_here;

    Fixture fixture_;
    MacAddress first_;
    simulator::BoardOptions board_;
    std::function<void(std::string)> wrong_;
    BayClock clock_{*this};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Bay>> bays_;
    std::map<unsigned, Bytes> flash_;  // of boards that are or were in a bay, when they left
    std::set<unsigned> out_;           // those that are in no bay now
    std::set<MacAddress> passed_;
    std::vector<transport::PortChange> changes_;
    unsigned disturbed_ = 0;
    bool failed_ = false;
};

}  // namespace imprint::station::testing
