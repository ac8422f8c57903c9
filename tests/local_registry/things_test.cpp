#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

using ThingsTest = RegistryTest;

json attributes(const json& values, bool merge = false) {
    return {{"attributePayload", {{"attributes", values}, {"merge", merge}}}};
}

TEST_F(ThingsTest, a_thing_is_described_as_it_was_made) {
    ok("POST", "/thing-types/esp32");
    json body = attributes({{"lot", "7"}});
    body["thingTypeName"] = "esp32";
    const json made = ok("POST", "/things/0a1b2c3d4e5f", body);
    EXPECT_EQ(made["thingArn"], "arn:aws:iot:eu-west-1:000000000000:thing/0a1b2c3d4e5f");
    const json seen = ok("GET", "/things/0a1b2c3d4e5f");
    EXPECT_EQ(seen["thingId"], made["thingId"]);
    EXPECT_EQ(seen["defaultClientId"], "0a1b2c3d4e5f");
    EXPECT_EQ(seen["thingTypeName"], "esp32");
    EXPECT_EQ(seen["attributes"], json({{"lot", "7"}}));
    EXPECT_EQ(seen["version"], 1);
}

TEST_F(ThingsTest, making_the_same_again_succeeds_and_another_of_its_name_does_not) {
    ok("POST", "/thing-types/esp32");
    const json first = ok("POST", "/things/a", attributes({{"lot", "7"}}));
    EXPECT_EQ(ok("POST", "/things/a", attributes({{"lot", "7"}})), first);
    EXPECT_EQ(refused("POST", "/things/a", attributes({{"lot", "8"}})),
              "ResourceAlreadyExistsException");
    json typed = attributes({{"lot", "7"}});
    typed["thingTypeName"] = "esp32";
    const auto other = call("POST", "/things/a", typed);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().name, "ResourceAlreadyExistsException");
    EXPECT_EQ(other.error().resource_arn, first["thingArn"].get<std::string>());
    EXPECT_EQ(ok("GET", "/things/a")["version"], 1);
}

