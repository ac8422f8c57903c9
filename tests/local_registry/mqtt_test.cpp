// Mosquitto's own clients against the broker, with certificates from the registry.
#include <gmock/gmock.h>
#include <sstream>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/process.h"
#include "base/text.h"
#include "local_registry/mqtt_fixture.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::local_registry {
namespace {

using nlohmann::json;

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
    ASSERT_TRUE(subscribed("listener", "a/#")) << broker_log();
    EXPECT_EQ(publish(board), 0) << last_said_;
    EXPECT_EQ(listener->wait(), 0);
    char buffer[64];
    const ssize_t got = ::read(listener->output().get(), buffer, sizeof buffer);
    EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))), "hello\n");
}

// What AWS IoT has no place for, firmware is to notice here.
TEST_F(MqttTest, what_aws_iot_does_not_carry_is_not_carried_here) {
    ASSERT_TRUE(iot_.create_policy_version("p", std::string(R"({"Version":"2012-10-17","Statement":
        [{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})"),
                                           true));
    activate();
    attach();
    EXPECT_EQ(publish_on(board, "1/2/3/4/5/6/7/8"), 0) << last_said_;
    publish_on(board, "1/2/3/4/5/6/7/8/9");
    EXPECT_TRUE(eventually([&] { return broker_log().contains("kicked: it has 8 slashes"); }));
    const auto twice = run_command(
        mosquitto("mosquitto_pub", board, {"-V", "311", "-t", "a/b", "-m", "x", "-q", "2"}));
    ASSERT_TRUE(twice);
    EXPECT_NE(twice->status, 0) << "QoS 2";
}

TEST_F(MqttTest, who_asks_a_service_that_is_absent_is_told_so) {
    ASSERT_TRUE(iot_.create_policy_version("p", std::string(R"({"Version":"2012-10-17","Statement":
        [{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})"),
                                           true));
    activate();
    attach();
    const std::string topic = "$aws/certificates/create/json";
    auto listener = listen("listener", topic + "/rejected");
    ASSERT_TRUE(listener);
    ASSERT_TRUE(subscribed("listener", topic + "/rejected")) << broker_log();
    EXPECT_EQ(publish_on(board, topic), 0) << last_said_;
    EXPECT_EQ(listener->wait(), 0);
    EXPECT_EQ(publish_on(board, topic), 0) << last_said_;
    const json heard = json::parse(said(*listener), nullptr, false);
    EXPECT_EQ(heard.value("statusCode", 0), 404) << heard;
    const std::string line = fmt::format(
        "client {} asks on {}: there are no fleet provisioning by claim here", board, topic);
    const std::string log = broker_log();
    EXPECT_THAT(log, testing::HasSubstr(line));
    EXPECT_EQ(log.find(line, log.find(line) + 1), std::string::npos) << "once";
}

// Everything of its own shadows, and of nobody else's.
constexpr const char* own_shadows = R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iot:Connect","Resource":"*"},
    {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],
     "Resource":"arn:aws:iot:eu-west-1:000000000000:topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"},
    {"Effect":"Allow","Action":"iot:Subscribe",
     "Resource":"arn:aws:iot:eu-west-1:000000000000:topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*"}]})";

class ShadowMqttTest : public MqttTest {
  protected:
    void SetUp() override {
        MqttTest::SetUp();
        ASSERT_TRUE(iot_.create_policy_version("p", own_shadows, true));
        activate();
        attach();
    }

    // A subscriber that ends after so many messages, once it hears.
    Result<ChildProcess> hear(const std::string& filter, int messages) {
        auto child = ChildProcess::start(
            mosquitto("mosquitto_sub", board,
                      {"-t", filter, "-C", std::to_string(messages), "-W", "20", "-q", "1", "-v"}),
            ChildOutput::pipe);
        EXPECT_TRUE(subscribed(board, filter)) << broker_log();
        return child;
    }

