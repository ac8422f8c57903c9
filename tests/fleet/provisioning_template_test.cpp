#include "fleet/provisioning_template.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace imprint::fleet {
namespace {

using nlohmann::json;
using prepare::IdentitySettings;

json ref(const std::string& name) {
    return {{"Ref", "AWS::IoT::Certificate::" + name}};
}

IdentitySettings settings() {
    IdentitySettings settings;
    settings.thing_type = "lamp";
    settings.thing_groups = {"hall"};
    settings.policy.name = "devices";
    settings.attributes = {
        {"line", "7"}, {"lot", "{lot}"}, {"none", ""}, {"label", "a {mac}-{mac} b"}};
    settings.ca.subject = "CN={thing}, O=Example, serialNumber={mac}";
    return settings;
}

json just_in_time(const IdentitySettings& settings) {
    const auto text = just_in_time_template(settings, "order-17");
    EXPECT_TRUE(text) << text.error().describe();
    return text ? json::parse(*text) : json();
}

json thing_of(const json& document) {
    return document["Resources"]["thing"]["Properties"];
}

TEST(JustInTimeTemplate, takes_the_boards_names_from_the_subject) {
    const json document = just_in_time(settings());
    const json thing = thing_of(document);
    EXPECT_EQ(thing["ThingName"], ref("CommonName"));
    EXPECT_EQ(thing["ThingTypeName"], "lamp");
    EXPECT_EQ(thing["ThingGroups"], json::array({"hall"}));
    EXPECT_EQ(
        thing["AttributePayload"],
        (json{{"line", "7"},
              {"lot", "order-17"},
              {"label",
               {{"Fn::Join", json::array({"", json::array({"a ", ref("SerialNumber"), "-",
                                                           ref("SerialNumber"), " b"})})}}}}));
    EXPECT_EQ(document["Resources"]["certificate"]["Properties"],
              (json{{"CertificateId", ref("Id")}, {"Status", "ACTIVE"}}));
    EXPECT_EQ(document["Resources"]["policy"]["Properties"], (json{{"PolicyName", "devices"}}));
    // AWS IoT fills what is declared, and nothing else.
    std::vector<std::string> declared;
    for (const auto& [name, parameter] : document["Parameters"].items())
        declared.push_back(name);
    EXPECT_THAT(declared, testing::ElementsAre("AWS::IoT::Certificate::CommonName",
                                               "AWS::IoT::Certificate::Id",
                                               "AWS::IoT::Certificate::SerialNumber"));
}

TEST(JustInTimeTemplate, a_thing_that_is_its_mac_needs_no_second_part) {
    IdentitySettings one = settings();
    one.ca.subject = "CN={thing}";
    EXPECT_EQ(thing_of(just_in_time(one))["ThingName"], ref("CommonName"));
    one.ca.subject = "O=Example, CN={mac}";
    EXPECT_EQ(thing_of(just_in_time(one))["ThingName"], ref("CommonName"));
    one.attributes = {{"mac", "{mac}"}};
    EXPECT_EQ(thing_of(just_in_time(one))["AttributePayload"]["mac"], ref("CommonName"));
}

TEST(JustInTimeTemplate, puts_a_things_name_together_from_the_mac) {
    IdentitySettings one = settings();
    one.thing_name = "lamp-{lot}-{mac}";
    one.ca.subject = "CN=lamps, OU={mac}";
    EXPECT_EQ(
        thing_of(just_in_time(one))["ThingName"],
        (json{{"Fn::Join",
               json::array({"", json::array({"lamp-order-17-", ref("OrganizationalUnit")})})}}));
}

TEST(JustInTimeTemplate, refuses_what_the_subject_does_not_say) {
    const auto fault = [](const IdentitySettings& one) {
        const auto text = just_in_time_template(one, "");
        return text ? std::string() : text.error().code;
    };
    IdentitySettings one = settings();
    one.ca.subject = "CN=lamp {thing}";
    EXPECT_EQ(fault(one), "just_in_time_subject");
    one.ca.subject = "L={thing}, CN=x";  // AWS has no parameter for a place
    EXPECT_EQ(fault(one), "just_in_time_subject");
    one.thing_name = "lamp-{mac}";
    one.ca.subject = "CN={thing}";
    EXPECT_EQ(fault(one), "just_in_time_subject") << "the attribute needs the MAC";
    one.attributes.erase("label");
    EXPECT_EQ(fault(one), "");
    one.ca.subject = "no subject";
    EXPECT_EQ(fault(one), "subject_invalid");
}

TEST(ProvisioningTemplate, declares_each_parameter_that_its_lines_give) {
    minted::MintedIdentity identity;
    identity.thing = "246f28a1b2c3";
    identity.mac = "246f28a1b2c3";
    identity.certificate_pem = "PEM";
    const auto parameters = template_parameters(settings(), identity);
    const json document = json::parse(provisioning_template(settings(), "order-17", "CA", false));
    ASSERT_EQ(document["Parameters"].size(), parameters.size());
    for (const auto& [name, value] : parameters)
        EXPECT_TRUE(document["Parameters"].contains(name)) << name;
    const json thing = thing_of(document);
    const std::string label = thing["AttributePayload"]["label"]["Ref"];
    EXPECT_EQ(parameters.at(label), "a 246f28a1b2c3-246f28a1b2c3 b");
    EXPECT_EQ(thing["AttributePayload"]["lot"], "order-17");
    EXPECT_FALSE(thing["AttributePayload"].contains("none"));
    EXPECT_EQ(document["Resources"]["certificate"]["Properties"]["Status"], "INACTIVE");
    EXPECT_EQ(document["Resources"]["certificate"]["Properties"]["CACertificatePem"], "CA");
    EXPECT_EQ(document["Resources"]["certificate"]["OverrideSettings"],
              (json{{"Status", "DO_NOTHING"}}))
        << "a board may work with it";
    const json active = json::parse(provisioning_template(settings(), "", "", true));
    EXPECT_FALSE(active["Resources"]["certificate"].contains("OverrideSettings"));
    EXPECT_EQ(active["Resources"]["certificate"]["Properties"]["Status"], "ACTIVE");
    EXPECT_FALSE(active["Resources"]["certificate"]["Properties"].contains("CACertificatePem"));
}

}  // namespace
}  // namespace imprint::fleet
