// A new identity for a board in the field, step by step: at each of them the board can connect with
// what it has.
#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/error_code.h"
#include "base/files.h"
#include "fleet/retire.h"
#include "fleet/rotation_world.h"

namespace imprint::fleet {
namespace {

using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Strike;
using ::testing::UnorderedElementsAre;

class RotateTest : public testing::RotationWorld {
  protected:
    Result<Advanced> activate() { return activate_staged(recorded_, ledger_, mac_.id()); }

    Result<Advanced> finish() { return finish_rotation(recorded_, ledger_, mac_.id(), later_); }

    Result<Advanced> cancel() { return cancel_rotation(recorded_, ledger_, mac_.id()); }

    // After the last look at the thing, once.
    void just_before_the_end(std::function<void()> work) {
        registry_.after = [asked = 0, work = std::move(work)](const std::string& call) mutable {
            if (call == "certificates_of" && ++asked == 2) work();
        };
    }

    std::int64_t row_of(const std::string& id) {
        const auto records = ledger_.certificates(mac_).value();
        for (const auto& record : records)
            if (record.id == id) return record.row;
        return 0;
    }
};

// --- staged

TEST_F(RotateTest, what_is_staged_is_inactive_on_the_thing_and_in_its_file) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const auto staged = stage_one();
    ASSERT_TRUE(staged) << staged.error().describe();
    EXPECT_EQ(status(former.id), "ACTIVE");
    EXPECT_EQ(status(staged->certificate_id), "INACTIVE");
    EXPECT_THAT(registry_.certificates.at(staged->certificate_id).things, ElementsAre(mac_.id()));
    EXPECT_EQ(state(row_of(staged->certificate_id)), CertificateState::staged);
    const auto image = read_file(staged->image).value();
    EXPECT_EQ(image.size(), staged->size);
    const auto& pem = registry_.certificates.at(staged->certificate_id).certificate.pem;
    EXPECT_THAT(std::string(as_text(image)), HasSubstr(pem.substr(100, 60)));
    EXPECT_EQ(std::filesystem::status(staged->image).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(RotateTest, what_was_staged_before_is_taken_back) {
    make(CertificateState::proven, CertificateStatus::active);
    const std::string first = stage_one()->certificate_id;
    const std::string second = stage_one()->certificate_id;
    EXPECT_EQ(status(first), "gone");
    EXPECT_EQ(status(second), "INACTIVE");
}

TEST_F(RotateTest, a_finish_that_was_broken_off_goes_on_with_the_same_certificate) {
    make(CertificateState::proven, CertificateStatus::active);
    const std::string first = stage_one()->certificate_id;
    ASSERT_TRUE(activate());
    const std::string second = stage_one()->certificate_id;
    ASSERT_TRUE(activate());
    // The former ones go, the newest of them last; that is where it ends.
    unsigned calls = 0;
    registry_.strike = [&calls](const std::string& call) {
        return call == "retire" && ++calls == 2 ? Strike::refused : Strike::none;
    };
    EXPECT_FALSE(finish());
    registry_.strike = nullptr;
    ASSERT_TRUE(finish());
    EXPECT_EQ(status(second), "ACTIVE");
    EXPECT_EQ(status(first), "gone");
    EXPECT_EQ(registry_.active().size(), 1U);
}

TEST_F(RotateTest, what_was_activated_stays_when_the_next_one_is_staged) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const std::string first = stage_one()->certificate_id;
    ASSERT_TRUE(activate());
    const auto second = stage_one();
    ASSERT_TRUE(second) << second.error().describe();
    EXPECT_EQ(status(first), "ACTIVE") << "its board may use it already";
    EXPECT_EQ(state(row_of(first)), CertificateState::active);
    EXPECT_EQ(status(former.id), "ACTIVE");
    EXPECT_EQ(status(second->certificate_id), "INACTIVE");
}

TEST_F(RotateTest, a_staged_image_has_the_values_of_its_board) {
    make(CertificateState::proven, CertificateStatus::active);
    prepare::CredentialSettings settings;
    settings.values = {{"place.txt", "board {mac} of {thing}"}};
    form_ = form_of(settings);
    const auto staged = stage_one();
    ASSERT_TRUE(staged) << staged.error().describe();
    const Bytes image = read_file(staged->image, file_limit::flash_image).value();
    EXPECT_TRUE(as_text(image).contains("board " + mac_.id() + " of " + mac_.id()));
}

TEST_F(RotateTest, nothing_is_staged_without_its_image) {
    make(CertificateState::proven, CertificateStatus::active);
    const Made before = make(CertificateState::staged, CertificateStatus::inactive);
    // A folder where the image is to be.
    std::filesystem::create_directories(folder_.path() / "images" / (mac_.id() + ".bin"));
    EXPECT_EQ(code_of(stage_one()), "file_unwritable");
    EXPECT_THAT(registry_.certificates, SizeIs(2));
    EXPECT_EQ(status(before.id), "INACTIVE");
    const auto records = ledger_.certificates(mac_).value();
    ASSERT_THAT(records, SizeIs(3));
    EXPECT_EQ(records.back().state, CertificateState::gone);
    EXPECT_EQ(state(before.row), CertificateState::staged);
    EXPECT_EQ(ledger::attempts(ledger_, mac_, 1)->front().outcome, ledger::Outcome::failed);
}

TEST_F(RotateTest, a_staging_that_fails_leaves_nothing_of_it) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    ASSERT_TRUE(write_file(folder_.path() / "images", Bytes{1}));
    EXPECT_FALSE(stage_one()) << "no folder";
    std::filesystem::remove(folder_.path() / "images");
    strike("attach", Strike::refused);
    EXPECT_EQ(code_of(stage_one()), "InternalFailureException");
    EXPECT_THAT(registry_.active(), ElementsAre(former.id));
    EXPECT_THAT(registry_.certificates, SizeIs(1));
    EXPECT_EQ(ledger::attempts(ledger_, mac_, 1)->front().outcome, ledger::Outcome::failed);
}

TEST_F(RotateTest, a_thing_that_is_not_there_has_nothing_to_rotate) {
    EXPECT_EQ(code_of(stage_one()), "thing_unknown");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "images"));
    EXPECT_THAT(registry_.things, IsEmpty());
    EXPECT_THAT(registry_.certificates, IsEmpty());
}

