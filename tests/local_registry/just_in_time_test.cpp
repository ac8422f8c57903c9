#include "local_registry/operations/just_in_time.h"

#include <gmock/gmock.h>

#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

using operations::register_just_in_time;
using std::chrono::days;
using ::testing::HasSubstr;

class JustInTimeTest : public RegistryTest {
  protected:
    static pki::Authority authority(WallTime now) {
        return *pki::Authority::create("Own CA", pki::KeyKind::ec_p256, days(100), now);
    }

    // Registers the CA, ACTIVE and with auto-registration unless the query says otherwise.
    std::string register_ca(
        const json& config = nullptr,
        const std::string& query = "setAsActive=true&allowAutoRegistration=true") {
        const std::string code = ok("GET", "/registrationcode")["registrationCode"];
        json body{{"caCertificate", ca_.certificate_pem()},
                  {"verificationCertificate",
                   *ca_.issue_client(key_->request(code), days(5), clock_.wall())}};
        if (!config.is_null()) body["registrationConfig"] = config;
        return ok("POST", "/cacertificate?" + query, body)["certificateId"];
    }

    Outcome<std::optional<operations::Registration>> arrive() {
        return register_just_in_time(context(), pem_,
                                     {{"Subject.CommonName", {"lamp"}},
                                      {"Subject.State", {"Bavaria"}},
                                      {"Issuer.CommonName", {"Own CA"}}});
    }

    json described() { return ok("GET", "/certificates/" + id_)["certificateDescription"]; }

    static std::string template_body(const json& thing_name, const std::string& status = "ACTIVE") {
        return json{
            {"Parameters",
             {{"AWS::IoT::Certificate::Id", {{"Type", "String"}}},
              {"AWS::IoT::Certificate::CommonName", {{"Type", "String"}}}}},
            {"Resources",
             {{"thing",
               {{"Type", "AWS::IoT::Thing"},
                {"Properties",
                 {{"ThingName", thing_name},
                  {"AttributePayload",
                   {{"state", {{"Ref", "AWS::IoT::Certificate::StateName"}}}}}}}}},
              {"certificate",
               {{"Type", "AWS::IoT::Certificate"},
                {"Properties",
                 {{"CertificateId", {{"Ref", "AWS::IoT::Certificate::Id"}}}, {"Status", status}}}}},
              {"policy",
               {{"Type", "AWS::IoT::Policy"}, {"Properties", {{"PolicyName", "devices"}}}}}}}}
            .dump();
    }

    static json config(const std::string& body) {
        return {{"templateBody", body}, {"roleArn", "arn:aws:iam::000000000000:role/jitp"}};
    }

    Result<pki::PrivateKey> key_ = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    pki::Authority ca_ = authority(clock_.wall());
    std::string pem_ = *ca_.issue_client(key_->request("lamp"), days(50), clock_.wall());
    std::string id_ = pki::inspect_certificate(pem_)->id;
    const json common_name_{{"Ref", "AWS::IoT::Certificate::CommonName"}};
};

TEST_F(JustInTimeTest, a_first_connection_registers_and_is_told_of) {
    const std::string ca = register_ca();
    clock_.advance(Milliseconds(1000));
    const auto done = arrive();
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->certificate_id, id_);
    EXPECT_EQ((*done)->ca_certificate_id, ca);
    EXPECT_EQ((*done)->status, "PENDING_ACTIVATION");
    EXPECT_EQ((*done)->fault, "");
    EXPECT_EQ((*done)->topic, "$aws/events/certificates/registered/" + ca);
    const json message = json::parse((*done)->message);
    EXPECT_EQ(message["certificateId"], id_);
    EXPECT_EQ(message["caCertificateId"], ca);
    EXPECT_EQ(message["certificateStatus"], "PENDING_ACTIVATION");
    EXPECT_EQ(message["awsAccountId"], "000000000000");
    EXPECT_EQ(message["timestamp"], context().now());
    const json seen = described();
    EXPECT_EQ(seen["status"], "PENDING_ACTIVATION");
    EXPECT_EQ(seen["caCertificateId"], ca);
    EXPECT_EQ(seen["certificatePem"], pem_);
    EXPECT_EQ(ok("GET", "/certificates-by-ca/" + ca)["certificates"].size(), 1U);
    // Its rule makes it ACTIVE; a second connection changes nothing.
    ok("PUT", "/certificates/" + id_ + "?newStatus=ACTIVE");
    const auto again = arrive();
    ASSERT_TRUE(again);
    EXPECT_FALSE(*again);
    EXPECT_EQ(described()["status"], "ACTIVE");
}