TEST_F(ThingsTest, a_missing_thing_type_leaves_nothing_behind) {
    EXPECT_EQ(refused("POST", "/things/a", {{"thingTypeName", "none"}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/thing-types/none"), "ResourceNotFoundException");
    EXPECT_TRUE(ok("GET", "/things")["things"].empty());
}

TEST_F(ThingsTest, a_deprecated_thing_type_takes_no_further_things) {
    ok("POST", "/thing-types/old");
    ok("POST", "/things/before", {{"thingTypeName", "old"}});
    ok("POST", "/things/untyped");
    ok("POST", "/thing-types/old/deprecate");
    EXPECT_EQ(refused("POST", "/things/after", {{"thingTypeName", "old"}}),
              "InvalidRequestException");
    EXPECT_EQ(refused("PATCH", "/things/untyped", {{"thingTypeName", "old"}}),
              "InvalidRequestException");
    ok("PATCH", "/things/before", attributes({{"lot", "1"}}));
    EXPECT_EQ(ok("GET", "/things/before")["thingTypeName"], "old");
}

TEST_F(ThingsTest, an_update_replaces_or_merges_and_an_empty_value_removes) {
    ok("POST", "/things/a", attributes({{"x", "1"}, {"y", "2"}}));
    ok("PATCH", "/things/a", attributes({{"y", "3"}, {"z", "4"}}, true));
    EXPECT_EQ(ok("GET", "/things/a")["attributes"], json({{"x", "1"}, {"y", "3"}, {"z", "4"}}));
    ok("PATCH", "/things/a", attributes({{"z", ""}}, true));
    EXPECT_EQ(ok("GET", "/things/a")["attributes"], json({{"x", "1"}, {"y", "3"}}));
    ok("PATCH", "/things/a", attributes({{"w", "5"}}));
    EXPECT_EQ(ok("GET", "/things/a")["attributes"], json({{"w", "5"}}));
    ok("PATCH", "/things/a", json::object());
    EXPECT_EQ(ok("GET", "/things/a")["attributes"], json({{"w", "5"}}));
    EXPECT_EQ(ok("GET", "/things/a")["version"], 5);
}

TEST_F(ThingsTest, an_update_for_another_version_is_a_conflict) {
    ok("POST", "/things/a");
    ok("PATCH", "/things/a", {{"expectedVersion", 1}});
    EXPECT_EQ(refused("PATCH", "/things/a", {{"expectedVersion", 1}}), "VersionConflictException");
    EXPECT_EQ(refused("DELETE", "/things/a?expectedVersion=1"), "VersionConflictException");
    ok("DELETE", "/things/a?expectedVersion=2");
}

TEST_F(ThingsTest, an_update_sets_and_removes_the_thing_type) {
    ok("POST", "/thing-types/esp32");
    ok("POST", "/things/a");
    ok("PATCH", "/things/a", {{"thingTypeName", "esp32"}});
    EXPECT_EQ(ok("GET", "/things/a")["thingTypeName"], "esp32");
    ok("PATCH", "/things/a", {{"removeThingType", true}});
    EXPECT_FALSE(ok("GET", "/things/a").contains("thingTypeName"));
    EXPECT_EQ(refused("PATCH", "/things/a", {{"thingTypeName", "none"}}),
              "ResourceNotFoundException");
    EXPECT_EQ(
        refused("PATCH", "/things/a", {{"thingTypeName", "esp32"}, {"removeThingType", true}}),
        "InvalidRequestException");
    EXPECT_EQ(refused("PATCH", "/things/none", json::object()), "ResourceNotFoundException");
}

TEST_F(ThingsTest, a_thing_without_type_has_three_attributes_at_most) {
    const json four = attributes({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
    EXPECT_EQ(refused("POST", "/things/a", four), "InvalidRequestException");
    ok("POST", "/thing-types/esp32");
    json typed = four;
    typed["thingTypeName"] = "esp32";
    ok("POST", "/things/a", typed);
    EXPECT_EQ(refused("PATCH", "/things/a", {{"removeThingType", true}}),
              "InvalidRequestException");
}

TEST_F(ThingsTest, deleting_what_is_not_there_succeeds_and_what_has_principals_does_not) {
    ok("DELETE", "/things/none");
    ok("POST", "/things/a");
    const std::string arn = certificate();
    ok("PUT", "/things/a/principals", nullptr, principal(arn));
    EXPECT_EQ(refused("DELETE", "/things/a"), "InvalidRequestException");
    ok("DELETE", "/things/a/principals", nullptr, principal(arn));
    ok("DELETE", "/things/a");
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
}

TEST_F(ThingsTest, the_list_is_filtered_and_in_pages) {
    ok("POST", "/thing-types/esp32");
    for (const char* name : {"b", "d", "a", "e", "c"}) {
        json body = attributes({{"lot", fmt::format("lot-{}", name < std::string("c") ? 1 : 2)}});
        if (name != std::string("e")) body["thingTypeName"] = "esp32";
        ok("POST", fmt::format("/things/{}", name), body);
    }
    const auto names = [&](const std::string& query) {
        std::string text;
        for (const auto& thing : all_pages("GET", "/things?maxResults=2" + query, "things"))
            text += thing["thingName"];
        return text;
    };
    EXPECT_EQ(names(""), "abcde");
    EXPECT_EQ(names("&thingTypeName=esp32"), "abcd");
    EXPECT_EQ(names("&attributeName=lot&attributeValue=lot-2"), "cde");
    EXPECT_EQ(names("&attributeName=lot&attributeValue=lot-&usePrefixAttributeValue=true"),
              "abcde");
    EXPECT_EQ(names("&attributeName=lot&attributeValue=lot-"), "");
    EXPECT_EQ(names("&attributeName=other"), "");
    EXPECT_EQ(refused("GET", "/things?attributeValue=x"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/things?attributeName=lot&thingTypeName=esp32"),
              "InvalidRequestException");
}

TEST_F(ThingsTest, an_attributes_value_has_the_service_models_alphabet) {
    ok("POST", "/things/a", attributes({{"x", "aZ0_.,@/:#=[]-"}}));
    EXPECT_EQ(ok("GET", "/things/a")["attributes"]["x"], "aZ0_.,@/:#=[]-");
    EXPECT_EQ(refused("POST", "/things/b", attributes({{"x=", "a"}})), "InvalidRequestException");
    for (const char* other : {"a+b", "a;b", "a(b", "ä"})
        EXPECT_EQ(refused("POST", "/things/b", attributes({{"x", other}})),
                  "InvalidRequestException")
            << other;
}

TEST_F(ThingsTest, what_the_service_model_forbids_is_refused) {
    EXPECT_EQ(refused("POST", "/things/a%2Fb"), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things/"), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things/a", attributes({{"x", "with space"}})),
              "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things/a", attributes({{"with space", "x"}})),
              "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things/a", attributes({{"x", std::string(801, 'y')}})),
              "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things/a", attributes({{"x", 1}})), "SerializationException");
    EXPECT_EQ(refused("POST", "/things/a", {{"thingTypeName", 5}}), "SerializationException");
    EXPECT_EQ(refused("POST", "/things/a", {{"thingTypeName", "a b"}}), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things/a", {{"billingGroupName", "b"}}),
              "ResourceNotFoundException");
    EXPECT_TRUE(ok("GET", "/things")["things"].empty());
}

TEST_F(ThingsTest, a_refusal_names_the_member_and_its_rule) {
    const auto output = call("POST", "/things/a%20b");
    ASSERT_FALSE(output);
    EXPECT_THAT(output.error().message, testing::HasSubstr("'thingName'"));
    EXPECT_THAT(output.error().message, testing::HasSubstr("[a-zA-Z0-9:_-]+"));
}

}  // namespace
}  // namespace imprint::local_registry
