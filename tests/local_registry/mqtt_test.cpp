// Mosquitto's own clients against the broker, with certificates from the registry.
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/process.h"
#include "local_registry/service_fixture.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::local_registry {
namespace {

constexpr const char* board = "0a1b2c3d4e5f";
constexpr const char* allow_all =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})";
constexpr int not_authorised = 5;  // CONNACK's return code, and mosquitto_pub's exit status

class MqttTest : public ServiceFixture {
  protected:
    void SetUp() override {
        ASSERT_TRUE(service_) << service_.error().describe();
        ASSERT_TRUE(iot_.create_thing(board, "", {}));
        ASSERT_TRUE(iot_.create_policy("p", allow_all));
        keep_key();
        const auto issued = iot_.create_certificate_from_csr(key_->request(board));
        ASSERT_TRUE(issued) << issued.error().describe();
        certificate_ = issued->id;
        arn_ = issued->arn;
        keep_certificate(issued->pem);
    }

    void keep_key() {
        ASSERT_TRUE(write_file(folder_->path() / "key.pem", key_->to_pem().reveal_text(),
                               FileMode::secret));
    }

    void keep_certificate(const std::string& pem) {
        ASSERT_TRUE(write_file(folder_->path() / "certificate.pem", std::string_view(pem)));
    }

    void activate() {
        ASSERT_TRUE(iot_.update_certificate(certificate_, registry::CertificateStatus::active));
    }

    void attach() {
        ASSERT_TRUE(iot_.attach_thing_principal(board, arn_));
        ASSERT_TRUE(iot_.attach_policy("p", arn_));
    }

    Command mosquitto(const std::string& program, const std::string& client_id,
                      std::vector<std::string> more, const std::string& host = "127.0.0.1") {
        std::vector<std::string> arguments{program,
                                           "-h",
                                           host,
                                           "-p",
                                           std::to_string(service_->mqtt_port()),
                                           "--cafile",
                                           root_ca_path(state()).string(),
                                           "-i",
                                           client_id};
        if (with_certificate_)
            for (const char* option : {"--cert", "certificate.pem", "--key", "key.pem"})
                arguments.emplace_back(option);
        arguments.insert(arguments.end(), more.begin(), more.end());
        return {.arguments = arguments, .directory = folder_->path(), .environment = {}};
    }

    // The exit status of publishing one message.
    int publish(const std::string& client_id, const std::string& host = "127.0.0.1") {
        const auto done = run_command(
            mosquitto("mosquitto_pub", client_id, {"-t", "a/b", "-m", "hello", "-q", "1"}, host));
        EXPECT_TRUE(done) << done.error().describe();
        last_said_ = done->text;
        return done->status;
    }

    Result<Service> service_ = start(true);
    registry::IotClient iot_ = client(*service_);
    Result<pki::PrivateKey> key_ = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    std::string certificate_;
    std::string arn_;
    std::string last_said_;
    bool with_certificate_ = true;
};

TEST_F(MqttTest, a_board_connects_as_its_thing) {
    activate();
    attach();
    EXPECT_EQ(publish(board), 0) << last_said_;
    EXPECT_EQ(publish(board, "localhost"), 0) << last_said_;
    EXPECT_THAT(broker_log(),
                testing::ContainsRegex(
                    fmt::format("New client connected from 127\\.0\\.0\\.1:[0-9]+ as {} ", board)));
    EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format("client {} admitted", board)));
}

TEST_F(MqttTest, a_message_reaches_a_subscriber) {
    activate();
    attach();
    ASSERT_TRUE(iot_.create_thing("listener", "", {}));
    ASSERT_TRUE(iot_.attach_thing_principal("listener", arn_));
    auto listener = ChildProcess::start(
        mosquitto("mosquitto_sub", "listener", {"-t", "a/#", "-C", "1", "-W", "20"}),
        ChildOutput::pipe);
    ASSERT_TRUE(listener) << listener.error().describe();
    // The subscription is not in the log: publish until it takes.
    EXPECT_TRUE(eventually([&] {
        EXPECT_EQ(publish(board), 0) << last_said_;
        return listener->poll().has_value();
    }));
    char buffer[64];
    const ssize_t got = ::read(listener->output().get(), buffer, sizeof buffer);
    EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))), "hello\n");
}

