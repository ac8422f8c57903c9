#include "policy/evaluate.h"

#include <gmock/gmock.h>

namespace imprint::policy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::string_view start = "arn:aws:iot:eu-west-1:123456789012:";

Document document(std::string_view text) {
    auto parsed = parse(text);
    EXPECT_TRUE(parsed) << parsed.error();
    return parsed.value_or(Document{});
}

Context board(const std::string& name) {
    Context context;
    context.client_id = name;
    context.thing = Thing{.name = name, .type = "", .attributes = {}};
    return context;
}

AccessRequest request(std::string action, std::string_view resource) {
    return {.action = std::move(action), .resource = std::string(start) + std::string(resource)};
}

const Document own = document(R"({"Version":"2012-10-17","Statement":[
    {"Sid":"Connect","Effect":"Allow","Action":"iot:Connect",
     "Resource":"arn:aws:iot:eu-west-1:123456789012:client/${iot:Connection.Thing.ThingName}",
     "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"true"}}},
    {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],
     "Resource":["arn:aws:iot:eu-west-1:123456789012:topic/all",
                 "arn:aws:iot:eu-west-1:123456789012:topic/dt/${iot:Connection.Thing.ThingName}/*"]},
    {"Effect":"Deny","Action":"iot:*",
     "Resource":"arn:aws:iot:eu-west-1:123456789012:topic/dt/*/secret"}]})");

TEST(PolicyEvaluation, an_allow_says_which_statement) {
    const Decision decision = evaluate(own, request("iot:Publish", "topic/dt/a/x"), board("a"));
    EXPECT_EQ(decision.outcome, Outcome::allowed);
    EXPECT_EQ(decision.statement, 1);
    EXPECT_EQ(decision.why,
              "statement 2 allows iot:Publish on topic/dt/${iot:Connection.Thing.ThingName}/*");
    EXPECT_TRUE(evaluate(own, request("IOT:publish", "topic/all"), board("a")).allowed());
}

TEST(PolicyEvaluation, an_explicit_deny_wins_wherever_it_stands) {
    const Decision decision =
        evaluate(own, request("iot:Publish", "topic/dt/a/secret"), board("a"));
    EXPECT_EQ(decision.outcome, Outcome::explicitly_denied);
    EXPECT_EQ(decision.statement, 2);
    const Attached allow{
        .name = "wide",
        .document =
            document(R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*"}})")};
    const Attached narrow{.name = "narrow", .document = own};
    for (const auto& order : {std::vector{allow, narrow}, std::vector{narrow, allow}}) {
        const Decision both =
            evaluate(order, request("iot:Publish", "topic/dt/a/secret"), board("a"));
        EXPECT_EQ(both.outcome, Outcome::explicitly_denied);
        EXPECT_THAT(both.why, HasSubstr("policy narrow, statement 3 denies"));
        EXPECT_TRUE(evaluate(order, request("iot:Publish", "topic/z"), board("a")).allowed());
    }
}

TEST(PolicyEvaluation, what_nothing_allows_is_denied_with_the_nearest_miss) {
    const Decision decision = evaluate(own, request("iot:Publish", "topic/dt/b/x"), board("a"));
    EXPECT_EQ(decision.outcome, Outcome::implicitly_denied);
    EXPECT_EQ(decision.statement, 1);
    EXPECT_EQ(decision.why,
              "no statement allows iot:Publish on topic/dt/b/x; the nearest: statement 2 allows it "
              "on topic/dt/${iot:Connection.Thing.ThingName}/*, which is topic/dt/a/* here; asked "
              "is topic/dt/b/x");
    EXPECT_EQ(evaluate(own, request("iot:Subscribe", "topicfilter/x"), board("a")).why,
              "no statement allows iot:Subscribe");
    EXPECT_EQ(evaluate(std::vector<Attached>{}, request("iot:Connect", "client/a"), board("a")).why,
              "no policy is attached");
}

