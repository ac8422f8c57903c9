// What a sweep takes for a leftover, and what it leaves alone that has come into use since it was
// found.
#include <gmock/gmock.h>

#include "fleet/fleet_world.h"
#include "fleet/sweep.h"

namespace imprint::fleet {
namespace {

using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SweepOrder : public testing::FleetWorld {
  protected:
    std::vector<FoundLeftover> leftovers(std::chrono::seconds age = std::chrono::seconds(0)) {
        return leftovers_of({&ledger_}, age);
    }

    std::vector<FoundLeftover> leftovers_of(const std::vector<ledger::Ledger*>& ledgers,
                                            std::chrono::seconds age = std::chrono::seconds(0)) {
        const std::vector<ledger::Reports*> reports(ledgers.begin(), ledgers.end());
        return find_leftovers(registry_, reports,
                              {.policy = "p", .thing_type = "T", .at_least_as_old = age},
                              clock_.wall())
            .value();
    }

    bool remove(const FoundLeftover& leftover) { return remove_of({&ledger_}, leftover); }

    bool remove_of(const std::vector<ledger::Ledger*>& ledgers, const FoundLeftover& leftover) {
        return remove_leftover(recorded_, ledgers, leftover).value();
    }

    // The other station's ledger has this certificate as well, of an attempt that is over.
    void make_known_to_other(const std::string& id, CertificateState state) {
        const auto of = attempt(mac_, other_);
        const auto row = other_.certificate_requested(of, "key", "p").value();
        ASSERT_TRUE(other_.certificate_issued(row, id, {}));
        ASSERT_TRUE(other_.certificate_state(row, state));
        ASSERT_TRUE(other_.end_attempt(of, ledger::Outcome::passed));
    }

    std::vector<CertificateState> states_in(ledger::Ledger& ledger) {
        std::vector<CertificateState> states;
        const auto records = ledger.certificates(mac_).value();
        for (const auto& record : records)
            states.push_back(record.state);
        return states;
    }

    // Of our type, and worked on by an attempt.
    void bare_thing(const MacAddress& mac, bool ends = true) {
        const auto id = attempt(mac, ledger_);
        ASSERT_TRUE(registry_.ensure_thing(mac.id(), "T", {}, {}));
        if (ends) {
            ASSERT_TRUE(ledger_.end_attempt(id, ledger::Outcome::failed, "x", "y"));
        }
    }
};

TEST_F(SweepOrder, what_has_been_activated_since_it_was_found_stays) {
    const Made left = make(CertificateState::inactive, CertificateStatus::inactive);
    const auto found = leftovers();
    ASSERT_THAT(found, SizeIs(1));
    set_status(left.id, CertificateStatus::active);
    EXPECT_FALSE(remove(found.front()));
    EXPECT_EQ(status(left.id), "ACTIVE");
    EXPECT_EQ(state(left.row), CertificateState::inactive);
    set_status(left.id, CertificateStatus::inactive);
    EXPECT_TRUE(remove(found.front()));
    EXPECT_EQ(status(left.id), "gone");
    EXPECT_EQ(state(left.row), CertificateState::gone);
}

TEST_F(SweepOrder, what_was_on_no_thing_when_it_was_found_and_is_on_one_stays) {
    const Made loose = make(CertificateState::inactive, CertificateStatus::active);
    registry_.certificates.at(loose.id).things.clear();
    const auto found = leftovers();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found.front().kind, LeftoverKind::loose_certificate);
    registry_.certificates.at(loose.id).things = {mac_.id()};
    EXPECT_FALSE(remove(found.front()));
    EXPECT_EQ(status(loose.id), "ACTIVE");
    EXPECT_THAT(registry_.certificates.at(loose.id).things, ElementsAre(mac_.id()));
    registry_.certificates.at(loose.id).things.clear();
    EXPECT_TRUE(remove(found.front()));
    EXPECT_EQ(status(loose.id), "gone");
}

TEST_F(SweepOrder, a_replaced_one_goes_only_while_its_successor_is_in_force) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made now = make(CertificateState::proven, CertificateStatus::active);
    const auto found = leftovers();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found.front().certificate, former.id);
    set_status(now.id, CertificateStatus::inactive);
    EXPECT_FALSE(remove(found.front()));
    EXPECT_EQ(status(former.id), "ACTIVE");
    set_status(now.id, CertificateStatus::active);
    EXPECT_TRUE(remove(found.front()));
    EXPECT_EQ(status(former.id), "gone");
}

