// A broker that runs, a board's certificate, and Mosquitto's own clients with it.
#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/process.h"
#include "local_registry/service_fixture.h"
#include "pki/key.h"

namespace imprint::local_registry {

inline constexpr const char* board = "0a1b2c3d4e5f";
inline constexpr const char* own_topics = R"({"Version":"2012-10-17","Statement":[
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
inline constexpr int not_authorised = 5;  // CONNACK's return code, and mosquitto_pub's exit status

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

}  // namespace imprint::local_registry
