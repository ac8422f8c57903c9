#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

using ThingTypesTest = RegistryTest;

TEST_F(ThingTypesTest, a_thing_type_is_described_as_it_was_made) {
    const json made = ok("POST", "/thing-types/esp32",
                         {{"thingTypeProperties",
                           {{"thingTypeDescription", "boards with one"},
                            {"searchableAttributes", {"lot", "bay"}}}}});
    EXPECT_EQ(made["thingTypeArn"], "arn:aws:iot:eu-west-1:000000000000:thingtype/esp32");
    const json seen = ok("GET", "/thing-types/esp32");
    EXPECT_EQ(seen["thingTypeId"], made["thingTypeId"]);
    EXPECT_EQ(seen["thingTypeProperties"]["thingTypeDescription"], "boards with one");
    EXPECT_EQ(seen["thingTypeProperties"]["searchableAttributes"], json({"bay", "lot"}));
    EXPECT_EQ(seen["thingTypeMetadata"]["deprecated"], false);
    EXPECT_EQ(seen["thingTypeMetadata"]["creationDate"], 1784019600.125);
}

TEST_F(ThingTypesTest, making_the_same_again_succeeds_and_another_of_its_name_does_not) {
    const json first = ok("POST", "/thing-types/esp32");
    EXPECT_EQ(ok("POST", "/thing-types/esp32", json::object()), first);
    const auto other = call("POST", "/thing-types/esp32",
                            {{"thingTypeProperties", {{"thingTypeDescription", "other"}}}});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().name, "ResourceAlreadyExistsException");
    EXPECT_EQ(other.error().status, 409);
    EXPECT_EQ(other.error().resource_id, first["thingTypeId"].get<std::string>());
    EXPECT_EQ(other.error().resource_arn, first["thingTypeArn"].get<std::string>());
}

TEST_F(ThingTypesTest, a_thing_type_goes_only_when_deprecated_and_unused) {
    ok("POST", "/thing-types/esp32");
    ok("POST", "/things/a", {{"thingTypeName", "esp32"}});
    EXPECT_EQ(refused("DELETE", "/thing-types/esp32"), "InvalidRequestException");
    ok("POST", "/thing-types/esp32/deprecate");
    EXPECT_EQ(refused("DELETE", "/thing-types/esp32"), "InvalidRequestException");
    ok("PATCH", "/things/a", {{"removeThingType", true}});
    ok("DELETE", "/thing-types/esp32");
    EXPECT_EQ(refused("GET", "/thing-types/esp32"), "ResourceNotFoundException");
    EXPECT_EQ(refused("DELETE", "/thing-types/esp32"), "ResourceNotFoundException");
    EXPECT_EQ(refused("POST", "/thing-types/esp32/deprecate"), "ResourceNotFoundException");
}

TEST_F(ThingTypesTest, a_deprecation_can_be_taken_back) {
    ok("POST", "/thing-types/esp32");
    ok("POST", "/thing-types/esp32/deprecate");
    const json metadata = ok("GET", "/thing-types/esp32")["thingTypeMetadata"];
    EXPECT_EQ(metadata["deprecated"], true);
    EXPECT_TRUE(metadata.contains("deprecationDate"));
    ok("POST", "/thing-types/esp32/deprecate", {{"undoDeprecate", true}});
    EXPECT_EQ(ok("GET", "/thing-types/esp32")["thingTypeMetadata"]["deprecated"], false);
}

TEST_F(ThingTypesTest, the_list_is_by_name_and_in_pages) {
    for (const char* name : {"c", "a", "e", "b", "d"})
        ok("POST", fmt::format("/thing-types/{}", name));
    std::string names;
    for (const auto& type : all_pages("GET", "/thing-types?maxResults=2", "thingTypes"))
        names += type["thingTypeName"];
    EXPECT_EQ(names, "abcde");
    const json one = ok("GET", "/thing-types?thingTypeName=c");
    ASSERT_EQ(one["thingTypes"].size(), 1U);
    EXPECT_EQ(one["thingTypes"][0]["thingTypeName"], "c");
}

TEST_F(ThingTypesTest, what_the_service_model_forbids_is_refused) {
    EXPECT_EQ(refused("POST", "/thing-types/a%20b"), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/thing-types/" + std::string(129, 'a')), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/thing-types/a",
                      {{"thingTypeProperties", {{"searchableAttributes", {"1", "2", "3", "4"}}}}}),
              "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/thing-types/a", {{"thingTypeProperties", "text"}}),
              "SerializationException");
    EXPECT_EQ(refused("GET", "/thing-types?maxResults=0"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/thing-types?maxResults=251"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/thing-types?maxResults=x"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/thing-types?nextToken=%25"), "InvalidRequestException");
}

}  // namespace
}  // namespace imprint::local_registry
