// What a policy says, and which versions of it there are, after it was put.
#include "fleet/policy_versions.h"

#include <gmock/gmock.h>

#include "fleet/fleet_world.h"

namespace imprint::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

class PutPolicy : public testing::FleetWorld {
  protected:
    PolicyPutReport put(const std::string& document) {
        return put_policy(recorded_, "devices", document).value();
    }

    registry::testing::FakeRegistry::HeldPolicy& policy() {
        return registry_.policies.at("devices");
    }
};

TEST_F(PutPolicy, one_that_is_not_there_is_created) {
    EXPECT_EQ(put(R"({"a":1})").change, PolicyChange::created);
    EXPECT_THAT(policy().documents, ElementsAre(Pair(1U, R"({"a":1})")));
}

TEST_F(PutPolicy, one_that_says_so_already_is_left_as_it_is) {
    put(R"({"a":1,"b":2})");
    const PolicyPutReport again = put(R"({ "b": 2, "a": 1 })");
    EXPECT_EQ(again.change, PolicyChange::none);
    EXPECT_EQ(again.version, "1");
    EXPECT_THAT(policy().documents, SizeIs(1));
}

TEST_F(PutPolicy, a_version_that_says_so_is_used_again_and_no_other_made) {
    put(R"({"a":1})");
    EXPECT_EQ(put(R"({"a":2})").version, "2");
    const PolicyPutReport back = put(R"({"a":1})");
    EXPECT_EQ(back.change, PolicyChange::restored);
    EXPECT_EQ(back.version, "1");
    EXPECT_EQ(policy().in_use, 1U);
    EXPECT_THAT(policy().documents, SizeIs(2));
}

TEST_F(PutPolicy, the_oldest_goes_to_make_room_and_never_the_one_in_use) {
    for (const char* document : {"[1]", "[2]", "[3]", "[4]", "[5]"})
        put(document);
    put("[1]");
    const PolicyPutReport sixth = put("[6]");
    EXPECT_EQ(sixth.pruned, "2") << "boards work with the first one";
    EXPECT_EQ(sixth.version, "6");
    EXPECT_THAT(policy().documents, ElementsAre(Pair(1U, "[1]"), Pair(3U, "[3]"), Pair(4U, "[4]"),
                                                Pair(5U, "[5]"), Pair(6U, "[6]")));
}

}  // namespace
}  // namespace imprint::fleet