TEST_F(SweepOrder, a_young_certificate_of_nobody_here_may_be_one_that_is_being_made) {
    const std::string young = registry_.put(CertificateStatus::inactive, {});
    registry_.certificates.at(young).policies = {"p"};
    EXPECT_THAT(leftovers(std::chrono::hours(1)), IsEmpty());
    clock_.sleep(std::chrono::hours(1));
    EXPECT_THAT(leftovers(std::chrono::hours(1)), SizeIs(1));
}

TEST_F(SweepOrder, what_somebody_has_revoked_is_no_leftover) {
    const Made one = make(CertificateState::gone, CertificateStatus::revoked);
    EXPECT_THAT(leftovers(), IsEmpty());
    EXPECT_EQ(status(one.id), "REVOKED");
}

TEST_F(SweepOrder, what_waits_for_its_board_is_no_leftover) {
    for (const auto state : {CertificateState::staged, CertificateState::queued,
                             CertificateState::active, CertificateState::overwritten}) {
        make(state, CertificateStatus::inactive);
        EXPECT_THAT(leftovers(), IsEmpty()) << to_string(state);
    }
}

TEST_F(SweepOrder, one_whose_answer_never_came_is_told_by_its_key) {
    const auto request = [&](bool ends) {
        const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
        const auto id = attempt(ends ? mac_ : second_, ledger_);
        EXPECT_TRUE(ledger_.certificate_requested(id, key->public_pem(), "p"));
        if (ends) {
            EXPECT_TRUE(ledger_.end_attempt(id, ledger::Outcome::failed, "x", "y"));
        }
        return registry_.issue(key->request("x"))->id;
    };
    const std::string ours = request(true);
    const std::string in_hand = request(false);
    const std::string somebodys = registry_.put(CertificateStatus::inactive, {});
    for (const auto& left : leftovers()) {
        EXPECT_EQ(left.ours, left.certificate == ours) << left.why;
        EXPECT_EQ(remove(left), left.ours);
    }
    EXPECT_EQ(status(ours), "gone");
    EXPECT_EQ(status(in_hand), "INACTIVE") << "its attempt lives";
    EXPECT_EQ(status(somebodys), "INACTIVE");
}

TEST_F(SweepOrder, what_another_thing_uses_now_is_shown_and_left_to_it) {
    const Made one = make(CertificateState::inactive, CertificateStatus::inactive);
    registry_.certificates.at(one.id).things = {"gateway"};
    const auto found = leftovers();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_FALSE(found.front().ours);
    EXPECT_FALSE(remove(found.front()));
    EXPECT_THAT(registry_.certificates.at(one.id).things, ElementsAre("gateway"));
}

TEST_F(SweepOrder, a_thing_that_a_run_has_begun_with_since_stays) {
    bare_thing(mac_);
    const auto found = leftovers();
    ASSERT_THAT(found, SizeIs(1));
    const auto again = attempt(mac_, ledger_);
    EXPECT_FALSE(remove(found.front()));
    EXPECT_TRUE(registry_.things.contains(mac_.id()));
    ASSERT_TRUE(ledger_.end_attempt(again, ledger::Outcome::failed, "x", "y"));
    EXPECT_TRUE(remove(found.front()));
    EXPECT_FALSE(registry_.things.contains(mac_.id()));
}