    // A second client beside the one that listens.
    void allow_all() {
        ASSERT_TRUE(iot_.create_policy_version("p",
                                               std::string(R"({"Version":"2012-10-17","Statement":
            [{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})"),
                                               true));
    }

    int send(const std::string& topic, const std::string& payload,
             const std::string& client_id = "publisher") {
        std::vector<std::string> more{"-t", topic, "-q", "1"};
        if (payload.empty())
            more.emplace_back("-n");
        else
            more.insert(more.end(), {"-m", payload});
        const auto done = run_command(mosquitto("mosquitto_pub", client_id, std::move(more)));
        EXPECT_TRUE(done) << done.error().describe();
        return done->status;
    }

    const std::string shadow_ = fmt::format("$aws/things/{}/shadow", board);
};

TEST_F(ShadowMqttTest, an_update_over_https_reaches_the_board_in_order) {
    auto listener = hear(shadow_ + "/name/credentials/update/+", 6);
    ASSERT_TRUE(listener);
    for (const char* document :
         {R"({"state":{"desired":{"a":1}}})", R"({"state":{"desired":{"a":2}}})"}) {
        const auto updated = iot_.update_thing_shadow(board, "credentials", document);
        ASSERT_TRUE(updated) << updated.error().describe();
    }
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    std::vector<std::string> heard;
    std::string text;
    for (std::string more = said(*listener); !more.empty(); more = said(*listener))
        text += more;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t blank = line.find(' ');
        const json body = json::parse(line.substr(blank), nullptr, false);
        const json version =
            body.contains("version") ? body["version"] : body["current"]["version"];
        heard.push_back(line.substr(0, blank).substr(shadow_.size()) + " " + version.dump());
    }
    EXPECT_THAT(heard,
                testing::ElementsAre(
                    "/name/credentials/update/accepted 1", "/name/credentials/update/delta 1",
                    "/name/credentials/update/documents 1", "/name/credentials/update/accepted 2",
                    "/name/credentials/update/delta 2", "/name/credentials/update/documents 2"))
        << text;
}

TEST_F(ShadowMqttTest, a_boards_own_update_is_answered_and_seen_over_https) {
    auto listener = hear(shadow_ + "/get/+", 1);
    ASSERT_TRUE(listener);
    allow_all();
    EXPECT_EQ(send(shadow_ + "/update", R"({"state":{"reported":{"led":0}}})"), 0);
    EXPECT_TRUE(eventually([&] { return iot_.get_thing_shadow(board, "").has_value(); }));
    EXPECT_EQ(send(shadow_ + "/get", ""), 0);
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    EXPECT_THAT(said(*listener), testing::StartsWith(shadow_ + R"(/get/accepted {"metadata")"));
}

TEST_F(ShadowMqttTest, what_is_absent_is_rejected) {
    auto listener = hear(shadow_ + "/name/none/get/+", 1);
    ASSERT_TRUE(listener);
    allow_all();
    EXPECT_EQ(send(shadow_ + "/name/none/get", R"({"clientToken":"t"})"), 0);
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    EXPECT_THAT(said(*listener),
                testing::AllOf(testing::StartsWith(shadow_ + "/name/none/get/rejected "),
                               testing::HasSubstr(R"("clientToken":"t","code":404)")));
}

TEST_F(ShadowMqttTest, nobody_changes_anothers_shadow) {
    send("$aws/things/victim/shadow/update", R"({"state":{"desired":{"a":1}}})", board);
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(fmt::format("client {} kicked: no statement", board));
    })) << broker_log();
    const auto none = iot_.get_thing_shadow("victim", "");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, "ResourceNotFoundException");
}

class ChinaMqttTest : public MqttTest {
  protected:
    ChinaMqttTest() : MqttTest("cn-north-1") {}
};

TEST_F(ChinaMqttTest, arns_are_of_the_regions_partition) {
    activate();
    attach();
    EXPECT_EQ(iot_.describe_certificate(certificate_)->arn,
              "arn:aws-cn:iot:cn-north-1:000000000000:cert/" + certificate_);
    EXPECT_EQ(publish(board), not_authorised) << "its policy is of another partition";
    const std::string here =
        replace_all(own_topics, "arn:aws:iot:eu-west-1:", "arn:aws-cn:iot:cn-north-1:");
    ASSERT_TRUE(iot_.create_policy_version("p", here, true));
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
}

