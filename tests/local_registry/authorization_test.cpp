// Keys that an IAM policy limits: each operation is weighed by what it works on, and by that alone.
#include "local_registry/api/authorization.h"

#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

const std::string arns = "arn:aws:iot:eu-west-1:000000000000:";

class AuthorizationTest : public RegistryTest {
  protected:
    struct Rule {
        std::string effect;
        std::string action;
        std::string resource;
    };

    void allow(const std::string& action, const std::vector<std::string>& resources) {
        add("Allow", action, resources);
    }

    void deny(const std::string& action, const std::vector<std::string>& resources) {
        add("Deny", action, resources);
    }

    // The error's name, or nothing.
    std::string refusal(const std::string& method, const std::string& target,
                        const json& body = nullptr, const http::Fields& headers = {},
                        Plane plane = Plane::control) {
        const http::Request request{.method = method,
                                    .target = target,
                                    .headers = headers,
                                    .body = body.is_null() ? "" : body.dump()};
        const auto match = match_route(method, request.raw_path(), plane);
        if (!match) return "no such operation";
        const auto input = Input::read(request, match->places, match->route->body);
        if (!input) return input.error().name;
        const json policy{{"Version", "2012-10-17"}, {"Statement", statements_}};
        const auto done =
            authorize("AKIA", policy.dump(), match->route->operation, *input, "eu-west-1", plane);
        return done ? "" : done.error().name;
    }

    bool allowed(const std::string& method, const std::string& target, const json& body = nullptr,
                 const http::Fields& headers = {}) {
        const std::string why = refusal(method, target, body, headers);
        EXPECT_TRUE(why.empty() || why == "AccessDeniedException") << why;
        return why.empty();
    }

    bool data_allowed(const std::string& method, const std::string& target) {
        const std::string why = refusal(method, target, nullptr, {}, Plane::data);
        EXPECT_TRUE(why.empty() || why == "AccessDeniedException") << why;
        return why.empty();
    }

  private:
    void add(const std::string& effect, const std::string& action,
             const std::vector<std::string>& resources) {
        statements_.push_back({{"Effect", effect}, {"Action", action}, {"Resource", resources}});
    }

    json statements_ = json::array();
};

TEST_F(AuthorizationTest, every_operation_that_is_served_is_weighed) {
    const json everything{
        {{"Effect", "Allow"}, {"Action", {"iot:*", "iotjobsdata:*"}}, {"Resource", "*"}}};
    const json policy{{"Version", "2012-10-17"}, {"Statement", everything}};
    for (const Route& route : routes()) {
        const auto input =
            Input::read({.method = "", .target = "/", .headers = {}, .body = {}}, {});
        const auto done =
            authorize("AKIA", policy.dump(), route.operation, *input, "eu-west-1", route.plane);
        EXPECT_TRUE(done) << route.operation;
    }
}

TEST_F(AuthorizationTest, a_member_that_an_operation_does_not_know_has_no_part_in_it) {
    allow("iot:*", {arns + "thing/mine"});
    EXPECT_TRUE(allowed("GET", "/things/mine"));
    EXPECT_FALSE(allowed("GET", "/things/other"));
    const json named{{"thingName", "mine"}};
    const std::string id(64, 'a');
    EXPECT_FALSE(allowed("POST", "/keys-and-certificate", named));
    EXPECT_FALSE(allowed("POST", "/certificates", named));
    EXPECT_FALSE(allowed("POST", "/things", named));
    EXPECT_FALSE(allowed("PUT", "/certificates/" + id + "?newStatus=ACTIVE", named));
    EXPECT_FALSE(allowed("POST", "/policies/p", named));
    EXPECT_FALSE(allowed("POST", "/things/other", named));
    EXPECT_FALSE(allowed("GET", "/things", named));
    EXPECT_FALSE(allowed("GET", "/things?thingName=mine"));
    EXPECT_FALSE(allowed("PUT", "/things/mine/principals", nullptr, principal("x")))
        << "the reference has no resource type for it";
}

TEST_F(AuthorizationTest, shadows_are_weighed_by_their_thing_and_messages_by_their_topic) {
    allow("iot:*ThingShadow", {arns + "thing/mine"});
    allow("iot:ListNamedShadowsForThing", {arns + "thing/mine"});
    allow("iot:Publish", {arns + "topic/a/*"});
    for (const char* method : {"GET", "POST", "DELETE"}) {
        EXPECT_TRUE(data_allowed(method, "/things/mine/shadow?name=n")) << method;
        EXPECT_FALSE(data_allowed(method, "/things/other/shadow?name=mine")) << method;
    }
    EXPECT_TRUE(data_allowed("GET", "/api/things/shadow/ListNamedShadowsForThing/mine"));
    EXPECT_FALSE(data_allowed("GET", "/api/things/shadow/ListNamedShadowsForThing/other"));
    EXPECT_TRUE(data_allowed("POST", "/topics/a%2Fb?qos=1"));
    EXPECT_TRUE(data_allowed("POST", "/topics/a/b?retain=false"));
    EXPECT_FALSE(data_allowed("POST", "/topics/b"));
    EXPECT_FALSE(data_allowed("POST", "/topics/a%2Fb?retain=true"));
    allow("iot:RetainPublish", {arns + "topic/a/*"});
    EXPECT_TRUE(data_allowed("POST", "/topics/a%2Fb?retain=true"));
}

