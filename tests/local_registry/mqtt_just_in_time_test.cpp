// Devices that register by connecting to the broker.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/process.h"
#include "base/text.h"
#include "local_registry/mqtt_fixture.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::local_registry {
namespace {

using nlohmann::json;

// Certificates of an authority whose devices register by connecting.
class JustInTimeMqttTest : public MqttTest {
  protected:
    void SetUp() override {
        MqttTest::SetUp();
        // Retired: what connects is the owner's authority's.
        ASSERT_TRUE(iot_.delete_certificate(certificate_));
        const auto pem =
            own_->issue_client(key_->request(board), std::chrono::days(5), clock_.wall());
        ASSERT_TRUE(pem);
        keep_certificate(*pem);
        certificate_ = pki::inspect_certificate(*pem)->id;
        arn_ = "arn:aws:iot:eu-west-1:000000000000:cert/" + certificate_;
    }

    void register_ca(const std::optional<aws::JustInTime>& just_in_time) {
        const auto code = iot_.get_registration_code();
        ASSERT_TRUE(code);
        const auto proof =
            own_->issue_client(key_->request(*code), std::chrono::days(5), clock_.wall());
        const auto id = iot_.register_ca_certificate(own_->certificate_pem(), *proof, just_in_time);
        ASSERT_TRUE(id) << id.error().describe();
        ca_ = *id;
    }

    std::string status() {
        const auto found = iot_.describe_certificate(certificate_);
        return found ? std::string(registry::to_string(found->status)) : found.error().code;
    }

    Result<pki::Authority> own_ = pki::Authority::create("Own CA", pki::KeyKind::ec_p256,
                                                         std::chrono::days(10), clock_.wall());
    std::string ca_;
};

TEST_F(JustInTimeMqttTest, the_first_connection_registers_and_a_rule_hears_of_it) {
    register_ca(aws::JustInTime());
    // Who listens, as a rule would: a client of the registry's own.
    const auto rules_key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto rules = iot_.create_certificate_from_csr(rules_key->request("rule"));
    ASSERT_TRUE(rules);
    ASSERT_TRUE(write_file(folder_->path() / "rule.pem", std::string_view(rules->pem)));
    ASSERT_TRUE(write_file(folder_->path() / "rule.key", rules_key->to_pem().reveal_text(),
                           FileMode::secret));
    ASSERT_TRUE(iot_.create_policy("all", std::string(R"({"Version":"2012-10-17","Statement":
        [{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})")));
    ASSERT_TRUE(iot_.update_certificate(rules->id, aws::CertificateStatus::active));
    ASSERT_TRUE(iot_.attach_policy("all", rules->arn));
    with_certificate_ = false;
    auto rule = ChildProcess::start(
        mosquitto("mosquitto_sub", "rule",
                  {"--cert", "rule.pem", "--key", "rule.key", "-t",
                   "$aws/events/certificates/registered/" + ca_, "-C", "1", "-W", "20", "-q", "1"}),
        ChildOutput::pipe);
    with_certificate_ = true;
    ASSERT_TRUE(rule);
    ASSERT_TRUE(subscribed("rule", "$aws/events/certificates/registered/" + ca_)) << broker_log();

    EXPECT_EQ(status(), "ResourceNotFoundException");
    EXPECT_EQ(publish(board), not_authorised) << last_said_ << broker_log();
    EXPECT_THAT(broker_log(), testing::HasSubstr("registers just in time"));
    ASSERT_TRUE(eventually([&] { return status() == "PENDING_ACTIVATION"; })) << status();
    EXPECT_EQ(rule->wait(), 0) << "the rule has heard nothing";
    const std::string heard = said(*rule);
    EXPECT_THAT(heard, testing::HasSubstr(certificate_));
    EXPECT_THAT(heard, testing::HasSubstr("PENDING_ACTIVATION"));
    EXPECT_EQ(publish(board), not_authorised) << "PENDING_ACTIVATION is not ACTIVE";
    EXPECT_THAT(broker_log(), testing::HasSubstr("the certificate is PENDING_ACTIVATION"));
    activate();
    attach();
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
}

TEST_F(JustInTimeMqttTest, with_a_template_the_second_connection_is_let_in) {
    register_ca(aws::JustInTime{
        .template_body = R"({"Parameters":{"AWS::IoT::Certificate::Id":{"Type":"String"},
            "AWS::IoT::Certificate::CommonName":{"Type":"String"}},"Resources":{
            "t":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":
                {"Ref":"AWS::IoT::Certificate::CommonName"}}},
            "c":{"Type":"AWS::IoT::Certificate","Properties":{"CertificateId":
                {"Ref":"AWS::IoT::Certificate::Id"},"Status":"ACTIVE"}},
            "p":{"Type":"AWS::IoT::Policy","Properties":{"PolicyName":"p"}}}})",
        .role_arn = "arn:aws:iam::000000000000:role/jitp"});
    EXPECT_EQ(publish(board), not_authorised) << last_said_ << broker_log();
    ASSERT_TRUE(eventually([&] { return status() == "ACTIVE"; })) << status();
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
    EXPECT_NE(publish("0a1b2c3d4e60"), 0) << "as another thing";
}

TEST_F(JustInTimeMqttTest, who_does_not_register_just_in_time_does_not_get_through_tls) {
    const auto stays_out = [&](const char* why) {
        EXPECT_NE(publish(board), 0) << why;
        EXPECT_NE(publish(board), not_authorised) << why << ": refused only at MQTT's CONNECT";
        EXPECT_EQ(status(), "ResourceNotFoundException") << why;
    };
    stays_out("the CA is not known");
    register_ca(std::nullopt);
    stays_out("it registers nothing by itself");
    ASSERT_TRUE(iot_.update_ca_certificate(ca_, {}));
    const auto namesake = pki::Authority::create("Own CA", pki::KeyKind::ec_p256,
                                                 std::chrono::days(10), clock_.wall());
    keep_certificate(
        *namesake->issue_client(key_->request(board), std::chrono::days(5), clock_.wall()));
    stays_out("somebody else's CA of the same name");
    EXPECT_THAT(broker_log(), testing::Not(testing::HasSubstr("just in time")));
}

}  // namespace
}  // namespace imprint::local_registry