TEST_F(MqttTest, another_client_id_is_refused) {
    activate();
    attach();
    EXPECT_EQ(publish("another"), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr("client another refused: no statement allows "
                                                 "iot:Connect on client/another"));
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
         .environment = {
             {"AWS_SHARED_CREDENTIALS_FILE", registry::credentials_path(state()).string()},
             {"AWS_CONFIG_FILE", (state() / "config").string()},
             {"AWS_EC2_METADATA_DISABLED", "true"}}});
    ASSERT_TRUE(done);
    ASSERT_EQ(done->status, 0) << done->text;
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
    ASSERT_TRUE(iot_.update_certificate(pki::inspect_certificate(*pem)->id,
                                        aws::CertificateStatus::inactive));
    EXPECT_EQ(publish(board), not_authorised) << last_said_;
}

TEST_F(MqttTest, a_certificate_of_a_registered_ca_connects_also_when_its_ca_is_inactive_later) {
    const auto own = pki::Authority::create("Own CA", pki::KeyKind::ec_p256, std::chrono::days(10),
                                            clock_.wall());
    const auto pem = own->issue_client(key_->request(board), std::chrono::days(5), clock_.wall());
    keep_certificate(*pem);
    ASSERT_TRUE(write_file(folder_->path() / "ca.pem", own->certificate_pem()));
    const auto python = [&](const std::string& text) {
        const auto done =
            run_command({.arguments = {"/usr/bin/python3", "-c",
                                       "import botocore.session, sys\n"
                                       "iot = botocore.session.get_session().create_client('iot', "
                                       "endpoint_url=sys.argv[1])\n" +
                                           text,
                                       service_->endpoint_url(), board},
                         .directory = folder_->path(),
                         .environment = {{"AWS_SHARED_CREDENTIALS_FILE",
                                          registry::credentials_path(state()).string()},
                                         {"AWS_CONFIG_FILE", (state() / "config").string()},
                                         {"AWS_EC2_METADATA_DISABLED", "true"}}});
        ASSERT_TRUE(done);
        ASSERT_EQ(done->status, 0) << done->text;
    };
    python(
        "iot.register_ca_certificate(caCertificate=open('ca.pem').read(), setAsActive=True, "
        "certificateMode='SNI_ONLY')\n");
    EXPECT_NE(publish(board), 0) << "the CA alone lets nobody in";
    python(
        "made = iot.register_certificate(certificatePem=open('certificate.pem').read(), "
        "status='ACTIVE')\n"
        "iot.attach_thing_principal(thingName=sys.argv[2], principal=made['certificateArn'])\n"
        "iot.attach_policy(policyName='p', target=made['certificateArn'])\n");
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
    // An inactive CA registers no more certificates; those that it has go on.
    python(
        "for ca in iot.list_ca_certificates()['certificates']:\n"
        "    iot.update_ca_certificate(certificateId=ca['certificateId'], newStatus='INACTIVE')\n");
    EXPECT_EQ(publish(board), 0) << last_said_ << broker_log();
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
    ASSERT_TRUE(iot_.update_certificate(certificate_, aws::CertificateStatus::inactive));
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(
            fmt::format("client {} kicked: the certificate is INACTIVE", board));
    })) << broker_log();
    // mosquitto_sub comes back once, is refused and ends.
    EXPECT_TRUE(eventually([&] { return listener->poll().has_value(); }));
}

TEST_F(MqttTest, a_retained_message_waits_for_who_may_receive_it) {
    activate();
    attach();
    const std::string topic = "dt/" + std::string(board) + "/state";
    ASSERT_EQ(publish_on(board, topic, {"-r"}), 0) << last_said_;
    auto listener = listen(board, "dt/" + std::string(board) + "/#");
    ASSERT_TRUE(listener) << listener.error().describe();
    EXPECT_TRUE(eventually([&] { return listener->poll().has_value(); })) << broker_log();
    EXPECT_EQ(said(*listener), "on " + topic + "\n");
    // Without iot:RetainPublish it is refused as a whole.
    publish_on(board, "a/b", {"-r"});
    EXPECT_THAT(
        broker_log(),
        testing::HasSubstr(fmt::format(
            "client {} may not publish on a/b: no statement allows iot:RetainPublish", board)));
}

}  // namespace
}  // namespace imprint::local_registry
