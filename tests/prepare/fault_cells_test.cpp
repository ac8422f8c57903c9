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
using registry::testing::Strike;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST_F(OwnAuthorityCells, an_activation_without_an_answer_is_owed_back_though_the_rest_is_queued) {
    may_queue_ = true;
    registry_.strike = [](const std::string& call) {
        return call == "activate" ? Strike::lost : Strike::none;
    };
    // Only after that does the board fail.
    ASSERT_TRUE(write_file(folder_.path() / "file", std::string_view("no folder")));
    settings_.credentials.archive = folder_.path() / "file" / "archive";
    ASSERT_FALSE(prepare());
    EXPECT_EQ(told_fate(), events::CertificateFate::unknown);
    EXPECT_THAT(registry_.active(), SizeIs(1));
    registry_.strike = {};
    EXPECT_EQ(settle(), 1U);
    EXPECT_THAT(registry_.active(), IsEmpty());
}

// The registry knows none of them before its board connects.
class JustInTimeCells : public OwnAuthorityCells {
  protected:
    JustInTimeCells() {
        settings_.identity.ca.registration = Registration::just_in_time;
        settings_.verify.console = "never printed";
        settings_.verify.timeout = std::chrono::seconds(1);
    }

    // Gives its certificate.
    std::string failed_board() {
        const auto passed = prepare();
        EXPECT_FALSE(passed);
        if (!passed) {
            EXPECT_EQ(passed.error().code, "console_unexpected");
        }
        EXPECT_THAT(registry_.certificates, IsEmpty());
        return records().back().id;
    }

    void connects(const std::string& id) {
        auto& held = registry_.certificates[id];
        held.certificate.id = id;
        held.certificate.status = registry::CertificateStatus::active;
        held.things = {thing()};
    }
};

TEST_F(JustInTimeCells, a_failed_board_that_connects_later_does_not_stay_active) {
    connects(failed_board());
    EXPECT_EQ(settle(), 1U);
    EXPECT_THAT(registry_.active(), IsEmpty());
}

TEST_F(JustInTimeCells, nor_does_one_that_connects_after_a_run_has_not_found_it) {
    const std::string failed = failed_board();
    settle();
    connects(failed);
    settle();
    EXPECT_THAT(registry_.active(), IsEmpty());
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

TEST_F(MintedCells, nor_of_one_that_the_ledger_calls_gone_and_somebody_has_made_active) {
    begin_anew();
    ASSERT_TRUE(prepare());
    ASSERT_TRUE(ledger_.certificate_gone(its_own_));
    plug();
    const auto passed = prepare();
    ASSERT_FALSE(passed);
    EXPECT_EQ(passed.error().code, "minted_in_use");
    EXPECT_FALSE(is_in_flash(its_own_));
    EXPECT_THAT(registry_.active(), ElementsAre(its_own_)) << "some other board may work with it";
}

TEST_F(MintedCells, one_that_was_registered_ahead_is_not_removed_as_a_leftover_of_its_board) {
    begin_anew();
    const auto made = store_->page(0, 1).value();
    static_cast<void>(registry_.ensure_registered(its_own_, made.front().certificate_pem, {}));
    registry_.certificates.at(its_own_).policies = {"given ahead"};
    registry_.strike = [](const std::string& call) {
        return call == "attach" ? Strike::refused : Strike::none;
    };
    ASSERT_FALSE(prepare());
    registry_.strike = {};
    registry_.after = [&](const std::string& call) {
        EXPECT_TRUE(registry_.certificates.contains(its_own_)) << "after " << call;
    };
    ASSERT_TRUE(prepare());
    EXPECT_THAT(registry_.certificates.at(its_own_).policies, Contains("given ahead"));
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
