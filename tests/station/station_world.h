// A station in a test's memory: one virtual board on a port of its own, ports with trouble, a
// registry and a ledger, and sample firmware.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "prepare/bench_world.h"
#include "registry/fake_registry.h"
#include "station/run.h"

namespace imprint::station::testing {

using prepare::testing::LedgerClock;
using prepare::testing::OneProcess;
using prepare::testing::Socket;

// The board's time; its date stands still, so that any thread may ask for it.
class RunClock final : public Clock {
  public:
    explicit RunClock(simulator::VirtualBoard& board) : board_(board) {}

    [[nodiscard]] Instant now() const override { return board_.now(); }

    [[nodiscard]] WallTime wall() const override { return WallTime(std::chrono::days(20'000)); }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override {
        return board_.sleep(time, stop);
    }

  private:
    simulator::VirtualBoard& board_;
};

// Its cable is pulled, or whoever wrote it has made a mistake.
class BadPort final : public transport::Port {
  public:
    explicit BadPort(bool is_bug) : is_bug_(is_bug) {}

    Result<std::size_t> read(std::span<std::uint8_t>, Milliseconds) override {
        if (is_bug_) throw std::logic_error("nobody thought of this");
        return fail(ErrorKind::board, "port_gone", "the cable was pulled");
    }

    Result<void> write(ByteView) override { return lost(); }

    Result<void> set_lines(transport::Lines) override { return lost(); }

    Result<void> set_baud(std::uint32_t) override { return lost(); }

    Result<void> discard_input() override { return lost(); }

    [[nodiscard]] const transport::PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    [[nodiscard]] Result<void> lost() const {
        if (is_bug_) throw std::logic_error("nobody thought of this");
        return fail(ErrorKind::board, "port_gone", "the cable was pulled");
    }

    bool is_bug_;
    transport::PortTraits traits_;
    std::string name_ = "bad";
};

// A bridge without a board behind it.
class SilentPort final : public transport::Port {
  public:
    explicit SilentPort(simulator::VirtualBoard& time) : time_(time) {}

    Result<std::size_t> read(std::span<std::uint8_t>, Milliseconds patience) override {
        time_.sleep(patience, {});
        return 0;
    }

    Result<void> write(ByteView) override { return {}; }

    Result<void> set_lines(transport::Lines) override { return {}; }

    Result<void> set_baud(std::uint32_t) override { return {}; }

    Result<void> discard_input() override { return {}; }

    [[nodiscard]] const transport::PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    simulator::VirtualBoard& time_;
    transport::PortTraits traits_;
    std::string name_ = "silent";
};

// Something that talks without end, whatever it is told, as fast as 115,200 baud carry it.
class GarbagePort final : public transport::Port {
  public:
    explicit GarbagePort(simulator::VirtualBoard& time) : time_(time) {}

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        if (patience.count() == 0) return 0;
        constexpr std::size_t bytes_in_10_ms = 115;
        time_.sleep(Milliseconds(10), {});
        const std::size_t count = std::min(into.size(), bytes_in_10_ms);
        for (std::uint8_t& byte : into.first(count))
            byte = static_cast<std::uint8_t>(random_());
        return count;
    }

    Result<void> write(ByteView) override { return {}; }

    Result<void> set_lines(transport::Lines) override { return {}; }

    Result<void> set_baud(std::uint32_t) override { return {}; }

    Result<void> discard_input() override { return {}; }

    [[nodiscard]] const transport::PortTraits& traits() const override { return traits_; }

    [[nodiscard]] const std::string& name() const override { return name_; }

  private:
    simulator::VirtualBoard& time_;
    std::mt19937 random_{1};
    transport::PortTraits traits_{.has_lines = true, .has_baud = true};
    std::string name_ = "garbage";
};

class StationWorld : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        sample_ = std::make_unique<TemporaryDirectory>(*TemporaryDirectory::create());
        ASSERT_TRUE(simulator::write_sample_firmware(sample_->path()));
    }

