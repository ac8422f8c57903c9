// What the policy of `imprint init` lets a board do, by the evaluator that the local broker uses.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "config/config.h"
#include "policy/evaluate.h"
#include "policy/findings.h"

namespace imprint::config {
namespace {

using policy::Outcome;

policy::Document sample() {
    auto document = policy::parse(sample_policy());
    EXPECT_TRUE(document) << document.error();
    return document.value_or(policy::Document{});
}

policy::Context board(const std::string& client_id, const std::string& attached_to) {
    policy::Context context;
    context.client_id = client_id;
    if (client_id == attached_to)
        context.thing = policy::Thing{.name = attached_to, .type = "", .attributes = {}};
    return context;
}

policy::Decision ask(std::string action, const std::string& resource,
                     const policy::Context& context) {
    return policy::evaluate(
        sample(),
        {.action = std::move(action), .resource = "arn:aws:iot:eu-west-1:123456789012:" + resource},
        context);
}

struct Row {
    const char* action;
    const char* resource;
    bool allowed;
};

TEST(SamplePolicy, a_board_reaches_its_own_and_nothing_else) {
    for (const Row& row : {
             Row{"iot:Connect", "client/a", true},
             Row{"iot:Connect", "client/b", false},
             Row{"iot:Connect", "client/ab", false},
             Row{"iot:Publish", "topic/devices/a/x", true},
             Row{"iot:Publish", "topic/devices/a/x/y", true},
             Row{"iot:Publish", "topic/devices/b/x", false},
             Row{"iot:Publish", "topic/devices/ab/x", false},
             Row{"iot:Publish", "topic/devices/a", false},
             Row{"iot:Publish", "topic/x", false},
             Row{"iot:Publish", "topic/$aws/things/a/shadow/update", true},
             Row{"iot:Publish", "topic/$aws/things/b/shadow/update", false},
             Row{"iot:Publish", "topic/$aws/things/a/jobs/get", false},
             Row{"iot:RetainPublish", "topic/devices/a/x", false},
             Row{"iot:Receive", "topic/devices/a/x", true},
             Row{"iot:Receive", "topic/devices/b/x", false},
             Row{"iot:Receive", "topic/$aws/things/a/shadow/update/delta", true},
             Row{"iot:Subscribe", "topicfilter/devices/a/#", true},
             Row{"iot:Subscribe", "topicfilter/devices/a/+/x", true},
             Row{"iot:Subscribe", "topicfilter/$aws/things/a/shadow/#", true},
             Row{"iot:Subscribe", "topicfilter/devices/b/#", false},
             Row{"iot:Subscribe", "topicfilter/devices/ab/#", false},
             Row{"iot:Subscribe", "topicfilter/devices/+/x", false},
             Row{"iot:Subscribe", "topicfilter/devices/#", false},
             Row{"iot:Subscribe", "topicfilter/+/a/x", false},
             Row{"iot:Subscribe", "topicfilter/#", false},
             Row{"iot:Subscribe", "topicfilter/$share/group/devices/b/#", false},
             Row{"iot:Publish", "topicfilter/devices/a/x", false},
             // The * of region and account must not reach over a colon of the topic.
             Row{"iot:Publish", "topic/devices/b/x:topic/devices/a/y", false},
             Row{"iot:Receive", "topic/devices/b/x:topic/devices/a/y", false},
             Row{"iot:Subscribe", "topicfilter/devices/b/+:topicfilter/devices/a/#", false},
             Row{"iot:UpdateThingShadow", "thing/a", false},
         }) {
        const auto decision = ask(row.action, row.resource, board("a", "a"));
        EXPECT_EQ(decision.allowed(), row.allowed)
            << row.action << ' ' << row.resource << ": " << decision.why;
    }
}

TEST(SamplePolicy, a_certificate_connects_only_as_the_thing_that_it_is_attached_to) {
    EXPECT_TRUE(ask("iot:Connect", "client/a", board("a", "a")).allowed());
    EXPECT_FALSE(ask("iot:Connect", "client/b", board("b", "a")).allowed());
    EXPECT_FALSE(ask("iot:Connect", "client/a", board("a", "")).allowed());
    EXPECT_FALSE(ask("iot:Publish", "topic/devices/b/x", board("b", "a")).allowed());
}

TEST(SamplePolicy, has_its_regions_partition) {
    for (const auto& [region, partition] :
         {std::pair{"", "aws"}, std::pair{"eu-west-1", "aws"}, std::pair{"cn-north-1", "aws-cn"},
          std::pair{"us-gov-west-1", "aws-us-gov"}, std::pair{"eusc-de-east-1", "aws-eusc"}}) {
        const auto document = policy::parse(sample_policy(region));
        ASSERT_TRUE(document) << document.error();
        for (const auto& statement : document->statements)
            for (const auto& resource : statement.resources)
                EXPECT_TRUE(resource.starts_with(fmt::format("arn:{}:iot:*:*:", partition)))
                    << resource;
    }
}

TEST(SamplePolicy, has_no_faults) {
    for (const auto& finding : policy::find_faults(sample()))
        ADD_FAILURE() << finding.code << ' ' << finding.text;
    EXPECT_FALSE(policy::is_wide_open(sample()));
}

}  // namespace
}  // namespace imprint::config
