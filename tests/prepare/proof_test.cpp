#include "prepare/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::prepare {
namespace {

constexpr const char* thing = "246f28000001";

std::string document(const std::string& action, const std::string& resource) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":")" + action +
           R"(","Resource":"arn:aws:iot:eu-west-1:000000000000:)" + resource + R"("}]})";
}

ProofTopics topics(const std::string& policy, const std::string& topic = {}) {
    return proof_topics(policy, topic, thing, thing);
}

TEST(ProofTopics, are_the_policys_own_for_this_thing_and_for_one_that_cannot_exist) {
    const auto found =
        topics(document("iot:Publish", "topic/devices/${iot:Connection.Thing.ThingName}/*"));
    EXPECT_EQ(found.own, "devices/246f28000001/imprint-proof");
    EXPECT_EQ(found.foreign, "devices/246f2800000x/imprint-proof");
}

TEST(ProofTopics, of_the_shadow_only_get_is_used) {
    const auto found =
        topics(document("iot:*", "topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"));
    EXPECT_EQ(found.own, "$aws/things/246f28000001/shadow/get");
    EXPECT_EQ(found.foreign, "$aws/things/246f2800000x/shadow/get");
}

TEST(ProofTopics, a_topic_that_is_not_of_one_thing_has_no_foreign_one) {
    const auto found = topics(document("iot:Publish", "topic/telemetry"));
    EXPECT_EQ(found.own, "telemetry");
    EXPECT_EQ(found.foreign, "");
}

TEST(ProofTopics, there_are_none_where_nothing_may_be_published) {
    EXPECT_EQ(topics(document("iot:Connect", "client/*")).own, "");
    EXPECT_EQ(topics("no document").own, "");
    EXPECT_EQ(topics("").own, "");
}

TEST(ProofTopics, the_configured_one_wins) {
    const auto found = topics(document("iot:Publish", "topic/telemetry"), "d/246f28000001/s");
    EXPECT_EQ(found.own, "d/246f28000001/s");
    EXPECT_EQ(found.foreign, "d/246f2800000x/s");
}

TEST(ProofTopics, no_board_can_have_a_foreign_name) {
    EXPECT_EQ(foreign_name(thing), "246f2800000x");
    EXPECT_EQ(foreign_name("lampx"), "lampy");
}

}  // namespace
}  // namespace imprint::prepare
