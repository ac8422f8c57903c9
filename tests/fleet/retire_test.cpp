// A thing leaves service: what goes, what stays, and what the ledger says of it.
#include "fleet/retire.h"

#include <gmock/gmock.h>

#include "base/error_code.h"
#include "fleet/fleet_world.h"

namespace imprint::fleet {
namespace {

using testing::CertificateState;
using testing::CertificateStatus;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Strike;

class RetireTest : public testing::FleetWorld {
  protected:
    Result<RetireReport> go(bool delete_thing = false) {
        return retire(recorded_, ledger_, {mac_.id(), "lost", delete_thing});
    }
};

TEST_F(RetireTest, all_its_certificates_go_and_the_thing_stays) {
    const Made one = make(CertificateState::proven, CertificateStatus::active);
    const std::string other = registry_.put(CertificateStatus::inactive, {mac_.id()});
    const auto retired = go();
    ASSERT_TRUE(retired) << retired.error().describe();
    EXPECT_THAT(retired->certificates, SizeIs(2));
    EXPECT_FALSE(retired->thing_deleted);
    EXPECT_THAT(registry_.certificates, IsEmpty());
    EXPECT_TRUE(registry_.things.contains(mac_.id()));
    EXPECT_EQ(state(one.row), CertificateState::gone);
    const auto written = ledger_.retirements(mac_.id()).value();
    ASSERT_THAT(written, SizeIs(1));
    EXPECT_EQ(written.front().reason, "lost");
    EXPECT_THAT(written.front().result, HasSubstr(one.id));
    EXPECT_THAT(written.front().result, HasSubstr(other));
    EXPECT_TRUE(go(true)->thing_deleted);
    EXPECT_FALSE(registry_.things.contains(mac_.id()));
}

TEST_F(RetireTest, what_a_thing_that_was_deleted_by_hand_has_left_behind_goes_too) {
    const Made one = make(CertificateState::proven, CertificateStatus::active);
    registry_.things.clear();
    registry_.certificates.at(one.id).things.clear();
    ASSERT_TRUE(go());
    EXPECT_EQ(status(one.id), "gone");
}

TEST_F(RetireTest, a_thing_that_nobody_knows_is_told) {
    EXPECT_EQ(code_of(go()), "thing_unknown");
    EXPECT_THAT(ledger_.retirements().value(), IsEmpty());
}

TEST_F(RetireTest, that_it_has_begun_is_written_down_before_the_first_one_goes) {
    const Made one = make(CertificateState::proven, CertificateStatus::active);
    strike("retire", Strike::refused);
    EXPECT_EQ(code_of(go()), "InternalFailureException");
    ASSERT_THAT(ledger_.retirements(mac_.id()).value(), SizeIs(1));
    EXPECT_FALSE(ledger_.retirements(mac_.id()).value().front().done);
    registry_.strike = {};
    ledger_.refuse = [](const char* write) -> Result<void> {
        if (std::string_view(write) != "begin_retirement") return {};
        return fail(ErrorKind::ledger, "ledger_unwritable", "full");
    };
    EXPECT_EQ(code_of(go()), "ledger_unwritable");
    EXPECT_EQ(status(one.id), "ACTIVE");
}

}  // namespace
}  // namespace imprint::fleet