TEST_F(SweepOrder, a_thing_that_has_got_a_certificate_since_stays) {
    bare_thing(mac_);
    const auto found = leftovers();
    ASSERT_THAT(found, SizeIs(1));
    registry_.put(CertificateStatus::active, {mac_.id()});
    EXPECT_FALSE(remove(found.front()));
    EXPECT_TRUE(registry_.things.contains(mac_.id()));
}

TEST_F(SweepOrder, a_debt_that_a_run_has_taken_on_since_is_left_to_it) {
    const Made failed = make(CertificateState::active, CertificateStatus::active);
    ASSERT_TRUE(ledger_.owe_deactivation({failed.row, failed.attempt}));
    const auto found = leftovers(std::chrono::hours(1));
    ASSERT_THAT(found, SizeIs(1)) << "what is owed is owed at once";
    const auto again = attempt(mac_, ledger_);
    EXPECT_FALSE(remove(found.front()));
    EXPECT_EQ(status(failed.id), "ACTIVE");
    ASSERT_TRUE(ledger_.end_attempt(again, ledger::Outcome::failed, "x", "y"));
    EXPECT_TRUE(remove(found.front()));
    EXPECT_EQ(status(failed.id), "INACTIVE");
    EXPECT_THAT(ledger_.owed_deactivations().value(), IsEmpty());
}

// --- of several ledgers

TEST_F(SweepOrder, a_certificate_that_any_ledger_has_in_hand_is_no_leftover) {
    const Made mine =
        make(CertificateState::inactive, CertificateStatus::inactive, mac_, ledger_, false);
    make_known_to_other(mine.id, CertificateState::inactive);
    EXPECT_THAT(leftovers_of({&ledger_, &other_}), IsEmpty());
    EXPECT_THAT(leftovers_of({&other_, &ledger_}), IsEmpty());
    ASSERT_TRUE(ledger_.end_attempt(mine.attempt, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(leftovers_of({&ledger_, &other_}), SizeIs(1));
}

TEST_F(SweepOrder, a_thing_that_any_ledger_has_in_hand_is_no_leftover) {
    bare_thing(mac_);
    const auto mine = attempt(mac_, ledger_);
    const auto theirs = attempt(mac_, other_);
    ASSERT_TRUE(other_.end_attempt(theirs, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(leftovers_of({&ledger_, &other_}), IsEmpty());
    EXPECT_THAT(leftovers_of({&other_, &ledger_}), IsEmpty());
    ASSERT_TRUE(ledger_.end_attempt(mine, ledger::Outcome::failed, "x", "y"));
    EXPECT_THAT(leftovers_of({&ledger_, &other_}), SizeIs(1));
}

TEST_F(SweepOrder, what_any_ledger_has_proven_is_no_leftover) {
    for (const auto said : {CertificateState::gone, CertificateState::inactive}) {
        ledger_.forget();
        other_.forget();
        // Somebody has switched it off.
        const Made one = make(said, CertificateStatus::inactive);
        make_known_to_other(one.id, CertificateState::proven);
        EXPECT_THAT(leftovers_of({&ledger_, &other_}), IsEmpty()) << to_string(said);
        EXPECT_THAT(leftovers_of({&other_, &ledger_}), IsEmpty()) << to_string(said);
        registry_.certificates.clear();
    }
}

TEST_F(SweepOrder, each_ledger_that_knows_what_was_removed_is_told_that_it_is_gone) {
    const Made one = make(CertificateState::inactive, CertificateStatus::inactive);
    make_known_to_other(one.id, CertificateState::inactive);
    const auto found = leftovers_of({&ledger_, &other_});
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_TRUE(remove_of({&ledger_, &other_}, found.front()));
    EXPECT_EQ(status(one.id), "gone");
    EXPECT_THAT(states_in(ledger_), ElementsAre(CertificateState::gone));
    EXPECT_THAT(states_in(other_), ElementsAre(CertificateState::gone));
}

}  // namespace
}  // namespace imprint::fleet
