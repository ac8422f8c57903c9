// A bench in a test's memory: a virtual board in simulated time, a registry and a ledger that
// forget nothing, and what can go wrong at each call. A whole preparing takes milliseconds.
#pragma once

#include <algorithm>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/memory_ledger.h"
#include "loader/shipped_stubs.h"
#include "prepare/board_job.h"
#include "prepare/retirement.h"
#include "registry/fake_registry.h"
#include "simulator/sample_firmware.h"
#include "simulator/virtual_board.h"

namespace imprint::prepare::testing {

using ledger::testing::LedgerClock;
using ledger::testing::OneProcess;

// A socket in which somebody may put another board.
class Socket final : public transport::Port, public Clock {
  public:
    void put(simulator::VirtualBoard& board) { board_ = &board; }

    bool refuse_lines = false;
    bool silent = false;  // as a board without power

    Result<std::size_t> read(std::span<std::uint8_t> into, Milliseconds patience) override {
        if (silent) {
            board_->sleep(patience, {});
            return 0;
        }
        return board_->read(into, patience);
    }

    Result<void> write(ByteView bytes) override { return board_->write(bytes); }

    Result<void> set_lines(transport::Lines lines) override {
        if (refuse_lines) return fail(ErrorKind::board, "port_io", "as an adapter that fails");
        return board_->set_lines(lines);
    }

    Result<void> set_baud(std::uint32_t baud) override { return board_->set_baud(baud); }

    Result<void> discard_input() override { return board_->discard_input(); }

    [[nodiscard]] const transport::PortTraits& traits() const override { return board_->traits(); }

    [[nodiscard]] const std::string& name() const override { return board_->name(); }

    [[nodiscard]] Instant now() const override { return board_->now(); }

    [[nodiscard]] WallTime wall() const override { return board_->wall(); }

    bool sleep(Milliseconds time, const std::stop_token& stop = {}) override {
        return board_->sleep(time, stop);
    }

  private:
    simulator::VirtualBoard* board_ = nullptr;
};

// Read once for all tests of a program: 950 KB of firmware, compressed.
struct SampleFirmware {
    SampleFirmware() : folder(*TemporaryDirectory::create()) {
        EXPECT_TRUE(simulator::write_sample_firmware(folder.path()));
        settings.directory = folder.path();
        firmware.emplace(load_firmware(settings, {}).value());
        auto place = find_credential_place(*firmware, settings, {});
        EXPECT_TRUE(place) << place.error().describe();
        form.emplace(make_credential_template(*place, CredentialSettings{}, "ROOT").value());
    }

    TemporaryDirectory folder;
    FirmwareSettings settings;
    std::optional<Firmware> firmware;
    std::optional<CredentialTemplate> form;
};

class BenchWorld : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { sample_ = std::make_unique<SampleFirmware>(); }

    static void TearDownTestSuite() { sample_.reset(); }

    BenchWorld() {
        settings_.verify.console = "";
        settings_.identity.policy.name = "p";
        cloud_.endpoint = "broker.example";
        cloud_.root_ca_pem = "ROOT";
        registry_.policies["p"] = {{{1, "{}"}}, 1, 1};
        ledger_.refuse = [this](const char* write) { return may_write(write); };
        simulated_.mac = mac_;
        simulated_.network = false;
        plug();
    }

    void plug() {
        board_ = simulator::VirtualBoard::create(simulated_).value();
        socket_.put(*board_);
    }

    // One `imprint prepare` for this board, as a process of its own.
    Result<PreparedBoard> prepare(const std::stop_token& stop = {}) {
        ++process_;
        processes_.current = "h/b/n/" + std::to_string(process_) + "/p";
        dead_ = false;
        ledger::RunFacts facts;
        facts.lot = lot_;
        facts.station = settings_.station.name;
        const auto run = same_run_ ? Result<ledger::RunId>(*same_run_) : ledger_.begin_run(facts);
        if (!run) return std::unexpected(run.error());
        last_run_ = *run;
        RecordedRegistry recorded(registry_, ledger::EffectLog(ledger_, {.run = *run}, {}));
        if (auto settled = settle_debts(recorded, ledger_, {}); !settled)
            return std::unexpected(settled.error());
        Tools tools{.settings = settings_,
                    .firmware = *sample_->firmware,
                    .credentials = *sample_->form,
                    .cloud = cloud_,
                    .identity = {.settings = settings_.identity,
                                 .ledger = ledger_,
                                 .registry = &registry_,
                                 .authority = authority_,
                                 .minted = minted_,
                                 .may_queue = may_queue_,
                                 .rivals = rivals_},
                    .ledger = ledger_,
                    .run = *run,
                    .lot = lot_,
                    .connect = connect_options(),
                    .clock = socket_,
                    .events = [this](const events::Event& event) { told_.push_back(event); },
                    .alongside = [this](auto make) { return make_identity(std::move(make)); },
                    .proof = proof_,
                    .again = {.wanted = again_, .once_a_run = once_a_run_},
                    .identity_only = identity_only_,
                    .log = {},
                    .scanned_serial = label_};
        told_.clear();
        auto passed = prepare_board({"bay0", "virtual", 0}, socket_, tools, stop);
        if (!dead_) static_cast<void>(ledger_.end_run(*run, passed ? 1 : 0, passed ? 0 : 1));
        return passed;
    }