TEST_F(MqttTest, another_client_id_is_refused) {
    activate();
    attach();
    EXPECT_EQ(publish("another"), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr("client another refused: the certificate is not "
                                                 "attached to a thing of the client id's name"));
    EXPECT_THAT(broker_log(), testing::Not(testing::HasSubstr("as another")));
}

TEST_F(MqttTest, an_inactive_certificate_is_refused) {
    attach();
    EXPECT_EQ(publish(board), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr("refused: the certificate is INACTIVE"));
    activate();
    EXPECT_EQ(publish(board), 0) << last_said_;
}

TEST_F(MqttTest, a_certificate_without_policy_is_refused) {
    activate();
    ASSERT_TRUE(iot_.attach_thing_principal(board, arn_));
    EXPECT_EQ(publish(board), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr("refused: the certificate has no policy"));
}

TEST_F(MqttTest, a_deleted_certificate_is_refused) {
    ASSERT_TRUE(iot_.delete_certificate(certificate_));
    EXPECT_EQ(publish(board), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr("refused: the certificate is not registered"));
}

TEST_F(MqttTest, a_client_without_or_with_a_strangers_certificate_gets_nowhere) {
    activate();
    attach();
    const auto stranger = pki::Authority::create("Stranger", pki::KeyKind::ec_p256,
                                                 std::chrono::days(10), clock_.wall());
    keep_certificate(
        *stranger->issue_client(key_->request(board), std::chrono::days(5), clock_.wall()));
    EXPECT_NE(publish(board), 0);
    with_certificate_ = false;
    EXPECT_NE(publish(board), 0);
    EXPECT_THAT(broker_log(), testing::Not(testing::HasSubstr("New client connected")));
}

TEST_F(MqttTest, a_certificate_that_was_registered_without_a_ca_connects) {
    const auto own = pki::Authority::create("Own CA", pki::KeyKind::ec_p256, std::chrono::days(10),
                                            clock_.wall());
    const auto pem = own->issue_client(key_->request(board), std::chrono::days(5), clock_.wall());
    keep_certificate(*pem);
    EXPECT_NE(publish(board), 0) << "not before it is registered";
    const auto done = run_command(
        {.arguments = {"/usr/bin/python3", "-c",
                       "import botocore.session, sys\n"
                       "iot = botocore.session.get_session().create_client('iot', "
                       "endpoint_url=sys.argv[1])\n"
                       "made = iot.register_certificate_without_ca("
                       "certificatePem=open('certificate.pem').read(), status='ACTIVE')\n"
                       "iot.attach_thing_principal(thingName=sys.argv[2], "
                       "principal=made['certificateArn'])\n"
                       "iot.attach_policy(policyName='p', target=made['certificateArn'])\n",
                       service_->endpoint_url(), board},
         .directory = folder_->path(),
         .environment = {{"AWS_SHARED_CREDENTIALS_FILE", credentials_path(state()).string()},
                         {"AWS_CONFIG_FILE", (state() / "config").string()},
                         {"AWS_EC2_METADATA_DISABLED", "true"}}});
    ASSERT_TRUE(done);
    ASSERT_EQ(done->status, 0) << done->text;
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
    ASSERT_TRUE(iot_.update_certificate(pki::inspect_certificate(*pem)->id,
                                        registry::CertificateStatus::inactive));
    EXPECT_EQ(publish(board), not_authorised) << last_said_;
}

TEST_F(MqttTest, a_connected_board_is_kicked_when_its_certificate_is_deactivated) {
    activate();
    attach();
    auto listener =
        ChildProcess::start(mosquitto("mosquitto_sub", board, {"-t", "a/#"}), ChildOutput::discard);
    ASSERT_TRUE(listener) << listener.error().describe();
    ASSERT_TRUE(eventually([&] { return broker_log().contains(fmt::format(" as {} (", board)); }))
        << broker_log();
    EXPECT_FALSE(listener->poll());
    ASSERT_TRUE(iot_.update_certificate(certificate_, registry::CertificateStatus::inactive));
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(
            fmt::format("client {} kicked: the certificate is INACTIVE", board));
    })) << broker_log();
    // mosquitto_sub comes back once, is refused and ends.
    EXPECT_TRUE(eventually([&] { return listener->poll().has_value(); }));
}

}  // namespace
}  // namespace imprint::local_registry