TEST_F(RotateTest, a_board_that_is_in_a_bay_is_left_to_it) {
    make(CertificateState::proven, CertificateStatus::active, mac_, ledger_, false);
    EXPECT_EQ(code_of(stage_one()), "board_twice");
    EXPECT_THAT(registry_.certificates, SizeIs(1));
}

// --- activated

TEST_F(RotateTest, both_are_active_until_the_board_has_connected_with_the_new_one) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made staged = make(CertificateState::staged, CertificateStatus::inactive);
    ASSERT_TRUE(activate());
    EXPECT_THAT(registry_.active(), UnorderedElementsAre(former.id, staged.id));
    EXPECT_EQ(state(staged.row), CertificateState::active);
}

TEST_F(RotateTest, the_ledger_knows_of_the_activation_before_the_registry) {
    const Made staged = make(CertificateState::staged, CertificateStatus::inactive);
    CertificateState seen = CertificateState::staged;
    just_before("activate", [&] { seen = state(staged.row); });
    ASSERT_TRUE(activate());
    EXPECT_EQ(seen, CertificateState::active);
}

TEST_F(RotateTest, one_that_was_broken_off_before_the_registry_heard_of_it_is_gone_on_with) {
    const Made staged = make(CertificateState::staged, CertificateStatus::inactive);
    strike("activate", Strike::refused);
    EXPECT_FALSE(activate());
    registry_.strike = {};
    ASSERT_TRUE(activate());
    EXPECT_EQ(status(staged.id), "ACTIVE");
}

TEST_F(RotateTest, what_a_board_failed_with_is_not_what_was_staged) {
    const Made failed = make(CertificateState::active, CertificateStatus::inactive);
    EXPECT_EQ(code_of(activate()), "not_staged");
    EXPECT_EQ(status(failed.id), "INACTIVE");
    EXPECT_EQ(code_of(finish()), "not_staged");
    ASSERT_TRUE(cancel());
    EXPECT_EQ(status(failed.id), "INACTIVE") << "it is the bench's";
}

TEST_F(RotateTest, what_a_bay_overwrites_while_it_is_being_activated_is_inactive) {
    const Made staged = make(CertificateState::staged, CertificateStatus::inactive);
    // The bay has failed already, and has taken back what it knew of.
    just_before("activate", [&] {
        const auto bay = attempt(mac_, ledger_);
        ASSERT_TRUE(ledger_.overwriting(bay, {staged.id}));
        ASSERT_TRUE(ledger_.deactivated(staged.row));
        ASSERT_TRUE(ledger_.end_attempt(bay, ledger::Outcome::failed, "x", "y"));
    });
    EXPECT_EQ(code_of(activate()), "not_staged");
    EXPECT_EQ(status(staged.id), "INACTIVE") << "no board has its key, and nobody owes it";
    EXPECT_EQ(state(staged.row), CertificateState::overwritten);
}

// --- finished

TEST_F(RotateTest, the_former_one_goes_when_the_new_one_is_in_force) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made now = activated(CertificateStatus::active);
    const auto finished = finish();
    ASSERT_TRUE(finished) << finished.error().describe();
    EXPECT_EQ(finished->retired, 1U);
    EXPECT_EQ(status(former.id), "gone");
    EXPECT_EQ(status(now.id), "ACTIVE");
    EXPECT_EQ(state(now.row), CertificateState::proven);
}

TEST_F(RotateTest, the_former_one_stays_while_the_new_one_is_not_active) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made staged = make(CertificateState::staged, CertificateStatus::inactive);
    EXPECT_EQ(code_of(finish()), "not_activated");
    EXPECT_EQ(status(former.id), "ACTIVE");
    ASSERT_TRUE(activate());
    // Somebody has switched it off, or taken it away.
    set_status(staged.id, CertificateStatus::inactive);
    EXPECT_EQ(code_of(finish()), "not_activated");
    registry_.certificates.erase(staged.id);
    EXPECT_EQ(code_of(finish()), "not_activated");
    EXPECT_EQ(status(former.id), "ACTIVE");
}