    // What the start of any other run comes to. Gives how many debts are no more.
    unsigned settle() {
        const auto run = ledger_.begin_run({}).value();
        RecordedRegistry recorded(registry_, ledger::EffectLog(ledger_, {.run = run}, {}));
        return settle_debts(recorded, ledger_, {}).value();
    }

    static loader::ConnectOptions connect_options() {
        loader::ConnectOptions options;
        options.stub_directory = loader::shipped_stubs();
        return options;
    }

    // After the firmware is written, or before, so that each test has one order.
    std::future<Result<Identity>> make_identity(std::function<Result<Identity>()> make) {
        auto later = std::async(std::launch::deferred, [this, make = std::move(make)] {
            auto made = make();
            if (after_identity_) after_identity_();
            return made;
        });
        if (!is_made_at_once_) return later;
        std::promise<Result<Identity>> made;
        made.set_value(later.get());
        return made.get_future();
    }

    Result<void> may_write(const char* /*write*/) {
        if (!dead_ && !full_) return {};
        return fail(ErrorKind::ledger, "ledger_unwritable", "as a process that is dead");
    }

    // SPIFFS cuts a file into pages.
    [[nodiscard]] bool is_in_flash(const std::string& id) const {
        const std::string& pem = registry_.certificates.at(id).certificate.pem;
        const Bytes bytes = credentials_in_flash();
        const std::string_view flash(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return std::ranges::all_of(std::array{100, 380}, [&](int at) {
            return flash.contains(pem.substr(static_cast<std::size_t>(at), 60));
        });
    }

    // What the flash holds where the credentials go.
    [[nodiscard]] Bytes credentials_in_flash() const {
        const auto& place = sample_->firmware->credentials;
        const auto bytes = board_->flash().subspan(place.offset, place.size);
        return {bytes.begin(), bytes.end()};
    }

    [[nodiscard]] std::string thing() const { return mac_.id(); }

    [[nodiscard]] std::vector<ledger::CertificateRecord> records() {
        return ledger_.certificates(mac_).value();
    }

    [[nodiscard]] ledger::AttemptRecord last_attempt() {
        return ledger::attempts(ledger_, {}, 1).value().at(0);
    }

    [[nodiscard]] events::CertificateFate told_fate() const {
        if (const auto* stopped = events::as<events::BoardStopped>(told_.back()))
            return stopped->certificate_state;
        return events::as<events::BoardFailed>(told_.back())->certificate_state.value();
    }

    static std::unique_ptr<SampleFirmware> sample_;
    const MacAddress mac_ = *parse_mac("240ac4010203");
    LedgerClock clock_;
    OneProcess processes_;
    ledger::testing::MemoryLedger ledger_{clock_, processes_};
    registry::testing::FakeRegistry registry_{clock_};
    simulator::BoardOptions simulated_;
    std::unique_ptr<simulator::VirtualBoard> board_;
    Socket socket_;
    Settings settings_;
    CloudFacts cloud_;
    RivalRules rivals_;
    // With Issue::own_ca and Issue::minted.
    const pki::DeviceAuthority* authority_ = nullptr;
    minted::MintedStore* minted_ = nullptr;
    bool may_queue_ = false;
    std::string lot_ = "lot-7";
    bool again_ = true;  // most tests prepare their board more than once
    bool once_a_run_ = false;
    std::optional<ledger::RunId> same_run_;  // none: each preparing is a run of its own
    ledger::RunId last_run_ = 0;
    bool identity_only_ = false;
    std::string label_ = {};  // scanned for the board
    decltype(Tools::proof) proof_ = {};
    std::function<void()> after_identity_ = {};
    bool is_made_at_once_ = false;  // the identity, before the firmware is written
    std::vector<events::Event> told_;
    int process_ = 1;
    bool dead_ = false;  // nothing that the process does from now on reaches anybody
    bool full_ = false;  // the ledger's disk
};

inline std::unique_ptr<SampleFirmware> BenchWorld::sample_;

}  // namespace imprint::prepare::testing
