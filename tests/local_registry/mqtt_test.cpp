// Mosquitto's own clients against the broker, with certificates from the registry.
#include <gmock/gmock.h>
#include <sstream>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/process.h"
#include "base/text.h"
#include "local_registry/service_fixture.h"
#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::local_registry {
namespace {

using nlohmann::json;

constexpr const char* board = "0a1b2c3d4e5f";
constexpr const char* own_topics = R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iot:Connect",
     "Resource":"arn:aws:iot:eu-west-1:000000000000:client/${iot:Connection.Thing.ThingName}"},
    {"Effect":"Allow","Action":"iot:Publish",
     "Resource":"arn:aws:iot:eu-west-1:000000000000:topic/a/b"},
    {"Effect":"Allow","Action":["iot:Publish","iot:RetainPublish","iot:Receive"],
     "Resource":["arn:aws:iot:eu-west-1:000000000000:topic/dt/${iot:Connection.Thing.ThingName}/*",
                 "arn:aws:iot:eu-west-1:000000000000:topic/cn/${iot:Certificate.Subject.CommonName}"]},
    {"Effect":"Allow","Action":"iot:Receive",
     "Resource":"arn:aws:iot:eu-west-1:000000000000:topic/a/*"},
    {"Effect":"Allow","Action":"iot:Subscribe",
     "Resource":["arn:aws:iot:eu-west-1:000000000000:topicfilter/a/*",
                 "arn:aws:iot:eu-west-1:000000000000:topicfilter/dt/+/x",
                 "arn:aws:iot:eu-west-1:000000000000:topicfilter/dt/${iot:Connection.Thing.ThingName}/*"]}]})";
constexpr int not_authorised = 5;  // CONNACK's return code, and mosquitto_pub's exit status

class MqttTest : public ServiceFixture {
  protected:
    using ServiceFixture::ServiceFixture;

    void SetUp() override {
        ASSERT_TRUE(service_) << service_.error().describe();
        ASSERT_TRUE(iot_.create_thing(board, "", {}));
        ASSERT_TRUE(iot_.create_policy("p", own_topics));
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
        ASSERT_TRUE(iot_.update_certificate(certificate_, aws::CertificateStatus::active));
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
                                           registry::root_ca_path(state()).string(),
                                           "-i",
                                           client_id};
        if (with_certificate_)
            for (const char* option : {"--cert", "certificate.pem", "--key", "key.pem"})
                arguments.emplace_back(option);
        arguments.insert(arguments.end(), more.begin(), more.end());
        return {.arguments = arguments, .directory = folder_->path(), .environment = {}};
    }

    // A subscriber that ends after one message, and what it printed.
    Result<ChildProcess> listen(const std::string& client_id, const std::string& filter) {
        return ChildProcess::start(
            mosquitto("mosquitto_sub", client_id, {"-t", filter, "-C", "1", "-W", "20", "-q", "1"}),
            ChildOutput::pipe);
    }

    // What is published from now on is heard. (Mosquitto names a filter in its log when it holds.)
    bool subscribed(const std::string& client_id, const std::string& filter) {
        return eventually([&] {
            return broker_log().contains(fmt::format(": {} 1 {}\n", client_id, filter)) ||
                   broker_log().contains(fmt::format(": {} 0 {}\n", client_id, filter));
        });
    }

    static std::string said(ChildProcess& child) {
        char buffer[1024];
        const ssize_t got = ::read(child.output().get(), buffer, sizeof buffer);
        return {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
    }

    int publish_on(const std::string& client_id, const std::string& topic,
                   std::vector<std::string> more = {}) {
        more.insert(more.end(), {"-t", topic, "-m", "on " + topic, "-q", "1"});
        const auto done = run_command(mosquitto("mosquitto_pub", client_id, std::move(more)));
        EXPECT_TRUE(done) << done.error().describe();
        last_said_ = done->text;
        return done->status;
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
    aws::IotClient iot_ = client(*service_);
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

// A board that somebody has taken apart: it has one board's key and certificate, and tries to be
// another one.
class RogueTest : public MqttTest {
  protected:
    void SetUp() override {
        MqttTest::SetUp();
        activate();
        attach();
        // The victim, with a certificate of its own.
        ASSERT_TRUE(iot_.create_thing(victim, "", {}));
        const auto issued = iot_.create_certificate_from_csr(key_->request(victim));
        ASSERT_TRUE(issued) << issued.error().describe();
        ASSERT_TRUE(iot_.update_certificate(issued->id, aws::CertificateStatus::active));
        ASSERT_TRUE(iot_.attach_thing_principal(victim, issued->arn));
        ASSERT_TRUE(iot_.attach_policy("p", issued->arn));
        rogues_pem_ = *read_text(folder_->path() / "certificate.pem");
        victims_pem_ = issued->pem;
    }

    static constexpr const char* victim = "0a1b2c3d4e5fa";  // the rogue's name goes on in it
    std::string rogues_pem_;
    std::string victims_pem_;
};

TEST_F(RogueTest, it_cannot_connect_as_another) {
    EXPECT_EQ(publish_on(victim, "dt/" + std::string(victim) + "/x"), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format(
                                  "client {} refused: no statement allows iot:Connect", victim)));
}

TEST_F(RogueTest, it_publishes_on_its_own_topics_and_is_disconnected_for_any_other) {
    EXPECT_EQ(publish_on(board, "dt/" + std::string(board) + "/x"), 0) << last_said_;
    EXPECT_EQ(publish_on(board, "cn/" + std::string(board)), 0) << last_said_;
    EXPECT_THAT(broker_log(), testing::Not(testing::HasSubstr("may not")));
    for (const std::string& topic : {"dt/" + std::string(victim) + "/x", std::string("dt/x"),
                                     std::string("cn/another"), std::string("all")}) {
        publish_on(board, topic);
        EXPECT_THAT(broker_log(),
                    testing::HasSubstr(fmt::format("client {} may not publish on {}: no statement "
                                                   "allows iot:Publish on topic/{}",
                                                   board, topic, topic)));
    }
    // One that stays is disconnected.
    auto sender =
        ChildProcess::start(mosquitto("mosquitto_sub", board,
                                      {"-t", "dt/+/x", "-t", "dt/" + std::string(victim) + "/#"}),
                            ChildOutput::discard);
    ASSERT_TRUE(sender);
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(
            fmt::format("client {} kicked: no statement allows "
                        "iot:Subscribe on topicfilter/dt/{}/#",
                        board, victim));
    })) << broker_log();
}

