#include "policy/places.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "policy/partition.h"

namespace imprint::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Place china{.partition = "aws-cn", .region = "cn-north-1", .account = "123456789012"};

Document allowing(const std::string& resources) {
    auto document = parse(fmt::format(
        R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iot:*","Resource":[{}]}}}})",
        resources));
    EXPECT_TRUE(document) << document.error();
    return document.value_or(Document{});
}

std::vector<std::string> texts(const Document& document, const Place& place) {
    std::vector<std::string> texts;
    for (const auto& finding : find_elsewhere(document, place)) {
        EXPECT_EQ(finding.code, "elsewhere");
        texts.push_back(finding.text);
    }
    return texts;
}

TEST(PolicyPartition, a_region_is_in_one) {
    for (const auto& [region, id] :
         {std::pair{"eu-west-1", "aws"}, std::pair{"us-east-1", "aws"},
          std::pair{"cn-northwest-1", "aws-cn"}, std::pair{"us-gov-east-1", "aws-us-gov"},
          std::pair{"us-iso-west-1", "aws-iso"}, std::pair{"us-isob-east-1", "aws-iso-b"},
          std::pair{"eu-isoe-west-1", "aws-iso-e"}, std::pair{"us-isof-south-1", "aws-iso-f"},
          std::pair{"eusc-de-east-1", "aws-eusc"}, std::pair{"mx-central-1", "aws"},
          std::pair{"", "aws"}}) {
        EXPECT_EQ(partition_of(region).id, id) << region;
        EXPECT_NE(find_partition(id), nullptr);
    }
    EXPECT_EQ(find_partition("aws-de"), nullptr);
    EXPECT_EQ(iot_arn_start("us-gov-west-1", "1"), "arn:aws-us-gov:iot:us-gov-west-1:1:");
}

TEST(PolicyPlaces, are_told_by_an_arn_or_a_region) {
    const Place place = place_of_arn("arn:aws-cn:iot:cn-north-1:123456789012:policy/p:q");
    EXPECT_EQ(place.partition + " " + place.region + " " + place.account,
              "aws-cn cn-north-1 123456789012");
    EXPECT_EQ(place_of_arn("policy/p").partition, "");
    EXPECT_EQ(place_of_region("us-gov-west-1").partition, "aws-us-gov");
    EXPECT_EQ(place_of_region("").partition, "");
}

TEST(PolicyPlaces, what_lies_elsewhere_is_found_by_the_part_that_differs) {
    EXPECT_THAT(texts(allowing(R"("arn:aws:iot:*:*:client/a")"), china),
                ElementsAre(HasSubstr("partition \"aws\", and boards connect in \"aws-cn\"")));
    EXPECT_THAT(texts(allowing(R"("arn:aws-cn:iot:cn-northwest-1:*:client/a")"), china),
                ElementsAre(HasSubstr("region \"cn-northwest-1\"")));
    EXPECT_THAT(texts(allowing(R"("arn:aws-cn:iot:cn-north-1:210987654321:client/a")"), china),
                ElementsAre(HasSubstr("account \"210987654321\"")));
    EXPECT_THAT(texts(allowing(R"("arn:aws-cn:s3:cn-north-1:123456789012:client/a")"), china),
                ElementsAre(HasSubstr("service \"s3\"")));
    for (const char* here : {"*", "arn:*", "arn:aws-cn:iot:*", "arn:aws-cn:iot:*:*:client/a",
                             "arn:aws*:iot:*:*:x", "arn:aws-cn:iot:cn-north-?:7:client/a",
                             "arn:aws-cn:iot:cn-north-1:123456789012:client/a"})
        EXPECT_THAT(texts(allowing(fmt::format("\"{}\"", here)), china), IsEmpty()) << here;
    EXPECT_THAT(texts(allowing(R"("arn:aws:iot:x:1:client/a")"), {}), IsEmpty()) << "nobody knows";
}

TEST(PolicyPlaces, a_policy_that_allows_nothing_here_is_told_apart) {
    EXPECT_TRUE(allows_only_elsewhere(allowing(R"("arn:aws:iot:*:*:client/a")"), china));
    EXPECT_FALSE(allows_only_elsewhere(
        allowing(R"("arn:aws:iot:*:*:client/a","arn:aws-cn:iot:*:*:client/a")"), china));
    EXPECT_FALSE(allows_only_elsewhere(Document{}, china)) << "it allows nothing anywhere";
}

}  // namespace
}  // namespace imprint::policy
