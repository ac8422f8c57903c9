// Boards that are pulled, exchanged and put back at random instants, while a real bench prepares
// them with real workers: what has passed has its own identity and number, and nothing hangs.
#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "image/spiffs.h"
#include "ledger/memory_ledger.h"
#include "prepare/retirement.h"
#include "registry/fake_registry.h"
#include "simulator/run.h"
#include "simulator/sample_firmware.h"
#include "station/bench_worker.h"
#include "station/played_bench.h"

namespace imprint::station {
namespace {

// The date of ledger and registry, which are asked from all bays.
class SharedClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return Instant(Milliseconds(++looks_)); }

    [[nodiscard]] WallTime wall() const override {
        return WallTime(std::chrono::days(20'000)) + Milliseconds(++looks_);
    }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override {
        looks_ += time.count();
        return !stop.stop_requested();
    }

  private:
    mutable std::atomic<std::int64_t> looks_ = 0;
};

class PulledCables : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        sample_ = std::make_unique<TemporaryDirectory>(*TemporaryDirectory::create());
        ASSERT_TRUE(simulator::write_sample_firmware(sample_->path()));
    }

    static void TearDownTestSuite() { sample_.reset(); }

    PulledCables() {
        settings_.firmware.directory = sample_->path();
        settings_.ledger.path = records_.path() / "ledger.sqlite";
        settings_.identity.policy.name = "p";
        settings_.verify.console = "";
        registry_->policies["p"] = {{{1, "{}"}}, 1, 1};
        options_.lot = "lot-7";
        ledger::LotFacts lot;
        lot.name = options_.lot;
        lot.serial_template = "S{number:5}";
        EXPECT_TRUE(ledger_->open_lot(lot));
        surroundings_.find_ports = [] { return std::vector<transport::FoundPort>(); };
        surroundings_.open_port = [this](const std::string& port) {
            return played_->open_port(port);
        };
        surroundings_.reach_registry = [this]() -> Result<ReachedRegistry> {
            return ReachedRegistry{registry_, {"ROOT", {}}};
        };
        surroundings_.open_ledger = [this]() -> Result<std::shared_ptr<ledger::Ledger>> {
            return ledger_;
        };
        surroundings_.find_lot = [this](const std::string& name) {
            return ledger_->find_lot(name);
        };
    }