TEST(PolicyEvaluation, another_region_is_told_with_the_whole_arn) {
    const Decision decision = evaluate(
        own, {.action = "iot:Publish", .resource = "arn:aws:iot:us-east-1:123456789012:topic/all"},
        board("a"));
    EXPECT_FALSE(decision.allowed());
    EXPECT_THAT(decision.why, AllOf(HasSubstr("arn:aws:iot:eu-west-1:123456789012:topic/all"),
                                    HasSubstr("asked is arn:aws:iot:us-east-1:")));
}

TEST(PolicyEvaluation, a_thing_that_is_not_attached_has_no_rights_of_its_name) {
    Context context = board("a");
    context.thing.reset();
    const Decision decision = evaluate(own, request("iot:Connect", "client/a"), context);
    EXPECT_FALSE(decision.allowed());
    EXPECT_THAT(decision.why, HasSubstr("statement 1 (\"Connect\") allows it on "
                                        "client/${iot:Connection.Thing.ThingName}, where "
                                        "iot:Connection.Thing.ThingName has no value here"));
}

TEST(PolicyEvaluation, a_condition_that_does_not_hold_is_the_nearest_miss) {
    const Document attached_only = document(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*",
            "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"true"}}}})");
    Context context = board("a");
    EXPECT_TRUE(evaluate(attached_only, request("iot:Connect", "client/a"), context).allowed());
    context.thing.reset();
    EXPECT_THAT(
        evaluate(attached_only, request("iot:Connect", "client/a"), context).why,
        HasSubstr("Bool iot:Connection.Thing.IsAttached [true] does not hold: it is false"));
}

TEST(PolicyEvaluation, an_unknown_operator_never_allows_and_a_deny_with_it_denies) {
    const Document unknown = document(R"({"Statement":[
        {"Effect":"Allow","Action":"iot:Publish","Resource":"*"},
        {"Effect":"Allow","Action":"iot:Connect","Resource":"*",
         "Condition":{"NumericLessThan":{"iot:ClientId":5}}},
        {"Effect":"Deny","Action":"iot:Publish","Resource":"*",
         "Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-01"}}}]})");
    const Decision connect = evaluate(unknown, request("iot:Connect", "client/a"), board("a"));
    EXPECT_FALSE(connect.allowed());
    EXPECT_THAT(connect.why, HasSubstr("the operator NumericLessThan is not known here, so that it "
                                       "allows nothing"));
    const Decision publish = evaluate(unknown, request("iot:Publish", "topic/a"), board("a"));
    EXPECT_EQ(publish.outcome, Outcome::explicitly_denied);
    EXPECT_THAT(publish.why, HasSubstr("the operator DateLessThan is not known here, so that it "
                                       "denies"));
}

TEST(PolicyEvaluation, a_deny_whose_variable_has_no_value_does_not_match) {
    const Document guarded = document(R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iot:Publish","Resource":"*"},
        {"Effect":"Deny","Action":"iot:Publish",
         "Resource":"arn:aws:iot:*:*:topic/${iot:Connection.Thing.ThingTypeName}"}]})");
    EXPECT_TRUE(evaluate(guarded, request("iot:Publish", "topic/x"), board("a")).allowed());
}

TEST(PolicyEvaluation, a_document_of_2008_has_no_variables) {
    const Document old = document(
        R"({"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect",
            "Resource":"arn:aws:iot:eu-west-1:123456789012:client/${iot:ClientId}"}})");
    EXPECT_FALSE(evaluate(old, request("iot:Connect", "client/a"), board("a")).allowed());
    EXPECT_TRUE(
        evaluate(old, request("iot:Connect", "client/${iot:ClientId}"), board("a")).allowed());
}

TEST(PolicyEvaluation, a_topic_filter_is_another_resource_than_a_topic) {
    const Document filter = document(
        R"({"Statement":{"Effect":"Allow","Action":["iot:Subscribe","iot:Receive"],
            "Resource":"arn:aws:iot:eu-west-1:123456789012:topicfilter/a/*"}})");
    EXPECT_TRUE(
        evaluate(filter, request("iot:Subscribe", "topicfilter/a/#"), board("a")).allowed());
    EXPECT_FALSE(evaluate(filter, request("iot:Receive", "topic/a/b"), board("a")).allowed());
}

}  // namespace
}  // namespace imprint::policy
