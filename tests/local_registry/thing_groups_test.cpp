#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

class ThingGroupsTest : public RegistryTest {
  protected:
    void group(const std::string& name, const std::string& parent = "") {
        ok("POST", "/thing-groups/" + name,
           parent.empty() ? json::object() : json{{"parentGroupName", parent}});
    }

    void add(const std::string& group_name, const std::string& thing) {
        ok("PUT", "/thing-groups/addThingToThingGroup",
           {{"thingGroupName", group_name}, {"thingName", thing}});
    }

    std::string names(const json& groups) {
        std::string text;
        for (const auto& one : groups)
            text += one["groupName"].get<std::string>() + " ";
        return text;
    }
};

TEST_F(ThingGroupsTest, a_group_is_described_with_its_ancestors) {
    group("factory");
    group("line", "factory");
    ok("POST", "/thing-groups/bench",
       {{"parentGroupName", "line"},
        {"thingGroupProperties",
         {{"thingGroupDescription", "the left one"},
          {"attributePayload", {{"attributes", {{"bays", "8"}}}}}}}});
    const json seen = ok("GET", "/thing-groups/bench");
    EXPECT_EQ(seen["thingGroupArn"], "arn:aws:iot:eu-west-1:000000000000:thinggroup/bench");
    EXPECT_EQ(seen["thingGroupMetadata"]["parentGroupName"], "line");
    EXPECT_EQ(names(seen["thingGroupMetadata"]["rootToParentThingGroups"]), "factory line ");
    EXPECT_EQ(seen["thingGroupProperties"]["attributePayload"]["attributes"],
              json({{"bays", "8"}}));
    EXPECT_EQ(seen["version"], 1);
}

TEST_F(ThingGroupsTest, making_the_same_again_succeeds_and_another_of_its_name_does_not) {
    group("a");
    const json first = ok("POST", "/thing-groups/b", {{"parentGroupName", "a"}});
    EXPECT_EQ(ok("POST", "/thing-groups/b", {{"parentGroupName", "a"}}), first);
    EXPECT_EQ(refused("POST", "/thing-groups/b"), "ResourceAlreadyExistsException");
    EXPECT_EQ(refused("POST", "/thing-groups/c", {{"parentGroupName", "none"}}),
              "InvalidRequestException");
}

TEST_F(ThingGroupsTest, groups_are_at_most_seven_deep) {
    group("g1");
    for (int depth = 2; depth <= 7; ++depth)
        group(fmt::format("g{}", depth), fmt::format("g{}", depth - 1));
    EXPECT_EQ(refused("POST", "/thing-groups/g8", {{"parentGroupName", "g7"}}),
              "InvalidRequestException");
}

TEST_F(ThingGroupsTest, the_list_is_filtered_and_in_pages) {
    group("factory");
    group("line-1", "factory");
    group("line-2", "factory");
    group("bench", "line-1");
    EXPECT_EQ(names(all_pages("GET", "/thing-groups?maxResults=2", "thingGroups")),
              "bench factory line-1 line-2 ");
    EXPECT_EQ(names(ok("GET", "/thing-groups?parentGroup=factory")["thingGroups"]),
              "line-1 line-2 ");
    EXPECT_EQ(names(ok("GET", "/thing-groups?parentGroup=factory&recursive=true")["thingGroups"]),
              "bench line-1 line-2 ");
    EXPECT_EQ(names(ok("GET", "/thing-groups?namePrefixFilter=line")["thingGroups"]),
              "line-1 line-2 ");
    EXPECT_EQ(refused("GET", "/thing-groups?parentGroup=none"), "ResourceNotFoundException");
}