TEST_F(AuthorizationTest, a_jobs_devices_have_actions_of_their_own) {
    allow("iotjobsdata:*", {arns + "thing/mine"});
    const auto device = [this](const char* method, const char* target) {
        return refusal(method, target, nullptr, {}, Plane::jobs_data);
    };
    EXPECT_EQ(device("GET", "/things/mine/jobs/one"), "");
    EXPECT_EQ(device("POST", "/things/mine/jobs/one"), "");
    EXPECT_EQ(device("PUT", "/things/other/jobs/$next"), "AccessDeniedException");
    EXPECT_FALSE(allowed("GET", "/things/mine/jobs/one"));
    allow("iot:DescribeJobExecution", {arns + "thing/mine", arns + "job/one"});
    EXPECT_TRUE(allowed("GET", "/things/mine/jobs/one"));
    EXPECT_FALSE(allowed("GET", "/things/mine/jobs/two"));
    EXPECT_FALSE(allowed("PUT", "/jobs/one"));
}

TEST_F(AuthorizationTest, a_membership_is_weighed_by_thing_and_group_however_they_are_named) {
    allow("iot:AddThingToThingGroup", {arns + "thing/mine", arns + "thinggroup/mine"});
    const auto add = [&](const json& body) {
        return allowed("PUT", "/thing-groups/addThingToThingGroup", body);
    };
    EXPECT_TRUE(add({{"thingName", "mine"}, {"thingGroupName", "mine"}}));
    EXPECT_TRUE(
        add({{"thingArn", arns + "thing/mine"}, {"thingGroupArn", arns + "thinggroup/mine"}}));
    EXPECT_FALSE(add({{"thingName", "mine"}, {"thingGroupName", "other"}}));
    EXPECT_FALSE(add({{"thingName", "mine"}, {"thingGroupArn", arns + "thinggroup/other"}}));
    EXPECT_FALSE(add({{"thingArn", arns + "thing/other"}, {"thingGroupName", "mine"}}));
    EXPECT_FALSE(add({{"thingName", "mine"},
                      {"thingGroupName", "mine"},
                      {"thingGroupArn", arns + "thinggroup/other"}}));
    EXPECT_FALSE(add(
        {{"thingName", "mine"}, {"thingArn", arns + "thing/other"}, {"thingGroupName", "mine"}}));
}

TEST_F(AuthorizationTest, attaching_a_policy_is_weighed_by_what_it_is_attached_to) {
    allow("iot:Attach*Policy", {arns + "policy/harmless"});
    const std::string certificate = arns + "cert/" + std::string(64, 'a');
    const auto attach = [&] {
        return allowed("PUT", "/target-policies/harmless", {{"target", certificate}});
    };
    const auto attach_old = [&] {
        return allowed("PUT", "/principal-policies/harmless", nullptr,
                       {{"x-amzn-iot-principal", certificate}});
    };
    EXPECT_FALSE(attach());
    EXPECT_FALSE(attach_old());
    allow("iot:Attach*Policy", {certificate});
    EXPECT_TRUE(attach());
    EXPECT_TRUE(attach_old());
}

TEST_F(AuthorizationTest, a_name_is_weighed_as_it_is_taken) {
    const std::string id(64, 'a');
    allow("iot:*", {"*"});
    deny("iot:*", {arns + "thing/secret*", arns + "cert/" + id});
    EXPECT_TRUE(allowed("POST", "/things/open"));
    EXPECT_FALSE(allowed("POST", "/things/secret1", {{"thingName", "open"}}));
    EXPECT_FALSE(allowed("POST", "/things/%73ecret1"));
    EXPECT_FALSE(allowed("DELETE", "/certificates/" + id));
    EXPECT_FALSE(allowed("DELETE", "/certificates/" + std::string(64, 'A')));
}

TEST_F(AuthorizationTest, a_name_that_is_none_is_refused_before_it_is_weighed) {
    allow("iot:*", {arns + "thing/*"});
    EXPECT_EQ(refusal("GET", "/things/a%20b"), "InvalidRequestException");
}

}  // namespace
}  // namespace imprint::local_registry
