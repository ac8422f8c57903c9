#include <gmock/gmock.h>

#include "local_registry/operations/provisioning_document.h"
#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

class ProvisioningTest : public RegistryTest {
  protected:
    // A thing alone, named by `expression`; gives the name that it got, or the error's.
    std::string name_of(const json& expression, const json& parameters = json::object()) {
        const json body{
            {"Parameters",
             {{"A", {{"Type", "String"}}}, {"B", {{"Type", "String"}, {"Default", "bee"}}}}},
            {"Mappings", {{"Places", {{"north", {{"Url", "n.example"}}}}}}},
            {"Resources",
             {{"t", {{"Type", "AWS::IoT::Thing"}, {"Properties", {{"ThingName", expression}}}}}}}};
        const auto plan = operations::read_plan(
            body.dump(), parameters.get<std::map<std::string, std::string>>());
        return plan ? plan->thing->name : plan.error().name;
    }

    json register_thing(const json& resources, const json& parameters = json::object()) {
        return ok(
            "POST", "/things",
            {{"templateBody", json{{"Resources", resources}}.dump()}, {"parameters", parameters}});
    }

    std::string register_refused(const json& resources) {
        return refused("POST", "/things",
                       {{"templateBody", json{{"Resources", resources}}.dump()}});
    }

    static json thing(const std::string& name, const json& more = json::object(),
                      const json& overrides = nullptr) {
        json resource{{"Type", "AWS::IoT::Thing"}, {"Properties", {{"ThingName", name}}}};
        resource["Properties"].update(more);
        if (!overrides.is_null()) resource["OverrideSettings"] = overrides;
        return resource;
    }

    static json one(const std::string& type, const json& properties) {
        return {{"Type", "AWS::IoT::" + type}, {"Properties", properties}};
    }

    json described(const std::string& name) { return ok("GET", "/things/" + name); }

    Result<pki::PrivateKey> key_ = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
};

TEST_F(ProvisioningTest, functions_come_to_what_they_say) {
    const json a{{"Ref", "A"}};
    EXPECT_EQ(name_of("plain"), "plain");
    EXPECT_EQ(name_of(a, {{"A", "x"}}), "x");
    EXPECT_EQ(name_of({{"Ref", "B"}}), "bee");
    EXPECT_EQ(name_of({{"Ref", "B"}}, {{"B", "own"}}), "own");
    EXPECT_EQ(name_of({{"Fn::Join", {"-", {"a", a, "c"}}}}, {{"A", "x"}}), "a-x-c");
    EXPECT_EQ(name_of({{"Fn::Select", {1, {"a", "b"}}}}), "b");
    EXPECT_EQ(name_of({{"Fn::Select", {"2", {{"Fn::Split", {"/", "a/b/c"}}}}}}), "c");
    EXPECT_EQ(name_of({{"Fn::Join", {"", {{"Fn::Split", {"::", "a::b::"}}}}}}), "ab");
    EXPECT_EQ(name_of({{"Fn::Sub", "a_${A}_${B}"}}, {{"A", "x"}}), "a_x_bee");
    EXPECT_EQ(name_of({{"Fn::Sub", {"a_${Own}_${B}", {{"Own", {{"Ref", "A"}}}}}}}, {{"A", "x"}}),
              "a_x_bee");
    EXPECT_EQ(name_of({{"Fn::Select",
                        {0, {{"Fn::Split", {".", {{"Fn::FindInMap", {"Places", a, "Url"}}}}}}}}},
                      {{"A", "north"}}),
              "n");
}