TEST_F(ThingGroupsTest, a_group_goes_when_no_child_is_left) {
    group("a");
    group("b", "a");
    ok("POST", "/things/t");
    add("b", "t");
    EXPECT_EQ(refused("DELETE", "/thing-groups/a"), "InvalidRequestException");
    EXPECT_EQ(refused("DELETE", "/thing-groups/b?expectedVersion=9"), "VersionConflictException");
    ok("DELETE", "/thing-groups/b");
    ok("DELETE", "/thing-groups/a");
    ok("DELETE", "/thing-groups/a");
    EXPECT_EQ(refused("GET", "/thing-groups/a"), "ResourceNotFoundException");
    EXPECT_TRUE(ok("GET", "/things/t/thing-groups")["thingGroups"].empty());
}

TEST_F(ThingGroupsTest, things_join_and_leave_by_name_or_arn) {
    group("a");
    ok("POST", "/things/t");
    add("a", "t");
    add("a", "t");
    EXPECT_EQ(names(ok("GET", "/things/t/thing-groups")["thingGroups"]), "a ");
    EXPECT_EQ(ok("GET", "/thing-groups/a/things")["things"], json({"t"}));
    ok("PUT", "/thing-groups/removeThingFromThingGroup",
       {{"thingGroupArn", "arn:aws:iot:eu-west-1:000000000000:thinggroup/a"},
        {"thingArn", "arn:aws:iot:eu-west-1:000000000000:thing/t"}});
    EXPECT_TRUE(ok("GET", "/thing-groups/a/things")["things"].empty());
    ok("PUT", "/thing-groups/removeThingFromThingGroup",
       {{"thingGroupName", "a"}, {"thingName", "t"}});
}

TEST_F(ThingGroupsTest, a_membership_needs_both_and_agreeing_names) {
    group("a");
    ok("POST", "/things/t");
    const std::string target = "/thing-groups/addThingToThingGroup";
    EXPECT_EQ(refused("PUT", target, {{"thingGroupName", "none"}, {"thingName", "t"}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("PUT", target, {{"thingGroupName", "a"}, {"thingName", "none"}}),
              "ResourceNotFoundException");
    EXPECT_EQ(refused("PUT", target, {{"thingName", "t"}}), "InvalidRequestException");
    EXPECT_EQ(refused("PUT", target,
                      {{"thingGroupName", "a"},
                       {"thingName", "t"},
                       {"thingArn", "arn:aws:iot:eu-west-1:000000000000:thing/u"}}),
              "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/thing-groups/none/things"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/things/none/thing-groups"), "ResourceNotFoundException");
}

TEST_F(ThingGroupsTest, a_thing_is_in_one_group_of_a_hierarchy_and_in_ten_at_most) {
    group("root");
    group("left", "root");
    group("right", "root");
    ok("POST", "/things/t");
    add("left", "t");
    EXPECT_EQ(refused("PUT", "/thing-groups/addThingToThingGroup",
                      {{"thingGroupName", "right"}, {"thingName", "t"}}),
              "InvalidRequestException");
    for (int i = 1; i < 10; ++i) {
        group(fmt::format("g{}", i));
        add(fmt::format("g{}", i), "t");
    }
    group("one-more");
    EXPECT_EQ(refused("PUT", "/thing-groups/addThingToThingGroup",
                      {{"thingGroupName", "one-more"}, {"thingName", "t"}}),
              "InvalidRequestException");
    std::size_t count = 0;
    for (const auto& one : all_pages("GET", "/things/t/thing-groups?maxResults=2", "thingGroups"))
        count += one["groupName"] == "one-more" ? 100 : 1;
    EXPECT_EQ(count, 10U);
}

TEST_F(ThingGroupsTest, a_groups_things_are_listed_with_its_descendants_when_asked) {
    group("root");
    group("leaf", "root");
    for (const char* thing : {"c", "a", "b"})
        ok("POST", fmt::format("/things/{}", thing));
    add("root", "b");
    add("leaf", "a");
    add("leaf", "c");
    EXPECT_EQ(ok("GET", "/thing-groups/root/things")["things"], json({"b"}));
    EXPECT_EQ(all_pages("GET", "/thing-groups/root/things?recursive=true&maxResults=2", "things"),
              json({"a", "b", "c"}));
}

}  // namespace
}  // namespace imprint::local_registry