    static void TearDownTestSuite() { sample_.reset(); }

    StationWorld() {
        simulated_.mac = *parse_mac("240ac4010203");
        simulated_.network = false;
        board_ = simulator::VirtualBoard::create(simulated_).value();
        clock_.emplace(*board_);
        settings_.firmware.directory = sample_->path();
        settings_.ledger.path = records_.path() / "ledger.sqlite";
        settings_.identity.policy.name = "p";
        settings_.verify.console = "";
        registry_->policies["p"] = {{{1, "{}"}}, 1, 1};
        options_.ports = {"virtual"};
        options_.lot = "lot-7";
        surroundings_.find_ports = [] { return std::vector<transport::FoundPort>(); };
        surroundings_.open_port = [this](const std::string& port) { return open(port); };
        surroundings_.reach_registry = [this]() -> Result<ReachedRegistry> {
            steps_.emplace_back("registry");
            if (unreachable_)
                return fail(ErrorKind::registry, "registry_unreachable", "no network");
            return ReachedRegistry{registry_, {"ROOT", {}}};
        };
        surroundings_.open_ledger = [this]() -> Result<std::shared_ptr<ledger::Ledger>> {
            steps_.emplace_back("ledger");
            return ledger_;
        };
        surroundings_.find_lot = [this](const std::string& lot) { return ledger_->find_lot(lot); };
    }

    Result<std::unique_ptr<transport::Port>> open(const std::string& port) {
        steps_.emplace_back("port " + port);
        if (port == "pulled" || port == "bug") return std::make_unique<BadPort>(port == "bug");
        if (port == "silent") return std::make_unique<SilentPort>(*board_);
        if (port == "garbage") return std::make_unique<GarbagePort>(*board_);
        if (port == "busy") return fail(ErrorKind::board, "port_busy", "minicom has it");
        if (port != "virtual") return fail(ErrorKind::board, "port_missing", "there is no " + port);
        auto socket = std::make_unique<Socket>();
        socket->put(*board_);
        return socket;
    }

    [[nodiscard]] events::EventSink sink() {
        return [this](const events::Event& event) {
            const std::lock_guard lock(mutex_);
            told_.push_back(event);
        };
    }

    [[nodiscard]] std::vector<ledger::RunRecord> all_runs() const {
        std::vector<ledger::RunRecord> all;
        EXPECT_TRUE(ledger_->each_run([&](const auto& one) {
            all.push_back(one);
            return true;
        }));
        return all;
    }

    template <typename T>
    [[nodiscard]] std::size_t told() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            told_, [](const auto& event) { return events::as<T>(event) != nullptr; }));
    }

    [[nodiscard]] std::vector<std::string> notes() const {
        std::vector<std::string> all;
        for (const auto& event : told_)
            if (const auto* note = events::as<events::Note>(event)) all.push_back(note->text);
        return all;
    }

    inline static std::unique_ptr<TemporaryDirectory> sample_;
    TemporaryDirectory records_ = *TemporaryDirectory::create();
    LedgerClock ledger_clock_;
    OneProcess processes_;
    std::shared_ptr<ledger::testing::MemoryLedger> ledger_ =
        std::make_shared<ledger::testing::MemoryLedger>(ledger_clock_, processes_);
    std::shared_ptr<registry::testing::FakeRegistry> registry_ =
        std::make_shared<registry::testing::FakeRegistry>(ledger_clock_);
    simulator::BoardOptions simulated_;
    std::unique_ptr<simulator::VirtualBoard> board_;
    std::optional<RunClock> clock_;
    prepare::Settings settings_;
    RunOptions options_;
    Surroundings surroundings_;
    std::stop_source stop_;
    std::mutex mutex_;
    std::vector<events::Event> told_;
    std::vector<std::string> steps_;  // what was reached for, in order
    bool unreachable_ = false;
};

}  // namespace imprint::station::testing