TEST_F(ProvisioningTest, functions_that_make_no_sense_are_refused) {
    const std::string wrong = "InvalidRequestException";
    EXPECT_EQ(name_of({{"Ref", "A"}}), wrong) << "neither a value nor a default";
    EXPECT_EQ(name_of({{"Ref", "None"}}), wrong);
    EXPECT_EQ(name_of({{"Ref", 5}}), wrong);
    EXPECT_EQ(name_of(5), wrong);
    EXPECT_EQ(name_of({{"Fn::Join", "x"}}), wrong);
    EXPECT_EQ(name_of({{"Fn::Join", {"-", {1, 2}}}}), wrong);
    EXPECT_EQ(name_of({{"Fn::Select", {2, {"a", "b"}}}}), wrong);
    EXPECT_EQ(name_of({{"Fn::Select", {"x", {"a", "b"}}}}), wrong);
    EXPECT_EQ(name_of({{"Fn::Split", {"", "a"}}}), wrong);
    EXPECT_EQ(name_of({{"Fn::Split", {"/", "a/b"}}}), wrong) << "a list is no name";
    EXPECT_EQ(name_of({{"Fn::Sub", "${A"}}), wrong);
    EXPECT_EQ(name_of({{"Fn::Sub", "${None}"}}), wrong);
    EXPECT_EQ(name_of({{"Fn::FindInMap", {"Places", "south", "Url"}}}), wrong);
    EXPECT_EQ(name_of({{"Fn::FindInMap", {"Places", "north", "Url", "x"}}}), wrong);
    EXPECT_EQ(name_of({{"Fn::None", "x"}}), wrong);
    EXPECT_EQ(name_of("no name"), wrong);
}

TEST_F(ProvisioningTest, a_template_makes_thing_certificate_and_policy) {
    ok("POST", "/thing-types/esp32");
    ok("POST", "/thing-groups/lot");
    const json made = register_thing(
        {{"thing", thing("board", {{"ThingTypeName", "esp32"},
                                   {"AttributePayload", {{"line", "7"}}},
                                   {"ThingGroups", {"lot"}}})},
         {"certificate",
          one("Certificate", {{"CertificateSigningRequest", key_->request("board")}})},
         {"policy", one("Policy", {{"PolicyDocument", allow_all}})}});
    const auto info = pki::inspect_certificate(made["certificatePem"].get<std::string>());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->public_pem, key_->public_pem());
    const std::string arn = made["resourceArns"]["certificate"];
    EXPECT_EQ(id_of(arn), info->id);
    EXPECT_EQ(made["resourceArns"]["thing"], "arn:aws:iot:eu-west-1:000000000000:thing/board");
    EXPECT_EQ(described("board")["thingTypeName"], "esp32");
    EXPECT_EQ(described("board")["attributes"]["line"], "7");
    EXPECT_EQ(ok("GET", "/things/board/thing-groups")["thingGroups"][0]["groupName"], "lot");
    EXPECT_EQ(ok("GET", "/things/board/principals")["principals"], json::array({arn}));
    EXPECT_EQ(ok("GET", "/certificates/" + info->id)["certificateDescription"]["status"], "ACTIVE");
    const json policies = ok("POST", "/attached-policies/" + encoded(arn))["policies"];
    ASSERT_EQ(policies.size(), 1U);
    EXPECT_EQ(policies[0]["policyArn"], made["resourceArns"]["policy"]);
    // The policy's name is its document's digest: the same document is the same policy.
    register_thing({{"p", one("Policy", {{"PolicyDocument", allow_all}})}});
    EXPECT_EQ(ok("GET", "/policies")["policies"].size(), 1U);
}

TEST_F(ProvisioningTest, nothing_is_left_of_a_template_that_fails) {
    EXPECT_EQ(register_refused(
                  {{"a", thing("board")},
                   {"b", one("Certificate", {{"CertificateSigningRequest", key_->request("b")}})},
                   {"c", one("Policy", {{"PolicyName", "none"}})}}),
              "ResourceRegistrationFailureException");
    EXPECT_EQ(refused("GET", "/things/board"), "ResourceNotFoundException");
    EXPECT_TRUE(ok("GET", "/certificates")["certificates"].empty());
    for (const json& resources :
         {json{{"a", thing("b", {{"ThingTypeName", "none"}})}},
          json{{"a", thing("b", {{"ThingGroups", {"none"}}})}},
          json{{"a", one("Certificate", {{"CertificateSigningRequest", "none"}})}},
          json{{"a", one("Certificate", {{"CertificatePem", "none"}})}},
          json{{"a", one("Certificate", {{"CertificateId", std::string(64, 'a')}})}},
          json{{"a", one("Policy", {{"PolicyDocument", "{}"}})}}})
        EXPECT_EQ(register_refused(resources), "ResourceRegistrationFailureException") << resources;
    for (const json& resources :
         {json::object(), json{{"a", thing("b", {{"None", "x"}})}}, json{{"a", 5}},
          json{{"a", one("Thing", json::object())}}, json{{"a", one("None", json::object())}},
          json{{"a", thing("b")}, {"b", thing("c")}},
          json{{"a", thing("b", json::object(), {{"ThingTypeName", "MERGE"}})}},
          json{{"a", one("Certificate", json::object())}},
          json{{"a", one("Certificate",
                         {{"CertificateId", std::string(64, 'a')}, {"CertificatePem", "x"}})}},
          json{{"a", one("Policy", json::object())}}})
        EXPECT_EQ(register_refused(resources), "InvalidRequestException") << resources;
    EXPECT_EQ(refused("POST", "/things", {{"templateBody", "none"}}), "InvalidRequestException");
    EXPECT_EQ(refused("POST", "/things", json::object()), "InvalidRequestException");
    EXPECT_TRUE(ok("GET", "/things")["things"].empty());
}

