// Every call of preparing a board and of replacing its identity × everything that can happen to a
// call, then a clean run: the end is that of an undisturbed run, and at no instant is a certificate
// ACTIVE that is on no board. tests/e2e/test_fault_table.py has some of these cells with whole
// processes, and so shows that the fakes here are honest.
#include <gmock/gmock.h>

#include "prepare/bench_world.h"
#include "registry/every_fault.h"

namespace imprint::prepare {
namespace {

using registry::testing::cell_of;
using registry::testing::disturb;
using registry::testing::every_fault;
using registry::testing::Fault;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FaultCells : public testing::BenchWorld {
  protected:
    // Gives the name of the call that met the fault; empty: there are not so many.
    std::string disturbed(std::size_t at, Fault fault) {
        for (const auto& id : registry_.active())
            vouched_.insert(id);
        return disturb(
            registry_, dead_, at, fault, [this](const std::string& call) { watch(call); },
            [this] { static_cast<void>(prepare()); });
    }

    // An ACTIVE certificate is in the flash of the board, or was before.
    virtual void watch(const std::string& call) {
        for (const auto& id : registry_.active()) {
            if (vouched_.contains(id)) continue;
            EXPECT_TRUE(is_in_flash(id)) << "ACTIVE and on no board, after " << call;
            vouched_.insert(id);
        }
    }

    void expect_undisturbed_end(const std::string& cell) {
        // A certificate that was asked for a moment ago may not be seen yet: it is looked for
        // again.
        clock_.sleep(std::chrono::minutes(2));
        const auto passed = prepare();
        ASSERT_TRUE(passed) << cell << ": " << passed.error().describe();
        EXPECT_THAT(registry_.statuses(),
                    ElementsAre(std::pair(passed->certificate_id, std::string("ACTIVE"))))
            << cell;
        EXPECT_TRUE(is_in_flash(passed->certificate_id)) << cell;
        EXPECT_THAT(ledger_.owed_deactivations().value(), IsEmpty()) << cell;
        EXPECT_THAT(ledger_.owed_retirements().value(), IsEmpty()) << cell;
        EXPECT_THAT(ledger_.unfinished(mac_).value(), IsEmpty()) << cell;
    }

    // A world of its own for each cell; the board in it has the firmware already.
    virtual void begin_anew() {
        registry_.certificates.clear();
        registry_.things.clear();
        registry_.strike = {};
        registry_.after = {};
        vouched_.clear();
        ledger_.forget();
    }

    void table(bool replaces) {
        std::size_t cells = 0;
        for (const auto fault : every_fault) {
            for (std::size_t at = 0;; ++at) {
                begin_anew();
                identity_only_ = false;
                if (replaces) {
                    ASSERT_TRUE(prepare());
                }
                identity_only_ = rotates_;
                const std::string struck = disturbed(at, fault);
                if (struck.empty()) break;
                expect_undisturbed_end(cell_of(struck, at, fault));
                if (HasFatalFailure()) return;
                ++cells;
            }
        }
        EXPECT_GT(cells, 20U);
        RecordProperty("cells", static_cast<int>(cells));
    }

    std::set<std::string> vouched_;
    bool rotates_ = false;
};

TEST_F(FaultCells, of_a_first_board) {
    table(false);
}

TEST_F(FaultCells, of_a_board_that_has_an_identity) {
    table(true);
}

TEST_F(FaultCells, of_a_rotation) {
    rotates_ = true;
    table(true);
}

// The owner's authority signs, here or ahead.
class OwnAuthorityCells : public FaultCells {
  protected:
    OwnAuthorityCells() {
        settings_.identity.issue = Issue::own_ca;
        const auto certificate = folder_.path() / "ca.pem";
        const auto key = folder_.path() / "ca.key";
        EXPECT_TRUE(write_file(certificate, owner_.certificate_pem()));
        EXPECT_TRUE(write_file(key, owner_.key_pem().reveal(), FileMode::secret));
        opened_.emplace(
            pki::DeviceAuthority::open(certificate, key.string(), clock_.wall()).value());
        authority_ = &*opened_;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    pki::Authority owner_ = pki::Authority::create("Owner", pki::KeyKind::ec_p256,
                                                   std::chrono::days(3650), clock_.wall())
                                .value();
    std::optional<pki::DeviceAuthority> opened_;
};

TEST_F(OwnAuthorityCells, of_a_first_board) {
    table(false);
}

class MintedCells : public OwnAuthorityCells {
  protected:
    MintedCells() { settings_.identity.issue = Issue::minted; }

    // Another identity for each cell: the former one is still in the flash of the board.
    void begin_anew() override {
        FaultCells::begin_anew();
        store_.reset();
        minted_folder_.emplace(TemporaryDirectory::create().value());
        store_.emplace(minted::MintedStore::open(minted_folder_->path() / "minted").value());
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256).value();
        std::vector<minted::MintedIdentity> made(1);
        made[0].number = 1;
        made[0].thing = made[0].mac = mac_.id();
        made[0].certificate_pem =
            owner_.issue_client(key.request("x"), std::chrono::days(30), clock_.wall()).value();
        made[0].certificate_id = pki::inspect_certificate(made[0].certificate_pem)->id;
        made[0].private_key_pem = key.to_pem();
        EXPECT_TRUE(store_->add(made));
        minted_ = &*store_;
        its_own_ = made[0].certificate_id;
    }

    // The board's only identity: it works with it all the time.
    void watch(const std::string& call) override {
        FaultCells::watch(call);
        if (has_it_) {
            EXPECT_THAT(registry_.active(), ElementsAre(its_own_)) << "after " << call;
        }
    }

    std::optional<TemporaryDirectory> minted_folder_;
    std::optional<minted::MintedStore> store_;
    std::string its_own_;
    bool has_it_ = false;
};

TEST_F(MintedCells, of_a_first_board) {
    table(false);
}

TEST_F(MintedCells, of_a_board_that_has_it_already) {
    has_it_ = true;
    table(true);
}

TEST_F(MintedCells, and_not_of_one_that_is_active_by_somebody_elses_doing) {
    begin_anew();
    const auto made = store_->page(0, 1).value();
    static_cast<void>(registry_.ensure_registered(its_own_, made.front().certificate_pem, {}));
    registry_.certificates.at(its_own_).certificate.status = registry::CertificateStatus::active;
    const auto passed = prepare();
    ASSERT_FALSE(passed);
    EXPECT_EQ(passed.error().code, "minted_in_use");
    EXPECT_FALSE(is_in_flash(its_own_));
    EXPECT_THAT(registry_.active(), ElementsAre(its_own_)) << "some other board may work with it";
}

TEST_F(MintedCells, it_stays_in_the_registry_when_its_board_fails) {
    begin_anew();
    registry_.strike = [](const std::string& call) {
        return call == "attach" ? registry::testing::Strike::refused
                                : registry::testing::Strike::none;
    };
    EXPECT_FALSE(prepare());
    EXPECT_EQ(told_fate(), events::CertificateFate::inactive);
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(its_own_, std::string("INACTIVE"))))
        << "it was not made here, and its board comes back";
    registry_.strike = {};
    EXPECT_EQ(prepare()->certificate_id, its_own_);
}

}  // namespace
}  // namespace imprint::prepare