    void run(std::uint64_t seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        // With a wire that takes its time, most of the work is writing; without, it is all the
        // rest.
        const bool has_wire = seed % 4 != 3;
        const simulator::PlanOptions plan{
            .seed = seed,
            .bays = static_cast<unsigned>(2 + seed % 3),
            .boards = 5,
            .stay = std::chrono::seconds(300),
            .work = has_wire ? Milliseconds(34'000) : Milliseconds(350)};
        simulator::BoardOptions board;
        board.network = false;
        if (has_wire) board.timings = simulator::Timings::esp32_with_w25q32();
        const MacAddress first =
            simulator::counted_up(*parse_mac("240ac4000000"), static_cast<unsigned>(seed) * 100);
        const bool ports_stay = seed % 5 < 2;
        const auto fixture =
            ports_stay ? testing::Fixture::ports_stay : testing::Fixture::ports_come_and_go;
        settings_.station.start = ports_stay ? prepare::Start::key : prepare::Start::plug;
        played_.emplace(plan, fixture, first, board,
                        [](const std::string& what) { ADD_FAILURE() << what; });
        // A registry call is an instant too.
        std::mt19937_64 random(seed);
        registry_->after = [&](const std::string&) {
            if (random() % 16 == 0) played_->disturb_now(random());
        };
        const Log log;
        const std::stop_source stop;
        const std::stop_token token = stop.get_token();
        const events::EventSink events = [this](const events::Event& event) {
            played_->take(event);
        };
        BenchWorker worker(settings_, options_, surroundings_, played_->clock(), events, log,
                           token);
        const auto begun = worker.begin();
        ASSERT_TRUE(begun) << begun.error().describe();
        place_ = worker.now()->shared().firmware.credentials;
        const auto watched = played_->watched(worker);
        BenchRules rules;
        rules.bay.start = settings_.station.start;
        Bench bench(rules, names_, *watched, played_->clock(), events);
        std::atomic<bool> over = false;
        std::jthread hands([&] {
            static_cast<void>(played_->play(bench));
            over = true;
        });
        const auto watch = played_->watch();
        const auto summary = bench.run(*watch, [&] { return over.load(); }, token);
        ASSERT_TRUE(summary) << summary.error().describe();
        hands.join();
        registry_->after = {};
        ASSERT_TRUE(worker.end());
        settle();
        look_at_boards();
        disturbed_ += played_->disturbed();
        passed_ += static_cast<unsigned>(played_->passed().size());
    }

    // What the start of any other run comes to.
    void settle() {
        const auto run = ledger_->begin_run({}).value();
        prepare::RecordedRegistry recorded(*registry_,
                                           ledger::EffectLog(*ledger_, {.run = run}, {}));
        EXPECT_TRUE(prepare::settle_debts(recorded, *ledger_, {}));
    }

    // The certificate that a device would read; nothing: it has none.
    [[nodiscard]] std::optional<std::string> certificate_in(const Bytes& flash) const {
        image::spiffs::Geometry geometry;
        geometry.image_size = place_.size;
        const auto read =
            image::spiffs::read(ByteView(flash).subspan(place_.offset, place_.size), geometry);
        if (!read) return std::nullopt;
        for (const auto& file : read->files)
            if (file.path.ends_with(settings_.credentials.certificate_name))
                return std::string(file.content.begin(), file.content.end());
        return std::nullopt;
    }

    void look_at_boards() {
        for (unsigned i = 0; i < played_->boards(); ++i) {
            const MacAddress mac = played_->mac_of(i);
            SCOPED_TRACE(mac.id());
            std::vector<std::string> active;
            const auto in_flash = certificate_in(played_->flash_of(i));
            for (const auto& [id, held] : registry_->certificates) {
                const bool of_this = held.things.contains(mac.id());
                if (of_this) {
                    EXPECT_EQ(held.things.size(), 1U) << id;
                }
                // Whichever certificate it is that has got into this flash, it is this board's.
                if (in_flash && held.certificate.pem == *in_flash) {
                    EXPECT_TRUE(of_this) << id;
                }
                if (of_this && held.certificate.status == registry::CertificateStatus::active)
                    active.push_back(id);
            }
            const auto record = ledger_->board(mac).value();
            if (!played_->passed().contains(mac)) {
                EXPECT_EQ(active.size(), 0U);
                continue;
            }
            ASSERT_EQ(active.size(), 1U);
            EXPECT_EQ(registry_->certificates.at(active.front()).certificate.pem, in_flash);
            ASSERT_TRUE(record && record->certificate);
            EXPECT_EQ(record->certificate->id, active.front());
            const auto serials = ledger_->serials(mac).value();
            ASSERT_EQ(serials.size(), 1U);
            EXPECT_TRUE(numbers_.insert(serials.front().serial).second) << "used twice";
        }
    }

    inline static std::unique_ptr<TemporaryDirectory> sample_;
    TemporaryDirectory records_ = *TemporaryDirectory::create();
    SharedClock clock_;

    struct Alive final : Processes {
        [[nodiscard]] std::string self() const override { return "h/b/n/1/p"; }

        [[nodiscard]] Life life_of(std::string_view identity) const override {
            return identity == self() ? Life::alive : Life::dead;
        }
    } processes_;

    std::shared_ptr<ledger::testing::MemoryLedger> ledger_ =
        std::make_shared<ledger::testing::MemoryLedger>(clock_, processes_);
    std::shared_ptr<registry::testing::FakeRegistry> registry_ =
        std::make_shared<registry::testing::FakeRegistry>(clock_);
    prepare::Settings settings_;
    RunOptions options_;
    Surroundings surroundings_;
    std::map<std::string, std::string> names_{
        {"1", "socket-1"}, {"2", "socket-2"}, {"3", "socket-3"}, {"4", "socket-4"}};
    image::Partition place_;
    std::optional<testing::PlayedBench> played_;
    std::set<std::string> numbers_;
    unsigned disturbed_ = 0;
    unsigned passed_ = 0;
};

// IMPRINT_PULLED_CABLES=0-499 runs so many: six minutes of a core.
std::pair<std::uint64_t, std::uint64_t> seeds() {
    const char* wanted = std::getenv("IMPRINT_PULLED_CABLES");
    const std::string_view text = wanted == nullptr ? "0-14" : wanted;
    const auto dash = std::min(text.find('-'), text.size());
    const std::uint64_t first = std::stoull(std::string(text.substr(0, dash)));
    if (dash == text.size()) return {first, first};
    return {first, std::stoull(std::string(text.substr(dash + 1)))};
}

TEST_F(PulledCables, no_board_passes_with_anothers_identity_and_each_has_its_verdict) {
    const auto [first, last] = seeds();
    for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed)
        run(seed);
    fmt::print("{} moves in the midst of the work, {} boards passed\n", disturbed_, passed_);
    EXPECT_GT(disturbed_, last - first);
    EXPECT_GE(passed_, last - first);
}

}  // namespace
}  // namespace imprint::station
