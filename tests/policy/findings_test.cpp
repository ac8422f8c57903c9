#include "policy/findings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace imprint::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Document document_of(std::string_view statements, std::string_view version = "2012-10-17") {
    auto parsed = parse(fmt::format(R"({{"Version":"{}","Statement":{}}})", version, statements));
    EXPECT_TRUE(parsed) << parsed.error();
    return parsed.value_or(Document{});
}

std::vector<std::string> codes_of(const Document& document) {
    std::vector<std::string> found;
    for (const auto& finding : find_faults(document))
        found.push_back(finding.code);
    return found;
}

TEST(PolicyFindings, everything_on_everything_is_wide_open_however_it_is_written) {
    for (const char* statements :
         {R"({"Effect":"Allow","Action":"iot:*","Resource":"*"})",
          R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:iot:*:*:*"})",
          R"({"Effect":"Allow","Action":["iot:Connect","iot:Publish","iot:Subscribe","iot:Receive"],
              "Resource":"arn:aws:iot:eu-west-1:1:*"})",
          R"([{"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:*:*:client/*"},
              {"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:*:*:topic/*"},
              {"Effect":"Allow","Action":"iot:Receive","Resource":"arn:aws:iot:*:*:topic/*"},
              {"Effect":"Allow","Action":"iot:Subscribe","Resource":"arn:aws:iot:*:*:topicfilter/*"}])"}) {
        EXPECT_TRUE(is_wide_open(document_of(statements))) << statements;
        EXPECT_THAT(codes_of(document_of(statements)), ElementsAre("wide_open")) << statements;
    }
}

TEST(PolicyFindings, a_deny_or_a_condition_takes_the_width_away) {
    for (const char* statements : {R"([{"Effect":"Allow","Action":"iot:*","Resource":"*"},
              {"Effect":"Deny","Action":"iot:Connect","Resource":"*",
               "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"false"}}}])",
                                   R"({"Effect":"Allow","Action":"iot:*","Resource":"*",
              "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"true"}}})"}) {
        EXPECT_FALSE(is_wide_open(document_of(statements))) << statements;
        EXPECT_THAT(codes_of(document_of(statements)), ElementsAre("publish_any", "subscribe_any"));
    }
}

TEST(PolicyFindings, any_client_id_is_found) {
    EXPECT_THAT(
        codes_of(document_of(R"({"Effect":"Allow","Action":"iot:Connect","Resource":"*"})")),
        ElementsAre("connect_any"));
    EXPECT_THAT(codes_of(document_of(
                    R"({"Effect":"Allow","Action":"iot:Connect","Resource":"*",
                        "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"true"}}})")),
                IsEmpty());
}

TEST(PolicyFindings, variables_need_version_2012) {
    const auto found = find_faults(document_of(R"({"Effect":"Allow","Action":"iot:Connect",
                     "Resource":"arn:aws:iot:eu-west-1:1:client/${iot:ClientId}"})",
                                               "2008-10-17"));
    ASSERT_EQ(found.size(), 1);
    EXPECT_EQ(found[0].code, "variables_2008");
    EXPECT_THAT(found[0].text, HasSubstr("statement 1: ${iot:ClientId} is plain text"));
}

TEST(PolicyFindings, what_can_never_match_is_found) {
    for (
        const char* statement :
        {R"({"Effect":"Allow","Action":"iot:Conect","Resource":"arn:aws:iot:e:1:client/a"})",
         R"({"Effect":"Allow","Action":"iot:Subscribe","Resource":"arn:aws:iot:e:1:topic/a"})",
         R"({"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:e:1:topic/a/#"})",
         R"({"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:e:1:topic/${iot:Thing.ThingName}"})",
         R"({"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:e:1:topic/a",
              "Condition":{"StringEqual":{"iot:ClientId":"a"}}})",
         R"({"Effect":"Allow","Action":["iot:Publish"],
              "Resource":["arn:aws:iot:e:1:topic/a","arn:aws:iot:e:1:topicfilter/a"]})"}) {
        const auto found = codes_of(document_of(statement));
        ASSERT_FALSE(found.empty()) << statement;
        for (const auto& code : found)
            EXPECT_EQ(code, "never_matches") << statement;
    }
}

TEST(PolicyFindings, a_name_that_may_go_on_is_found) {
    EXPECT_THAT(codes_of(document_of(R"({"Effect":"Allow","Action":"iot:Publish",
                    "Resource":"arn:aws:iot:e:1:topic/${iot:Connection.Thing.ThingName}*"})")),
                ElementsAre("longer_names"));
    EXPECT_THAT(codes_of(document_of(R"({"Effect":"Allow","Action":"iot:Publish",
                    "Resource":"arn:aws:iot:e:1:topic/${iot:Connection.Thing.ThingName}/*"})")),
                IsEmpty());
}

TEST(PolicyFindings, a_star_for_the_account_reaches_into_topics_unless_it_is_denied) {
    constexpr const char* own = R"({"Effect":"Allow","Action":"iot:Publish",
        "Resource":"arn:aws:iot:*:*:topic/${iot:Connection.Thing.ThingName}/*"})";
    EXPECT_THAT(codes_of(document_of(own)), ElementsAre("arn_wildcard"));
    EXPECT_THAT(codes_of(document_of(fmt::format(
                    R"([{},{{"Effect":"Deny","Action":"iot:Publish",
                             "Resource":"arn:aws:iot:*:*:topic/*:topic/*"}}])",
                    own))),
                IsEmpty());
}

TEST(PolicyFindings, a_deny_that_may_be_void_is_found) {
    EXPECT_THAT(codes_of(document_of(R"({"Effect":"Deny","Action":"iot:Publish",
                    "Resource":"arn:aws:iot:e:1:topic/${iot:Connection.Thing.ThingName}/x"})")),
                ElementsAre("deny_variable"));
}

TEST(PolicyFindings, the_starts_of_arns_stand_for_their_wildcards) {
    EXPECT_THAT(arn_starts(document_of(
                    R"({"Effect":"Allow","Action":"iot:*","Resource":["*","arn:aws:iot:*:7:topic/a",
                        "arn:aws-cn:iot:cn-north-1:*:topic/${iot:ClientId}"]})")),
                ElementsAre("arn:aws:iot:us-east-1:123456789012:", "arn:aws:iot:us-east-1:7:",
                            "arn:aws-cn:iot:cn-north-1:123456789012:"));
}

}  // namespace
}  // namespace imprint::policy