TEST_F(RotateTest, what_another_station_has_just_made_active_is_not_taken_away) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made mine = activated(CertificateStatus::active);
    const std::string theirs = registry_.put(CertificateStatus::active, {mac_.id()});
    const auto finished = finish_rotation(recorded_, ledger_, mac_.id(), {});
    EXPECT_EQ(code_of(finished), "board_at_another_station");
    EXPECT_THAT(registry_.active(), UnorderedElementsAre(former.id, mine.id, theirs));
    EXPECT_EQ(state(mine.row), CertificateState::active);
}

TEST_F(RotateTest, of_two_that_come_to_it_at_once_the_one_made_first_gives_way) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made mine = activated(CertificateStatus::active);
    // Between the look at the thing and what follows from it.
    std::string theirs;
    int asked = 0;
    registry_.strike = [&](const std::string& call) {
        if (call == "certificates_of" && ++asked == 2)
            theirs = registry_.put(CertificateStatus::active, {mac_.id()});
        return Strike::none;
    };
    EXPECT_EQ(code_of(finish()), "board_at_another_station");
    EXPECT_THAT(registry_.active(), UnorderedElementsAre(former.id, mine.id, theirs));
    EXPECT_EQ(state(mine.row), CertificateState::active);
}

TEST_F(RotateTest, what_has_been_staged_again_meanwhile_stays) {
    make(CertificateState::proven, CertificateStatus::active);
    activated(CertificateStatus::active);
    const Made next = make(CertificateState::staged, CertificateStatus::inactive);
    ASSERT_TRUE(finish());
    EXPECT_EQ(status(next.id), "INACTIVE");
    EXPECT_EQ(state(next.row), CertificateState::staged);
}

TEST_F(RotateTest, one_that_was_broken_off_while_the_former_one_went_is_gone_on_with) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made now = activated(CertificateStatus::active);
    strike("retire", Strike::refused);
    EXPECT_FALSE(finish());
    EXPECT_EQ(state(now.row), CertificateState::proven);
    registry_.strike = {};
    ASSERT_TRUE(finish());
    EXPECT_EQ(status(former.id), "gone");
}

TEST_F(RotateTest, what_was_retired_while_it_was_being_finished_stays_gone) {
    make(CertificateState::proven, CertificateStatus::active);
    const Made now = activated(CertificateStatus::active);
    just_before_the_end(
        [&] { ASSERT_TRUE(retire(recorded_, ledger_, {.thing = mac_.id(), .reason = "lost"})); });
    EXPECT_EQ(code_of(finish()), "not_staged");
    EXPECT_EQ(state(now.row), CertificateState::gone);
    EXPECT_THAT(registry_.certificates, IsEmpty());
}

TEST_F(RotateTest, what_a_bay_overwrites_while_it_is_being_finished_stays_owed) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made now = activated(CertificateStatus::active);
    just_before_the_end(
        [&] { ASSERT_TRUE(ledger_.overwriting(attempt(mac_, ledger_), {former.id, now.id})); });
    EXPECT_EQ(code_of(finish()), "not_staged");
    EXPECT_EQ(state(now.row), CertificateState::overwritten);
    const auto records = ledger_.certificates(mac_).value();
    EXPECT_TRUE(records.back().deactivation_owed) << "should the bay fail, it is taken back";
    EXPECT_EQ(status(former.id), "ACTIVE") << "it is the bay's";
}

TEST_F(RotateTest, it_is_not_finished_when_the_new_one_was_taken_away_meanwhile) {
    make(CertificateState::proven, CertificateStatus::active);
    const Made now = activated(CertificateStatus::active);
    just_before("retire", [&] { set_status(now.id, CertificateStatus::inactive); });
    EXPECT_EQ(code_of(finish()), "identity_lost");
}

// --- cancelled

TEST_F(RotateTest, a_cancelled_one_leaves_the_former_one_alone) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made staged = make(CertificateState::staged, CertificateStatus::inactive);
    const Made other = activated(CertificateStatus::active);
    EXPECT_EQ(cancel()->retired, 2U);
    EXPECT_THAT(registry_.statuses(), ElementsAre(std::pair(former.id, std::string("ACTIVE"))));
    EXPECT_EQ(state(staged.row), CertificateState::gone);
    EXPECT_EQ(state(other.row), CertificateState::gone);
}

TEST_F(RotateTest, the_one_that_the_board_may_work_with_is_not_cancelled_without_a_former_one) {
    const Made former = make(CertificateState::proven, CertificateStatus::active);
    const Made now = activated(CertificateStatus::active);
    set_status(former.id, CertificateStatus::inactive);
    EXPECT_EQ(code_of(cancel()), "no_former_certificate");
    registry_.certificates.erase(former.id);
    EXPECT_EQ(code_of(cancel()), "no_former_certificate");
    EXPECT_EQ(status(now.id), "ACTIVE");
}

}  // namespace
}  // namespace imprint::fleet
