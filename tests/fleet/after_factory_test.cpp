// What sweep and reconcile make of a registry and one or two ledgers: against the local registry.
#include <chrono>
#include <gmock/gmock.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/aws_registry.h"
#include "aws/local_registry_test.h"
#include "base/error_code.h"
#include "fleet/reconcile.h"
#include "fleet/retire.h"
#include "fleet/rotate.h"
#include "fleet/sweep.h"
#include "ledger/sqlite_ledger.h"
#include "pki/key.h"

namespace imprint::fleet {
namespace {

using ledger::CertificateState;
using registry::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AfterFactoryTest : public aws::testing::LocalRegistryTest {
  protected:
    void SetUp() override {
        LocalRegistryTest::SetUp();
        ASSERT_TRUE(registry_->ensure_thing_type("T"));
        ASSERT_TRUE(iot_->create_policy(
            "p",
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]})"));
        own_ = open("own.sqlite");
        other_ = open("other.sqlite");
        recorded_.emplace(*registry_,
                          ledger::EffectLog(*own_, {.run = own_->begin_run({}).value()}, {}));
    }

    std::unique_ptr<ledger::Ledger> open(const char* name) {
        auto opened = ledger::open_ledger(home() / name, clock_);
        EXPECT_TRUE(opened) << opened.error().describe();
        return std::move(*opened);
    }

    struct Made {
        std::string id;
        std::string arn;
        std::int64_t row = 0;
        ledger::AttemptId attempt = 0;
    };

    // In the registry and in the ledger, in these states.
    Made make(ledger::Ledger& ledger, const MacAddress& mac, CertificateState state,
              CertificateStatus status, bool ends = true) {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto run = ledger
                             .begin_run({.version = "1",
                                         .lot = "lot",
                                         .endpoint = "host",
                                         .firmware = "abc",
                                         .firmware_commit = ""})
                             .value();
        Made made;
        made.attempt = ledger.begin_attempt(run, "bay0").value();
        EXPECT_TRUE(ledger.identified(made.attempt, mac, "esp32", mac.id()));
        EXPECT_TRUE(ledger.claim(made.attempt));
        made.row = ledger.certificate_requested(made.attempt, key->public_pem(), "p").value();
        auto issued = iot_->create_certificate_from_csr(key->request("x")).value();
        made.id = issued.id;
        made.arn = issued.arn;
        EXPECT_TRUE(ledger.certificate_issued(made.row, made.id, {}));
        EXPECT_TRUE(registry_->ensure_thing(mac.id(), "T", {}, {}));
        EXPECT_TRUE(registry_->attach(made.id, made.arn, mac.id(), "p"));
        EXPECT_TRUE(iot_->update_certificate(made.id, status));
        EXPECT_TRUE(ledger.certificate_state(made.row, state));
        if (ends) {
            EXPECT_TRUE(ledger.end_attempt(made.attempt, ledger::Outcome::passed));
        }
        clock_.sleep(Milliseconds(2));  // of two, one is the later
        return made;
    }

    std::map<std::string, FoundDifference> differences(std::vector<ledger::Reports*> ledgers,
                                                       const ReconcileScope& scope = {
                                                           .thing_type = "T"}) {
        std::map<std::string, FoundDifference> told;
        const auto result = reconcile(*registry_, ledgers, scope, [&](const FoundDifference& one) {
            told[one.certificate.empty() ? one.thing : one.certificate] = one;
        });
        EXPECT_TRUE(result);
        waiting_ = result->waiting;
        EXPECT_EQ(result->differences, told.size());
        return told;
    }

    std::vector<FoundLeftover> leftovers(std::vector<ledger::Reports*> ledgers,
                                         std::chrono::seconds age = std::chrono::seconds(0)) {
        auto found = find_leftovers(*registry_, ledgers,
                                    {.policy = "p", .thing_type = "T", .at_least_as_old = age},
                                    clock_.wall());
        EXPECT_TRUE(found);
        return std::move(*found);
    }

    void apply(std::vector<ledger::Ledger*> ledgers) {
        for (const auto& left : leftovers({ledgers.begin(), ledgers.end()}))
            EXPECT_TRUE(remove_leftover(*recorded_, ledgers, left));
    }