TEST_F(ProvisioningTest, override_settings_say_what_becomes_of_a_thing_that_is_there) {
    ok("POST", "/thing-types/old");
    ok("POST", "/thing-types/new");
    ok("POST", "/thing-groups/g");
    ok("POST", "/thing-groups/h");
    ok("POST", "/things/board",
       {{"thingTypeName", "old"},
        {"attributePayload", {{"attributes", {{"a", "1"}, {"b", "1"}}}}}});
    ok("PUT", "/thing-groups/addThingToThingGroup",
       {{"thingGroupName", "g"}, {"thingName", "board"}});
    const json properties{{"ThingTypeName", "new"},
                          {"AttributePayload", {{"b", "2"}, {"c", "2"}}},
                          {"ThingGroups", {"h"}}};
    const auto with = [&](const json& overrides) {
        return json{{"t", thing("board", properties, overrides)}};
    };
    const auto groups = [&] {
        std::vector<std::string> names;
        const json listed = ok("GET", "/things/board/thing-groups");
        for (const json& group : listed["thingGroups"])
            names.push_back(group["groupName"]);
        return names;
    };
    register_thing(with(json::object()));
    EXPECT_EQ(described("board")["version"], 1);
    EXPECT_THAT(groups(), testing::ElementsAre("g"));

    for (const char* property : {"AttributePayload", "ThingTypeName", "ThingGroups"})
        EXPECT_EQ(register_refused(with({{property, "FAIL"}})),
                  "ConflictingResourceUpdateException")
            << property;

    register_thing(with({{"AttributePayload", "MERGE"}, {"ThingGroups", "MERGE"}}));
    EXPECT_EQ(described("board")["attributes"], json({{"a", "1"}, {"b", "2"}, {"c", "2"}}));
    EXPECT_EQ(described("board")["thingTypeName"], "old");
    EXPECT_THAT(groups(), testing::ElementsAre("g", "h"));

    register_thing(with({{"AttributePayload", "REPLACE"},
                         {"ThingTypeName", "REPLACE"},
                         {"ThingGroups", "REPLACE"}}));
    EXPECT_EQ(described("board")["attributes"], json({{"b", "2"}, {"c", "2"}}));
    EXPECT_EQ(described("board")["thingTypeName"], "new");
    EXPECT_THAT(groups(), testing::ElementsAre("h"));
    // What is as wanted is no conflict.
    register_thing(
        with({{"AttributePayload", "FAIL"}, {"ThingTypeName", "FAIL"}, {"ThingGroups", "FAIL"}}));
}

