// Minted identities made known to the registry: what it has of them afterwards, and what the store
// says.
#include "fleet/register.h"

#include <gmock/gmock.h>

#include "base/error_code.h"
#include "fleet/minted_world.h"

namespace imprint::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Strike;

class RegisterTest : public testing::MintedWorld {
  protected:
    Result<RegisterSummary> go(const RegisterOptions& options = {
                                   .lot = "lot-7", .ca_pem = {}, .one_call = false, .workers = 1}) {
        return register_identities(recorded_, store_, settings_, options,
                                   [](const auto&, const auto&) {});
    }
};

TEST_F(RegisterTest, they_are_inactive_on_their_things_for_no_board_is_verified_yet) {
    ASSERT_TRUE(make_by_number(3));
    EXPECT_EQ(go()->registered, 3);
    EXPECT_THAT(registry_.active(), IsEmpty());
    for (const auto& one : all()) {
        const auto& held = registry_.certificates.at(one.certificate_id);
        EXPECT_THAT(held.things, ElementsAre(one.thing));
        EXPECT_THAT(held.policies, ElementsAre("p"));
        EXPECT_TRUE(one.registered);
    }
    EXPECT_EQ(go()->registered, 0) << "each of them once";
}

TEST_F(RegisterTest, one_that_fails_stays_to_be_done_and_keeps_no_other_from_it) {
    ASSERT_TRUE(make_by_number(3));
    registry_.strike = [asked = 0](const std::string& call) mutable {
        return call == "attach" && ++asked == 2 ? Strike::refused : Strike::none;
    };
    const auto first = go();
    EXPECT_EQ(first->registered, 2);
    EXPECT_EQ(first->failed, 1);
    EXPECT_EQ(*store_.count_unregistered(), 1);
    EXPECT_FALSE(all().at(1).registered);
    EXPECT_EQ(go()->registered, 1);
    EXPECT_EQ(*store_.count_unregistered(), 0);
}

TEST_F(RegisterTest, a_stop_ends_it_between_two_of_them) {
    ASSERT_TRUE(make_by_number(3));
    int asked = 0;
    const auto stopped =
        go({.lot = {}, .ca_pem = {}, .one_call = false, .workers = 1, .stopped = [&] {
                return ++asked > 1;
            }});
    EXPECT_TRUE(stopped->stopped);
    EXPECT_EQ(stopped->registered, 1);
    EXPECT_THAT(registry_.certificates, SizeIs(1));
}

TEST_F(RegisterTest, many_at_once_register_each_of_them_once) {
    ASSERT_TRUE(make_by_number(40));
    EXPECT_EQ(go({.lot = {}, .ca_pem = {}, .one_call = false, .workers = 4})->registered, 40);
    EXPECT_THAT(registry_.certificates, SizeIs(40));
}

}  // namespace
}  // namespace imprint::fleet
