// A bench whose hands and boards do what a test says.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "events/bench_state.h"
#include "station/bench.h"

namespace imprint::station {

using Kind = Ending::Kind;
using transport::PortChange;

inline constexpr MacAddress left_mac{{0x24, 0x0A, 0xC4, 0, 0, 1}};
inline constexpr MacAddress right_mac{{0x24, 0x0A, 0xC4, 0, 0, 2}};
inline constexpr std::chrono::seconds long_enough{20};

// The hands at the bench: ports come and go as a test says.
class Hands final : public transport::PortWatch {
  public:
    void plug(const std::string& port, const std::string& socket = {}) {
        change(PortChange::Kind::came, port, socket);
    }

    // A chip that is its own USB device.
    void plug_own(const std::string& port) {
        PortChange change{PortChange::Kind::came, {}};
        change.port.path = port;
        change.port.vendor = 0x303A;
        change.port.product = 0x1001;
        post(std::move(change));
    }

    void pull(const std::string& port, const std::string& socket = {}) {
        change(PortChange::Kind::went, port, socket);
    }

    void fail_next() {
        const std::lock_guard lock(mutex_);
        failed_ = true;
    }

    Result<std::vector<PortChange>> next(Milliseconds, const std::stop_token& stop) override {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, stop, std::chrono::milliseconds(20),
                          [this] { return !changes_.empty() || failed_; });
        if (failed_) return fail(ErrorKind::config, "port_watch", "nobody looks any more");
        return std::exchange(changes_, {});
    }

  private:
    void change(PortChange::Kind kind, const std::string& port, const std::string& socket) {
        PortChange change{kind, {}};
        change.port.path = port;
        change.port.usb_path = socket;
        post(std::move(change));
    }

    void post(PortChange change) {
        const std::lock_guard lock(mutex_);
        changes_.push_back(std::move(change));
        arrived_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::vector<PortChange> changes_;
    bool failed_ = false;
};

// Boards that come to what a test says, when it says so.
class Worker final : public BayWorker {
  public:
    struct Job {
        bays::BayPort bay;
        bool again = false;
        std::string serial;
        events::EventSink events;
        std::stop_token stop;
        std::promise<Ending> end;
    };

    Ending prepare(const bays::BayPort& bay, const BoardOrder& order,
                   const events::EventSink& events, const std::stop_token& stop) override {
        auto job = std::make_shared<Job>();
        job->bay = bay;
        job->again = order.again;
        job->serial = order.serial;
        job->events = events;
        job->stop = stop;
        auto ending = job->end.get_future();
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return {.kind = Kind::stopped};
            jobs_.push_back(job);
            begun_.push_back(job);
            arrived_.notify_all();
        }
        if (throws_) throw std::logic_error("nobody thought of this");
        return ending.get();
    }

    std::optional<MacAddress> ask(const bays::BayPort&, const std::stop_token&) override {
        const std::lock_guard lock(mutex_);
        ++questions_;
        arrived_.notify_all();
        return answers_;
    }

    // The next work that begins, whoever's it is.
    std::shared_ptr<Job> next() {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(arrived_.wait_for(lock, long_enough, [this] { return !jobs_.empty(); }));
        // What a test does with it then has no effect.
        if (jobs_.empty()) {
            auto none = std::make_shared<Job>();
            none->events = [](const events::Event&) {};
            return none;
        }
        auto job = jobs_.front();
        jobs_.pop_front();
        return job;
    }

    // A test that has failed ends all the same.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        for (const auto& job : begun_) {
            try {
                job->end.set_value({.kind = Kind::stopped});
            } catch (const std::future_error&) {
                continue;  // it has ended
            }
        }
    }

    void answer(std::optional<MacAddress> mac) {
        const std::lock_guard lock(mutex_);
        answers_ = mac;
    }

    bool throws_ = false;

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::shared_ptr<Job>> jobs_;
    std::vector<std::shared_ptr<Job>> begun_;
    bool closed_ = false;
    std::optional<MacAddress> answers_;
    unsigned questions_ = 0;
};

class BenchTest : public ::testing::Test {
  protected:
    void TearDown() override {
        if (running_.valid()) static_cast<void>(finish());
    }

    void begin() {
        bench_.emplace(rules_, names_, worker_, clock_, [this](const events::Event& event) {
            const std::lock_guard lock(mutex_);
            state_ = events::apply(std::move(state_), event);
            if (const auto* changed = events::as<events::BayChanged>(event))
                status_[event.bay] = changed->status;
            told_.push_back(event);
            changed_.notify_all();
        });
        running_ = std::async(std::launch::async, [this] {
            return bench_->run(hands_, [this] { return ending_.load(); }, stop_.get_token());
        });
    }

    Result<BenchSummary> finish() {
        ending_ = true;
        EXPECT_EQ(running_.wait_for(long_enough), std::future_status::ready);
        worker_.close();
        return running_.get();
    }

    // Waits until the bay is told to stand so.
    void await(const std::string& bay, BayStatus status) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, long_enough, [&] {
            return status_.contains(bay) && status_[bay] == status;
        })) << bay;
    }

    static void end(Worker::Job& job, Kind kind, std::optional<MacAddress> mac = left_mac,
                    const std::string& code = {}) {
        if (kind == Kind::passed)
            job.events({{},
                        job.bay.bay,
                        mac,
                        events::BoardPassed{.thing = "t",
                                            .certificate_id = "c",
                                            .seconds = 1,
                                            .retired = 0,
                                            .retirement_owed = 0,
                                            .queued = false,
                                            .bytes_written = 0}});
        else
            job.events({{},
                        job.bay.bay,
                        mac,
                        events::BoardFailed{
                            .kind = ErrorKind::board, .code = code, .reason = "r", .hint = ""}});
        job.end.set_value({.kind = kind, .code = code, .reason = "r", .mac = mac});
    }

    [[nodiscard]] events::BayState bay(const std::string& name) {
        const std::lock_guard lock(mutex_);
        const auto* one = state_.bay(name);
        return one == nullptr ? events::BayState{} : *one;
    }

    // Waits until so many of them were told.
    template <typename T>
    void await_told(std::size_t count) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, long_enough, [&] {
            return static_cast<std::size_t>(std::ranges::count_if(told_, [](const auto& event) {
                       return events::as<T>(event) != nullptr;
                   })) >= count;
        }));
    }

    // Waits until the bench knows the bay.
    void await_bay(const std::string& name) {
        for (int i = 0; i < 1000 && std::ranges::count(bench_->bays(), name) == 0; ++i)
            clock_.sleep(Milliseconds(10));
    }

    template <typename T>
    std::size_t told() {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count_if(
            told_, [](const auto& event) { return events::as<T>(event) != nullptr; }));
    }

    SystemClock clock_;
    Hands hands_;
    Worker worker_;
    BenchRules rules_;
    std::map<std::string, std::string> names_;
    std::optional<Bench> bench_;
    std::future<Result<BenchSummary>> running_;
    std::atomic<bool> ending_ = false;
    std::stop_source stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    events::BenchState state_;
    std::map<std::string, BayStatus> status_;
    std::vector<events::Event> told_;
};

}  // namespace imprint::station