TEST_F(JustInTimeTest, with_a_template_the_device_is_all_there) {
    ok("POST", "/policies/devices", {{"policyDocument", allow_all}});
    register_ca(config(template_body(common_name_)));
    const auto done = arrive();
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->status, "ACTIVE");
    EXPECT_EQ((*done)->fault, "");
    EXPECT_EQ((*done)->topic, "");
    EXPECT_EQ(described()["status"], "ACTIVE");
    EXPECT_EQ(ok("GET", "/things/lamp")["attributes"], (json{{"state", "Bavaria"}}));
    const std::string arn = described()["certificateArn"];
    EXPECT_EQ(ok("GET", "/things/lamp/principals")["principals"], json::array({arn}));
    EXPECT_EQ(ok("POST", "/attached-policies/" + encoded(arn))["policies"][0]["policyName"],
              "devices");
}

TEST_F(JustInTimeTest, a_template_is_found_by_its_name_while_it_is_enabled) {
    ok("POST", "/policies/devices", {{"policyDocument", allow_all}});
    const json form{{"templateName", "jitp"},
                    {"templateBody", template_body(common_name_)},
                    {"provisioningRoleArn", "arn:aws:iam::000000000000:role/jitp"},
                    {"type", "JITP"}};
    json enabled = form;
    enabled["enabled"] = true;
    ok("POST", "/provisioning-templates", form);
    register_ca({{"templateName", "jitp"}});
    auto done = arrive();
    ASSERT_TRUE(done && *done);
    EXPECT_THAT((*done)->fault, HasSubstr("not enabled"));
    EXPECT_EQ(described()["status"], "PENDING_ACTIVATION");
    // By hand it can be tried again.
    ok("PUT", "/certificates/" + id_ + "?newStatus=INACTIVE");
    ok("DELETE", "/certificates/" + id_);
    ok("DELETE", "/provisioning-templates/jitp");
    ok("POST", "/provisioning-templates", enabled);
    done = arrive();
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->fault, "");
    EXPECT_EQ(described()["status"], "ACTIVE");
}

TEST_F(JustInTimeTest, of_a_template_that_fails_only_the_certificate_is_left) {
    // No such policy; a parameter that the subject lacks; another certificate than the device's.
    const std::string bodies[] = {
        template_body(common_name_),
        template_body({{"Ref", "AWS::IoT::Certificate::SerialNumber"}}),
        json{{"Resources",
              {{"thing", {{"Type", "AWS::IoT::Thing"}, {"Properties", {{"ThingName", "lamp"}}}}}}}}
            .dump()};
    const char* faults[] = {"Policy devices not found", "SerialNumber",
                            "AWS::IoT::Certificate::Id"};
    const std::string ca = register_ca(config(bodies[0]));
    for (std::size_t i = 0; i < std::size(bodies); ++i) {
        ok("PUT", "/cacertificate/" + ca, {{"registrationConfig", config(bodies[i])}});
        const auto done = arrive();
        ASSERT_TRUE(done && *done) << i;
        EXPECT_THAT((*done)->fault, HasSubstr(faults[i]));
        EXPECT_EQ((*done)->status, "PENDING_ACTIVATION");
        EXPECT_EQ(described()["status"], "PENDING_ACTIVATION");
        EXPECT_EQ(ok("GET", "/things")["things"], json::array());
        ok("PUT", "/certificates/" + id_ + "?newStatus=INACTIVE");
        ok("DELETE", "/certificates/" + id_);
    }
}

TEST_F(JustInTimeTest, only_an_active_authority_that_registers_just_in_time_does) {
    const auto refused_name = [&] {
        const auto done = arrive();
        return done ? std::string() : done.error().name;
    };
    EXPECT_EQ(refused_name(), "CertificateValidationException") << "the CA is not known";
    const std::string ca = register_ca(nullptr, "setAsActive=true");
    EXPECT_EQ(refused_name(), "CertificateValidationException") << "not just in time";
    ok("PUT", "/cacertificate/" + ca + "?newAutoRegistrationStatus=ENABLE&newStatus=INACTIVE");
    EXPECT_EQ(refused_name(), "CertificateValidationException") << "INACTIVE";
    ok("PUT", "/cacertificate/" + ca + "?newStatus=ACTIVE");
    // Another authority of the same name did not sign it.
    const auto namesake = authority(clock_.wall());
    const std::string own = pem_;
    pem_ = *namesake.issue_client(key_->request("lamp"), days(50), clock_.wall());
    EXPECT_EQ(refused_name(), "CertificateValidationException") << "a namesake's";
    pem_ = "no certificate";
    EXPECT_EQ(refused_name(), "CertificateValidationException");
    pem_ = own;
    EXPECT_EQ(refused_name(), "");
    EXPECT_EQ(ok("GET", "/certificates")["certificates"].size(), 1U);
}

}  // namespace
}  // namespace imprint::local_registry
