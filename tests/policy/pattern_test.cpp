#include "policy/pattern.h"

#include <gmock/gmock.h>

namespace imprint::policy {
namespace {

using ::testing::ElementsAre;

Context client(const std::string& client_id = "a") {
    Context context;
    context.client_id = client_id;
    context.thing = Thing{.name = client_id, .type = "", .attributes = {}};
    return context;
}

bool fits(std::string_view pattern, std::string_view text, const Context& context = client()) {
    const auto expanded = expand(pattern, true, Wildcards::of_policies, context);
    return expanded && matches(*expanded, text);
}

TEST(PolicyPattern, a_star_takes_any_text_and_a_question_mark_one_character) {
    EXPECT_TRUE(fits("topic/*", "topic/"));
    EXPECT_TRUE(fits("topic/*", "topic/a/b:c"));
    EXPECT_TRUE(fits("*/b", "topic/a/b"));
    EXPECT_TRUE(fits("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(fits("a*b*c", "a-b-b-d"));
    EXPECT_TRUE(fits("topic/?", "topic/x"));
    EXPECT_TRUE(fits("topic/?", "topic/ä"));
    EXPECT_FALSE(fits("topic/?", "topic/"));
    EXPECT_FALSE(fits("topic/?", "topic/xy"));
    EXPECT_TRUE(fits("**", ""));
    EXPECT_FALSE(fits("", "a"));
    EXPECT_FALSE(fits("Topic", "topic"));
}

TEST(PolicyPattern, mqtts_wildcards_are_plain_characters) {
    EXPECT_TRUE(fits("topicfilter/some/+/topic", "topicfilter/some/+/topic"));
    EXPECT_FALSE(fits("topicfilter/some/+/topic", "topicfilter/some/other/topic"));
    EXPECT_FALSE(fits("topic/a/#", "topic/a/b"));
    EXPECT_TRUE(fits("topicfilter/a/*", "topicfilter/a/#"));
}

TEST(PolicyPattern, variables_are_replaced_by_plain_text) {
    EXPECT_TRUE(fits("client/${iot:ClientId}", "client/a"));
    EXPECT_TRUE(fits("client/${IOT:clientid}", "client/a"));
    EXPECT_FALSE(fits("client/${iot:ClientId}", "client/ab"));
    EXPECT_TRUE(fits("client/${iot:ClientId}", "client/*", client("*")));
    EXPECT_FALSE(fits("client/${iot:ClientId}", "client/b", client("*")))
        << "a star of the client's";
    EXPECT_TRUE(fits("topicfilter/${iot:ClientId}", "topicfilter/+", client("+")));
    EXPECT_TRUE(fits("client/${iot:ClientId}", "client/${iot:ClientId}", client("${iot:ClientId}")))
        << "never replaced twice";
}

TEST(PolicyPattern, a_variable_without_value_is_named) {
    Context context = client();
    context.thing.reset();
    const auto expanded =
        expand("x/${iot:Connection.Thing.ThingName}", true, Wildcards::of_policies, context);
    ASSERT_FALSE(expanded);
    EXPECT_EQ(expanded.error(), "iot:Connection.Thing.ThingName");
    EXPECT_FALSE(expand("${no:such}", true, Wildcards::of_policies, context));
    EXPECT_FALSE(expand("${iot:ClientId", true, Wildcards::of_policies, context));
    EXPECT_FALSE(expand("${iot:ClientId, 'x'}", true, Wildcards::of_policies, context));
}

TEST(PolicyPattern, escapes_stand_for_the_characters) {
    EXPECT_TRUE(fits("a${*}${?}${$}", "a*?$"));
    EXPECT_FALSE(fits("a${*}", "ab"));
    EXPECT_TRUE(fits("topic/$aws/things", "topic/$aws/things"));
}

TEST(PolicyPattern, without_variables_everything_but_wildcards_is_plain) {
    const auto expanded = expand("a${iot:ClientId}?", false, Wildcards::of_policies, client());
    ASSERT_TRUE(expanded);
    EXPECT_TRUE(matches(*expanded, "a${iot:ClientId}!"));
    const auto plain = expand("a*", true, Wildcards::none, client());
    EXPECT_TRUE(matches(*plain, "a*"));
    EXPECT_FALSE(matches(*plain, "ab"));
}

TEST(PolicyPattern, many_stars_come_to_an_end) {
    std::string stars;
    for (int i = 0; i < 500; ++i)
        stars += "a*";
    EXPECT_FALSE(fits(stars + "b", std::string(20'000, 'a')));
}

TEST(PolicyPattern, names_of_variables_and_tails_of_arns) {
    EXPECT_THAT(variables_in("a${x}b${*}c${y z}${open"), ElementsAre("x", "y z", "${open"));
    EXPECT_EQ(without_arn("arn:aws:iot:*:*:topic/a:b"), "topic/a:b");
    EXPECT_EQ(without_arn("*"), "*");
    EXPECT_EQ(without_arn("arn:aws"), "arn:aws");
}

}  // namespace
}  // namespace imprint::policy
