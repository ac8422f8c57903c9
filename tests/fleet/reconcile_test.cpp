// Each way in which ledger and registry can differ: what it is called, and that what it advises
// takes no working board down.
#include "fleet/reconcile.h"

#include <gmock/gmock.h>
#include <map>

#include "fleet/fleet_world.h"

namespace imprint::fleet {
namespace {

using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::Strike;

class ReconcileTest : public testing::FleetWorld {
  protected:
    using Kinds = std::map<std::string, DifferenceKind>;

    // By the certificate's id, or the thing's name.
    Kinds kinds(bool with_other = false) {
        std::vector<ledger::Reports*> ledgers{&ledger_};
        if (with_other) ledgers.push_back(&other_);
        Kinds told;
        differences_.clear();
        const auto done =
            reconcile(registry_, ledgers, {.thing_type = "T"}, [&](const FoundDifference& one) {
                const std::string& key = one.certificate.empty() ? one.thing : one.certificate;
                told[key] = one.kind;
                differences_[key] = one;
            });
        EXPECT_TRUE(done);
        EXPECT_EQ(done->differences, told.size());
        return told;
    }

    std::map<std::string, FoundDifference> differences_;
};

TEST_F(ReconcileTest, what_is_as_it_should_be_is_no_difference) {
    make(CertificateState::proven, CertificateStatus::active);
    make(CertificateState::staged, CertificateStatus::inactive);
    make(CertificateState::inactive, CertificateStatus::inactive, second_, ledger_);
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(ReconcileTest, a_board_that_cannot_connect_is_told_with_why) {
    const Made one = make(CertificateState::proven, CertificateStatus::active);
    auto& held = registry_.certificates.at(one.id);
    held.things.clear();
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::not_attached)));
    held.things = {"another"};
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::not_attached)));
    held.things = {mac_.id()};
    held.policies = {"another"};
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::without_policy)));
    EXPECT_EQ(differences_.at(one.id).policy, "p");
    set_status(one.id, CertificateStatus::inactive);
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::not_active)));
    registry_.certificates.erase(one.id);
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::missing)));
    EXPECT_THAT(differences_.at(one.id).hint, HasSubstr("prepare it again"));
}

TEST_F(ReconcileTest, one_that_is_missing_beside_another_active_one_is_not_to_be_prepared_again) {
    const Made one = make(CertificateState::proven, CertificateStatus::inactive);
    registry_.put(CertificateStatus::active, {mac_.id()});
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::other_active)));
    registry_.certificates.erase(one.id);
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::other_active)));
}

TEST_F(ReconcileTest, what_was_active_and_never_proven_is_told_by_how_it_came_to_it) {
    const Made failed = make(CertificateState::active, CertificateStatus::active);
    EXPECT_THAT(kinds(), ElementsAre(Pair(failed.id, DifferenceKind::unproven)));
    ASSERT_TRUE(ledger_.owe_deactivation({failed.row, failed.attempt}));
    EXPECT_THAT(kinds(), ElementsAre(Pair(failed.id, DifferenceKind::failed)));
    set_status(failed.id, CertificateStatus::inactive);
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(ReconcileTest, a_rotation_on_its_way_is_told_with_its_next_step) {
    make(CertificateState::proven, CertificateStatus::active);
    const Made staged = make(CertificateState::staged, CertificateStatus::active);
    EXPECT_THAT(kinds(), ElementsAre(Pair(staged.id, DifferenceKind::staged_active)));
    EXPECT_THAT(differences_.at(staged.id).hint, HasSubstr("--activate"));
    ASSERT_TRUE(ledger_.certificate_state(staged.row, CertificateState::active));
    EXPECT_THAT(kinds(), ElementsAre(Pair(staged.id, DifferenceKind::activated)));
    EXPECT_THAT(differences_.at(staged.id).hint, HasSubstr("--finish"));
    ASSERT_TRUE(ledger_.certificate_staged(staged.row));
    registry_.certificates.erase(staged.id);
    EXPECT_THAT(kinds(), ElementsAre(Pair(staged.id, DifferenceKind::staged_missing)));
}

TEST_F(ReconcileTest, what_is_gone_and_still_there_is_left_to_whoever_uses_it) {
    const Made one = make(CertificateState::gone, CertificateStatus::active);
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::gone_used)));
    EXPECT_THAT(differences_.at(one.id).hint, HasSubstr("find out who"));
    registry_.certificates.at(one.id).things.clear();
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::gone_there)));
    registry_.certificates.erase(one.id);
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(ReconcileTest, what_a_board_was_overwritten_with_offline_waits_for_the_push) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made next = queued(mac_);
    ASSERT_TRUE(ledger_.overwriting(next.attempt, {former.id}));
    EXPECT_THAT(kinds(), ::testing::UnorderedElementsAre(Pair(former.id, DifferenceKind::replaced),
                                                         Pair(next.id, DifferenceKind::queued)));
    EXPECT_THAT(differences_.at(former.id).hint, HasSubstr("push"));
}

TEST_F(ReconcileTest, what_a_living_attempt_has_in_hand_is_no_difference) {
    const Made one =
        make(CertificateState::active, CertificateStatus::active, mac_, ledger_, false);
    EXPECT_THAT(kinds(), IsEmpty());
    ASSERT_TRUE(ledger_.end_attempt(one.attempt, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::unproven)));
}

TEST_F(ReconcileTest, another_ledger_that_has_proven_it_since_knows_best) {
    const Made one = make(CertificateState::inactive, CertificateStatus::active);
    EXPECT_THAT(kinds(), ElementsAre(Pair(one.id, DifferenceKind::inactive_active)));
    const auto id = attempt(mac_, other_);
    const auto row = other_.certificate_requested(id, "key", "p").value();
    ASSERT_TRUE(other_.certificate_issued(row, one.id, {}));
    ASSERT_TRUE(other_.certificate_state(row, CertificateState::proven));
    ASSERT_TRUE(other_.end_attempt(id, ledger::Outcome::passed));
    EXPECT_THAT(kinds(true), IsEmpty());
}

TEST_F(ReconcileTest, what_was_only_found_on_the_thing_is_nobodys_successor) {
    const Made mine = make(CertificateState::proven, CertificateStatus::active);
    const auto id = attempt(mac_, other_);
    const std::string found = registry_.put(CertificateStatus::active, {mac_.id()});
    ASSERT_TRUE(other_.owe_retirement(id, found)) << "adopted: this is how it is owed";
    ASSERT_TRUE(other_.end_attempt(id, ledger::Outcome::passed));
    EXPECT_FALSE(kinds(true).contains(mine.id));
}

TEST_F(ReconcileTest, a_registry_that_does_not_answer_is_an_error_and_no_difference) {
    make(CertificateState::proven, CertificateStatus::inactive);
    for (const char* call : {"each_certificate", "certificates_of", "things_of_type"}) {
        strike(call, Strike::refused);
        std::vector<ledger::Reports*> ledgers{&ledger_};
        EXPECT_FALSE(reconcile(registry_, ledgers, {.thing_type = "T"}, [](const auto&) {}))
            << call;
    }
}

}  // namespace
}  // namespace imprint::fleet