    std::string status(const std::string& id) {
        const auto there = iot_->describe_certificate(id);
        return there ? std::string(registry::to_string(there->status)) : "gone";
    }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    const MacAddress second_ = *parse_mac("246f28aabbcd");
    std::unique_ptr<ledger::Ledger> own_;
    std::unique_ptr<ledger::Ledger> other_;
    std::optional<prepare::RecordedRegistry> recorded_;
    std::size_t waiting_ = 0;
};

// --- reconcile: no advice takes a working board down

TEST_F(AfterFactoryTest, a_replaced_certificate_is_judged_by_the_newest_of_its_board) {
    const Made former = make(*own_, mac_, CertificateState::proven, CertificateStatus::inactive);
    const Made now = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    const auto told = differences({&*own_});
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told.at(former.id).hint, HasSubstr(now.id));
    EXPECT_EQ(told.at(former.id).kind, DifferenceKind::replaced);
    EXPECT_EQ(told.at(former.id).replaced_by, now.id);
    EXPECT_EQ(told.at(former.id).status, CertificateStatus::inactive);
    EXPECT_EQ(told.at(former.id).arn, former.arn);
    EXPECT_THAT(told.at(former.id).hint, HasSubstr("sweep --apply"));
    EXPECT_THAT(told.at(former.id).hint, Not(HasSubstr("retire")));
    apply({&*own_});  // as it says
    EXPECT_EQ(status(former.id), "gone");
    EXPECT_EQ(status(now.id), "ACTIVE");
    EXPECT_THAT(differences({&*own_}), IsEmpty());
}

TEST_F(AfterFactoryTest, one_that_is_still_active_behind_its_successor_is_swept_away) {
    const Made former = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    const Made now = make(*other_, mac_, CertificateState::proven, CertificateStatus::active);
    EXPECT_THAT(leftovers({&*own_}), IsEmpty()) << "this ledger alone cannot know";
    const auto told = differences({&*own_, &*other_});
    EXPECT_THAT(told.at(former.id).hint, HasSubstr("sweep --apply"));
    apply({&*own_, &*other_});
    EXPECT_EQ(status(former.id), "gone");
    EXPECT_EQ(status(now.id), "ACTIVE");
}

TEST_F(AfterFactoryTest, a_board_that_another_station_has_prepared_since_is_left_to_it) {
    const Made former = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    const Made now = make(*other_, mac_, CertificateState::proven, CertificateStatus::active);
    ASSERT_TRUE(registry_->retire(former.id, {mac_.id()}));
    const auto told = differences({&*own_});
    EXPECT_THAT(told.at(former.id).hint, HasSubstr("--also-ledger"));
    EXPECT_EQ(told.at(former.id).kind, DifferenceKind::other_active);
    EXPECT_EQ(told.at(former.id).status, std::nullopt);
    EXPECT_THAT(differences({&*own_, &*other_}), IsEmpty());
    EXPECT_EQ(status(now.id), "ACTIVE");
}

TEST_F(AfterFactoryTest, one_that_was_switched_off_is_switched_on_again_as_it_says) {
    const Made one = make(*own_, mac_, CertificateState::proven, CertificateStatus::inactive);
    EXPECT_THAT(differences({&*own_}).at(one.id).hint,
                HasSubstr("update-certificate --certificate-id " + one.id));
    EXPECT_EQ(differences({&*own_}).at(one.id).kind, DifferenceKind::not_active);
    ASSERT_TRUE(iot_->update_certificate(one.id, CertificateStatus::active));
    EXPECT_THAT(differences({&*own_}), IsEmpty());
}

TEST_F(AfterFactoryTest, an_older_ledger_calls_nothing_a_leftover_that_works) {
    const Made one = make(*own_, mac_, CertificateState::inactive, CertificateStatus::active);
    const auto told = differences({&*own_});
    EXPECT_THAT(told.at(one.id).hint, HasSubstr("prepare the board again, or leave it"));
    EXPECT_EQ(told.at(one.id).kind, DifferenceKind::inactive_active);
    apply({&*own_});
    EXPECT_EQ(status(one.id), "ACTIVE");
}