TEST_F(ProvisioningTest, a_certificate_comes_by_its_id_or_itself) {
    const std::string arn = certificate(false);
    const std::string id = id_of(arn);
    const auto by_id = [&](const json& overrides) {
        json resource = one("Certificate", {{"CertificateId", id}, {"Status", "Active"}});
        resource["OverrideSettings"] = overrides;
        return json{{"c", resource}, {"t", thing("board")}};
    };
    const auto status = [&] {
        return ok("GET", "/certificates/" + id)["certificateDescription"]["status"];
    };
    register_thing(by_id({{"Status", "DO_NOTHING"}}));
    EXPECT_EQ(status(), "INACTIVE");
    EXPECT_EQ(register_refused(by_id({{"Status", "FAIL"}})), "ConflictingResourceUpdateException");
    const json made = register_thing(by_id(json::object()));
    EXPECT_EQ(status(), "ACTIVE");
    EXPECT_EQ(made["resourceArns"]["c"], arn);
    EXPECT_EQ(ok("GET", "/things/board/principals")["principals"], json::array({arn}));

    const auto ca = pki::Authority::create("Own CA", pki::KeyKind::ec_p256, std::chrono::days(9),
                                           clock_.wall());
    const std::string pem =
        *ca->issue_client(key_->request("x"), std::chrono::days(5), clock_.wall());
    const json with_ca{{"c", one("Certificate", {{"CertificatePem", pem},
                                                 {"CACertificatePem", ca->certificate_pem()}})}};
    EXPECT_EQ(register_refused(with_ca), "ResourceRegistrationFailureException")
        << "the CA is not registered";
    const std::string ca_id = ok("POST", "/cacertificate?setAsActive=true",
                                 {{"caCertificate", ca->certificate_pem()},
                                  {"certificateMode", "SNI_ONLY"}})["certificateId"];
    const std::string own = id_of(register_thing(with_ca)["resourceArns"]["c"]);
    const json seen = ok("GET", "/certificates/" + own)["certificateDescription"];
    EXPECT_EQ(seen["caCertificateId"], ca_id);
    EXPECT_EQ(seen["status"], "ACTIVE");
}

TEST_F(ProvisioningTest, templates_are_kept) {
    const std::string body = json{{"Resources", {{"t", thing("x")}}}}.dump();
    const json wanted{{"templateName", "fleet"},
                      {"description", "boards of the line"},
                      {"templateBody", body},
                      {"enabled", true},
                      {"provisioningRoleArn", "arn:aws:iam::000000000000:role/provision"},
                      {"preProvisioningHook",
                       {{"payloadVersion", "2020-04-01"}, {"targetArn", "arn:aws:lambda:x"}}}};
    const json made = ok("POST", "/provisioning-templates", wanted);
    EXPECT_EQ(made["templateArn"], "arn:aws:iot:eu-west-1:000000000000:provisioningtemplate/fleet");
    const json seen = ok("GET", "/provisioning-templates/fleet");
    EXPECT_EQ(seen["templateBody"], body);
    EXPECT_EQ(seen["enabled"], true);
    EXPECT_EQ(seen["type"], "FLEET_PROVISIONING");
    EXPECT_EQ(seen["preProvisioningHook"], wanted["preProvisioningHook"]);
    EXPECT_EQ(refused("POST", "/provisioning-templates", wanted), "ResourceAlreadyExistsException");
    json other = wanted;
    other["type"] = "JITP";
    other["templateName"] = "jitp";
    EXPECT_EQ(refused("POST", "/provisioning-templates", other), "InvalidRequestException");
    other.erase("preProvisioningHook");
    ok("POST", "/provisioning-templates", other);
    for (const auto& [member, value] :
         std::vector<std::pair<std::string, json>>{{"templateName", "a b"},
                                                   {"templateName", std::string(37, 'x')},
                                                   {"templateBody", "none"},
                                                   {"templateBody", std::string(10241, ' ')},
                                                   {"provisioningRoleArn", "short"},
                                                   {"description", std::string(501, 'x')},
                                                   {"description", "a\nb"},
                                                   {"type", "NONE"}}) {
        json broken = other;
        broken["templateName"] = "third";
        broken[member] = value;
        EXPECT_EQ(refused("POST", "/provisioning-templates", broken), "InvalidRequestException")
            << member;
    }
    const json listed = all_pages("GET", "/provisioning-templates?maxResults=1", "templates");
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0]["templateName"], "fleet");
    EXPECT_FALSE(listed[0].contains("templateBody"));
    ok("DELETE", "/provisioning-templates/fleet");
    EXPECT_EQ(refused("DELETE", "/provisioning-templates/fleet"), "ResourceNotFoundException");
    EXPECT_EQ(refused("GET", "/provisioning-templates/fleet"), "ResourceNotFoundException");
}

}  // namespace
}  // namespace imprint::local_registry
