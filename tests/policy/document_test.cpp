#include "policy/document.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace imprint::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string fault(std::string_view text) {
    const auto parsed = parse(text);
    EXPECT_FALSE(parsed) << text;
    return parsed ? "" : parsed.error();
}

TEST(PolicyDocument, is_read_into_its_statements) {
    const auto parsed = parse(
        R"({"Version":"2012-10-17","Id":"x","Statement":[
            {"Sid":"Own","Effect":"Allow","Action":["iot:Connect","iot:Publish"],
             "Resource":"arn:aws:iot:eu-west-1:1:client/${iot:Connection.Thing.ThingName}",
             "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":[true]},
                          "StringLike":{"iot:ClientId":["a*","b?"]}}},
            {"Effect":"Deny","Action":"*","Resource":["*"]}]})");
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_TRUE(parsed->has_variables());
    ASSERT_EQ(parsed->statements.size(), 2);
    const Statement& first = parsed->statements[0];
    EXPECT_EQ(first.effect, Effect::allow);
    EXPECT_THAT(first.actions, ElementsAre("iot:Connect", "iot:Publish"));
    ASSERT_EQ(first.conditions.size(), 2);
    EXPECT_EQ(first.conditions[0].operation, "Bool");
    EXPECT_EQ(first.conditions[0].key, "iot:Connection.Thing.IsAttached");
    EXPECT_THAT(first.conditions[0].values, ElementsAre("true"));
    EXPECT_THAT(first.conditions[1].values, ElementsAre("a*", "b?"));
    EXPECT_EQ(parsed->statements[1].effect, Effect::deny);
    EXPECT_EQ(name_of(first, 0), "statement 1 (\"Own\")");
    EXPECT_EQ(name_of(parsed->statements[1], 1), "statement 2");
}

TEST(PolicyDocument, without_a_version_is_of_2008_and_has_no_variables) {
    EXPECT_FALSE(parse(R"({"Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*"}})")
                     ->has_variables());
}

TEST(PolicyDocument, what_is_malformed_is_said) {
    const auto statement = [](std::string_view members) {
        return fmt::format(R"({{"Statement":{{{}}}}})", members);
    };
    EXPECT_THAT(fault(""), HasSubstr("not a JSON object"));
    EXPECT_THAT(fault("[]"), HasSubstr("not a JSON object"));
    EXPECT_THAT(fault("{}"), HasSubstr("no Statement"));
    EXPECT_THAT(fault(R"({"Statement":[]})"), HasSubstr("empty list"));
    EXPECT_THAT(fault(R"({"Version":"2020-01-01","Statement":[]})"), HasSubstr("Version"));
    EXPECT_THAT(fault(statement(R"("Effect":"allow","Action":"iot:*","Resource":"*")")),
                HasSubstr("neither Allow nor Deny"));
    EXPECT_THAT(fault(statement(R"("Effect":"Allow","NotAction":"iot:*","Resource":"*")")),
                HasSubstr("unknown member 'NotAction'"));
    EXPECT_THAT(
        fault(statement(
            R"("Effect":"Allow","Action":"iot:*","Resource":"*","NotResource":"arn:aws:iot:::x")")),
        HasSubstr("unknown member 'NotResource'"));
    EXPECT_THAT(fault(statement(R"("Effect":"Allow","Action":[],"Resource":"*")")),
                HasSubstr("Action is an empty list"));
    EXPECT_THAT(fault(statement(R"("Effect":"Allow","Action":"connect","Resource":"*")")),
                HasSubstr("'connect' is no action"));
    EXPECT_THAT(fault(statement(R"("Effect":"Allow","Action":"iot:*")")), HasSubstr("no Resource"));
    EXPECT_THAT(fault(statement(R"("Effect":"Allow","Action":"iot:*","Resource":"topic/a")")),
                HasSubstr("neither an ARN nor *"));
    const auto condition = [&](std::string_view text) {
        return statement(fmt::format(
            R"("Effect":"Allow","Action":"iot:*","Resource":"*","Condition":{})", text));
    };
    EXPECT_THAT(fault(condition("1")), HasSubstr("Condition is not an object"));
    EXPECT_THAT(fault(condition(R"({"Bool":true})")), HasSubstr("Bool is not an object"));
    EXPECT_THAT(fault(condition(R"({"Bool":{"k":[]}})")), HasSubstr("Bool k has no value"));
    EXPECT_THAT(fault(condition(R"({"Bool":{"k":{}}})")), HasSubstr("is not text"));
}

TEST(PolicyDocument, an_effect_that_stands_twice_is_not_taken_by_its_last) {
    EXPECT_THAT(
        fault(
            R"({"Statement":{"Effect":"Deny","Action":"iot:*","Resource":"*","Effect":"Allow"}})"),
        HasSubstr("member 'Effect' twice"));
}

}  // namespace
}  // namespace imprint::policy