TEST_F(AfterFactoryTest, what_a_board_has_no_more_is_told_and_made_inactive_not_deleted) {
    const Made former = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    const Made next =
        make(*own_, mac_, CertificateState::inactive, CertificateStatus::inactive, false);
    ASSERT_TRUE(own_->overwriting(next.attempt, {former.id}));
    EXPECT_THAT(differences({&*own_}), IsEmpty()) << "a living attempt has the board in hand";
    EXPECT_THAT(leftovers({&*own_}), IsEmpty());
    ASSERT_TRUE(own_->end_attempt(next.attempt, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(differences({&*own_}).at(former.id).hint, HasSubstr("prepare the board again"));
    EXPECT_EQ(differences({&*own_}).at(former.id).kind, DifferenceKind::overwritten);
    const auto found = leftovers({&*own_}, std::chrono::hours(1));
    ASSERT_EQ(found.size(), 1U) << "what is owed is owed at once";
    EXPECT_EQ(found.front().kind, LeftoverKind::owed_deactivation);
    EXPECT_EQ(found.front().cause, LeftoverCause::overwritten);
    apply({&*own_});
    EXPECT_EQ(status(former.id), "INACTIVE");
    EXPECT_THAT(differences({&*own_}), IsEmpty());
    apply({&*own_});
    EXPECT_EQ(status(former.id), "INACTIVE") << "until another one is proven";
}

TEST_F(AfterFactoryTest, one_that_is_gone_for_this_thing_and_used_by_another_is_left_to_it) {
    const Made shared = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    ASSERT_TRUE(registry_->ensure_thing("gateway", "", {}, {}));
    ASSERT_TRUE(iot_->attach_thing_principal("gateway", shared.arn));
    const auto retired = retire(*recorded_, *own_, {mac_.id(), "lost", false});
    ASSERT_TRUE(retired) << retired.error().describe();
    EXPECT_EQ(status(shared.id), "ACTIVE");
    EXPECT_THAT(iot_->list_principal_things(shared.arn).value(), ElementsAre("gateway"));
    EXPECT_THAT(differences({&*own_}).at(shared.id).hint, HasSubstr("find out who"));
    EXPECT_EQ(differences({&*own_}).at(shared.id).kind, DifferenceKind::gone_used);
    EXPECT_EQ(differences({&*own_}).at(shared.id).other_thing, "gateway");
    apply({&*own_});
    EXPECT_EQ(status(shared.id), "ACTIVE");
}

TEST_F(AfterFactoryTest, what_was_made_ahead_of_its_board_is_no_difference) {
    for (const char* thing : {"ahead-1", "stranger"})
        ASSERT_TRUE(registry_->ensure_thing(thing, "T", {}, {}));
    const auto told =
        differences({&*own_}, {.thing_type = "T", .made_ahead = {"ahead-1", "ahead-2"}});
    ASSERT_EQ(told.size(), 1U);
    ASSERT_TRUE(told.contains("stranger"));
    EXPECT_EQ(told.at("stranger").kind, DifferenceKind::unknown_thing);
    EXPECT_EQ(waiting_, 1U);
}

// --- sweep: things have an age, and an owner

TEST_F(AfterFactoryTest, a_thing_that_no_ledger_knows_is_shown_and_left_alone) {
    ASSERT_TRUE(registry_->ensure_thing("ahead", "T", {}, {}));
    const auto found = leftovers({&*own_});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found.front().ours);
    EXPECT_EQ(found.front().cause, LeftoverCause::no_certificate);
    apply({&*own_});
    EXPECT_TRUE(iot_->describe_thing("ahead"));
}

TEST_F(AfterFactoryTest, a_thing_of_ours_goes_once_it_is_old_enough_and_nobody_is_at_it) {
    const auto bare = [&](const MacAddress& mac, bool ends) {
        const auto run = own_->begin_run({.version = "1",
                                          .lot = "lot",
                                          .endpoint = "host",
                                          .firmware = "abc",
                                          .firmware_commit = ""})
                             .value();
        const auto attempt = own_->begin_attempt(run, "bay0").value();
        EXPECT_TRUE(own_->identified(attempt, mac, "esp32", mac.id()));
        EXPECT_TRUE(registry_->ensure_thing(mac.id(), "T", {}, {}));
        if (ends) {
            EXPECT_TRUE(own_->end_attempt(attempt, ledger::Outcome::failed, "x", "y"));
        }
    };
    bare(mac_, true);
    bare(second_, false);
    EXPECT_THAT(leftovers({&*own_}, std::chrono::hours(1)), IsEmpty()) << "too young";
    clock_.sleep(Milliseconds(2));
    apply({&*own_});
    EXPECT_FALSE(iot_->describe_thing(mac_.id()));
    EXPECT_TRUE(iot_->describe_thing(second_.id())) << "an attempt is at it";
}

TEST_F(AfterFactoryTest, the_newest_is_the_one_that_was_proven_last_and_is_in_force) {
    // Asked for first, and proven last, as after `rotate --stage`.
    const Made staged = make(*own_, mac_, CertificateState::staged, CertificateStatus::inactive);
    const Made between = make(*other_, mac_, CertificateState::proven, CertificateStatus::active);
    ASSERT_TRUE(iot_->update_certificate(staged.id, CertificateStatus::active));
    ASSERT_TRUE(own_->certificate_state(staged.row, CertificateState::proven));
    EXPECT_THAT(differences({&*own_, &*other_}).at(between.id).hint, HasSubstr(staged.id));
    ASSERT_TRUE(registry_->retire(between.id, {mac_.id()}));
    EXPECT_THAT(differences({&*own_, &*other_}),
                Not(::testing::Contains(::testing::Key(staged.id))));
    apply({&*own_, &*other_});
    EXPECT_EQ(status(staged.id), "ACTIVE") << "whose successor is not there";
}

TEST_F(AfterFactoryTest, one_that_is_not_in_force_is_nobodys_successor) {
    const Made working = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    const Made later = make(*other_, mac_, CertificateState::proven, CertificateStatus::inactive);
    EXPECT_FALSE(differences({&*own_, &*other_}).contains(working.id));
    for (const auto& left : leftovers({&*own_, &*other_}))
        EXPECT_NE(left.certificate, working.id) << left.why;
    apply({&*own_, &*other_});
    EXPECT_EQ(status(working.id), "ACTIVE");
    EXPECT_EQ(status(later.id), "INACTIVE") << "somebody has only switched it off";
}

TEST_F(AfterFactoryTest, what_one_ledger_calls_gone_and_another_has_proven_is_no_difference) {
    const Made one = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    const auto run = other_
                         ->begin_run({.version = "1",
                                      .lot = "lot",
                                      .endpoint = "host",
                                      .firmware = "abc",
                                      .firmware_commit = ""})
                         .value();
    const auto attempt = other_->begin_attempt(run, "bay0").value();
    ASSERT_TRUE(other_->identified(attempt, mac_, "esp32", mac_.id()));
    ASSERT_TRUE(other_->overwriting(attempt, {one.id}));
    ASSERT_TRUE(other_->certificate_gone(one.id));
    ASSERT_TRUE(other_->end_attempt(attempt, ledger::Outcome::passed));
    EXPECT_THAT(differences({&*own_, &*other_}), IsEmpty());
    apply({&*own_, &*other_});
    EXPECT_EQ(status(one.id), "ACTIVE");
}

TEST_F(AfterFactoryTest, what_was_our_boards_and_is_anothers_now_is_left_to_it) {
    const Made shared = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    ASSERT_TRUE(registry_->ensure_thing("gateway", "", {}, {}));
    ASSERT_TRUE(iot_->attach_thing_principal("gateway", shared.arn));
    ASSERT_TRUE(retire(*recorded_, *own_, {mac_.id(), "lost", false}));
    // Its owner pauses it.
    ASSERT_TRUE(iot_->update_certificate(shared.id, CertificateStatus::inactive));
    apply({&*own_});
    EXPECT_EQ(status(shared.id), "INACTIVE");
    EXPECT_THAT(iot_->list_principal_things(shared.arn).value(), ElementsAre("gateway"));
}

TEST_F(AfterFactoryTest, a_retirement_that_is_owed_is_done_by_a_sweep_as_reconcile_says) {
    const Made former = make(*own_, mac_, CertificateState::proven, CertificateStatus::inactive);
    const Made now = make(*own_, mac_, CertificateState::proven, CertificateStatus::active);
    ASSERT_TRUE(own_->owe_retirement({}, former.id));
    EXPECT_THAT(differences({&*own_}).at(former.id).hint, HasSubstr("sweep --apply"));
    apply({&*own_});
    EXPECT_EQ(status(former.id), "gone");
    EXPECT_EQ(status(now.id), "ACTIVE");
    EXPECT_THAT(*own_->owed_retirements(), IsEmpty());
}

TEST_F(AfterFactoryTest, a_rotation_is_not_cancelled_where_the_former_one_is_not_in_force) {
    const Made former = make(*own_, mac_, CertificateState::proven, CertificateStatus::inactive);
    const Made staged = make(*own_, mac_, CertificateState::inactive, CertificateStatus::active);
    ASSERT_TRUE(own_->certificate_staged(staged.row));
    ASSERT_TRUE(own_->certificate_state(staged.row, CertificateState::active));
    const auto refused = cancel_rotation(*recorded_, *own_, mac_.id());
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "no_former_certificate");
    EXPECT_EQ(status(staged.id), "ACTIVE");
    ASSERT_TRUE(iot_->update_certificate(former.id, CertificateStatus::active));
    EXPECT_TRUE(cancel_rotation(*recorded_, *own_, mac_.id()));
    EXPECT_EQ(status(former.id), "ACTIVE");
}

TEST_F(AfterFactoryTest, one_with_our_policy_and_on_no_thing_is_removed) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto loose = iot_->create_certificate_from_csr(key->request("x")).value();
    ASSERT_TRUE(iot_->attach_policy("p", loose.arn));
    ASSERT_TRUE(iot_->update_certificate(loose.id, CertificateStatus::active));
    apply({&*own_});
    EXPECT_EQ(status(loose.id), "gone");
}

TEST_F(AfterFactoryTest, what_a_living_attempt_has_in_hand_is_no_leftover) {
    const Made one =
        make(*own_, mac_, CertificateState::inactive, CertificateStatus::inactive, false);
    apply({&*own_});
    EXPECT_EQ(status(one.id), "INACTIVE");
    ASSERT_TRUE(own_->end_attempt(one.attempt, ledger::Outcome::failed, "x", "y"));
    apply({&*own_});
    EXPECT_EQ(status(one.id), "gone");
}

}  // namespace
}  // namespace imprint::fleet