TEST_F(RogueTest, nothing_of_what_it_sends_reaches_the_victim) {
    const std::string topic = "dt/" + std::string(victim) + "/x";
    keep_certificate(victims_pem_);
    auto listener = ChildProcess::start(
        mosquitto("mosquitto_sub", victim, {"-t", topic, "-t", "a/b", "-C", "1", "-W", "30"}),
        ChildOutput::pipe);
    ASSERT_TRUE(listener) << listener.error().describe();
    ASSERT_TRUE(subscribed(victim, "a/b")) << broker_log();
    keep_certificate(rogues_pem_);
    publish_on(board, topic);
    publish_on(board, topic, {"-r"});
    // Kicked for its subscription, it leaves a will.
    EXPECT_TRUE(run_command(mosquitto("mosquitto_sub", board,
                                      {"-t", "#", "-W", "5", "--will-topic", topic,
                                       "--will-payload", "will", "--will-qos", "1"})));
    EXPECT_FALSE(listener->poll()) << said(*listener);
    // What is for all comes through, and is the first that does.
    EXPECT_EQ(publish_on(board, "a/b"), 0) << last_said_;
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    EXPECT_EQ(said(*listener), "on a/b\n");
    EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format("may not publish on {}", topic)));
}

TEST_F(RogueTest, kicked_for_what_it_asked_it_leaves_a_will_where_it_may_publish) {
    keep_certificate(victims_pem_);
    auto listener = listen(victim, "a/b");
    ASSERT_TRUE(listener) << listener.error().describe();
    ASSERT_TRUE(subscribed(victim, "a/b")) << broker_log();
    keep_certificate(rogues_pem_);
    // Allowed and refused filters together: the client stays until it is kicked.
    EXPECT_TRUE(run_command(mosquitto(
        "mosquitto_sub", board,
        {"-t", "a/c", "-t", "#", "-W", "1", "--will-topic", "a/b", "--will-payload", "will"})));
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    EXPECT_EQ(said(*listener), "will\n");
}

TEST_F(RogueTest, it_hears_nothing_of_others_even_through_a_filter_that_it_may_use) {
    keep_certificate(rogues_pem_);
    auto listener = listen(board, "dt/+/x");
    ASSERT_TRUE(listener);
    ASSERT_TRUE(subscribed(board, "dt/+/x")) << broker_log();
    keep_certificate(victims_pem_);
    // The filter fits the victim's topic; the broker keeps the message back.
    EXPECT_TRUE(eventually([&] {
        EXPECT_EQ(publish_on(victim, "dt/" + std::string(victim) + "/x"), 0) << last_said_;
        return broker_log().contains(
            fmt::format("client {} may not receive dt/{}/x", board, victim));
    })) << broker_log();
    EXPECT_FALSE(listener->poll()) << "it waits for a message still";
}

TEST_F(RogueTest, filters_with_wildcards_over_others_are_refused) {
    for (const std::string& filter : {std::string("#"), std::string("dt/#"), std::string("dt/+/y"),
                                      std::string("+/+/x"), "dt/" + std::string(victim) + "/x"}) {
        const auto done =
            run_command(mosquitto("mosquitto_sub", board, {"-t", filter, "-W", "5", "-C", "1"}));
        ASSERT_TRUE(done);
        EXPECT_THAT(done->text, testing::HasSubstr("denied")) << filter;
        EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format(
                                      "client {} may not subscribe to {}: ", board, filter)));
    }
}

TEST_F(RogueTest, after_its_retirement_it_cannot_connect_at_all) {
    auto listener = listen(board, "dt/" + std::string(board) + "/x");
    ASSERT_TRUE(listener);
    ASSERT_TRUE(eventually(
        [&] { return broker_log().contains(fmt::format("client {} admitted", board)); }));
    ASSERT_TRUE(iot_.update_certificate(certificate_, aws::CertificateStatus::inactive));
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(
            fmt::format("client {} kicked: the certificate is INACTIVE", board));
    })) << broker_log();
    EXPECT_EQ(publish_on(board, "dt/" + std::string(board) + "/x"), not_authorised) << last_said_;
    ASSERT_TRUE(iot_.detach_policy("p", arn_));
    EXPECT_EQ(publish_on(board, "dt/" + std::string(board) + "/x"), not_authorised) << last_said_;
}

}  // namespace
}  // namespace imprint::local_registry
