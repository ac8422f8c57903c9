// identity.thing_groups, looked at once for all boards of a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "ledger/memory_clock.h"
#include "prepare/cloud.h"
#include "registry/fake_registry.h"

namespace imprint::prepare {

namespace {

using ::testing::HasSubstr;

constexpr const char* document =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:eu-west-1:*:client/${iot:Connection.Thing.ThingName}"}]})";

class ThingGroups : public ::testing::Test {
  protected:
    void SetUp() override {
        settings_.identity.policy.document = folder_.path() / "policy.json";
        ASSERT_TRUE(write_file(settings_.identity.policy.document, document));
        for (const char* group : {"line-1", "line-2", "lamps", "spare"})
            registry_.groups[group];
        registry_.group_roots = {{"line-1", "factory"}, {"line-2", "factory"}};
    }

    Result<CloudFacts> look(std::vector<std::string> groups) {
        settings_.identity.thing_groups = std::move(groups);
        return look_at_cloud(registry_, {}, settings_);
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    ledger::testing::LedgerClock clock_;
    registry::testing::FakeRegistry registry_{clock_};
    Settings settings_;
};

TEST_F(ThingGroups, two_of_one_hierarchy_are_refused_before_the_first_board) {
    const auto refused = look({"lamps", "line-1", "line-2"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "thing_groups_unfit");
    EXPECT_EQ(refused.error().kind, ErrorKind::config);
    EXPECT_THAT(refused.error().message, HasSubstr("\"line-1\" and \"line-2\""));
    EXPECT_THAT(refused.error().message, HasSubstr("\"factory\""));
    registry_.groups["factory"];
    EXPECT_FALSE(look({"factory", "line-2"})) << "the top and one below it";
    EXPECT_TRUE(look({"lamps", "line-1", "spare"}));
    EXPECT_TRUE(look({"line-1", "line-1", "to-be-made"})) << "named twice, it is one";
}

TEST_F(ThingGroups, one_that_a_query_fills_is_refused) {
    registry_.dynamic_groups = {"spare"};
    const auto refused = look({"lamps", "spare"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "thing_groups_unfit");
    EXPECT_THAT(refused.error().message, HasSubstr("\"spare\" is a dynamic group"));
}

TEST_F(ThingGroups, one_that_may_not_be_read_is_a_note) {
    registry_.strike = [](const std::string& call) {
        return call == "find_group" ? registry::testing::Strike::denied
                                    : registry::testing::Strike::none;
    };
    const auto facts = look({"lamps"});
    ASSERT_TRUE(facts) << facts.error().describe();
    EXPECT_THAT(facts->notes, ::testing::Contains(HasSubstr("thing group \"lamps\"")));
}

}  // namespace

}  // namespace imprint::prepare
