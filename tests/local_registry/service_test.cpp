#include "local_registry/service.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sstream>
#include <sys/stat.h>

#include "aws/signature.h"
#include "base/error_code.h"
#include "base/files.h"
#include "http/client.h"
#include "local_registry/broker/files.h"
#include "local_registry/service_fixture.h"
#include "pki/key.h"
#include "registry/local_folder.h"

namespace imprint::local_registry {
namespace {

namespace fs = std::filesystem;

class ServiceTest : public ServiceFixture {
  protected:
    static unsigned mode(const fs::path& path) {
        struct stat info{};
        EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
        return info.st_mode & 0777U;
    }
};

TEST_F(ServiceTest, our_own_client_finds_it_and_is_let_in) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().describe();
    const auto told = registry::read_registry_file(state());
    ASSERT_TRUE(told) << told.error().describe();
    EXPECT_EQ(told->endpoint_url, service->endpoint_url());
    EXPECT_EQ(told->region, "eu-west-1");
    EXPECT_EQ(told->pid, ::getpid());
    auto iot = client(*service);
    ASSERT_TRUE(iot.create_thing_type("esp32"));
    const auto made = iot.create_thing("0a1b2c3d4e5f", "esp32", {{"lot", "7"}});
    ASSERT_TRUE(made) << made.error().describe();
    const auto seen = iot.describe_thing("0a1b2c3d4e5f");
    ASSERT_TRUE(seen) << seen.error().describe();
    EXPECT_EQ(seen->type, "esp32");
    EXPECT_EQ(seen->attributes.at("lot"), "7");
    EXPECT_EQ(code_of(iot.describe_thing("none")), "ResourceNotFoundException");
}

TEST_F(ServiceTest, many_clients_at_once_get_each_their_own) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().describe();
    constexpr int clients = 8;
    constexpr int boards = 10;
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const std::string csr = key->request("board");
    {
        std::vector<std::jthread> threads;
        threads.reserve(clients);
        for (int number = 0; number < clients; ++number)
            threads.emplace_back([&, number] {
                auto iot = client(*service);
                for (int board = 0; board < boards; ++board) {
                    const std::string name = fmt::format("board-{}-{}", number, board);
                    EXPECT_TRUE(iot.create_thing(name, "", {}));
                    const auto issued = iot.create_certificate_from_csr(csr);
                    ASSERT_TRUE(issued) << issued.error().describe();
                    EXPECT_TRUE(iot.attach_thing_principal(name, issued->arn));
                    EXPECT_EQ(iot.list_principal_things(issued->arn), std::vector{name});
                }
            });
    }
    EXPECT_EQ(client(*service).list_things()->size(), std::size_t{clients} * boards);
}

TEST_F(ServiceTest, a_restart_keeps_registry_authority_and_credentials) {
    std::string ca;
    std::string credentials;
    {
        const auto service = start();
        ASSERT_TRUE(service) << service.error().describe();
        ca = service->root_ca_pem();
        credentials = *read_text(registry::credentials_path(state()));
        ASSERT_TRUE(client(*service).create_thing("kept", "", {}));
    }
    const auto service = start();
    ASSERT_TRUE(service) << service.error().describe();
    EXPECT_EQ(service->root_ca_pem(), ca);
    EXPECT_EQ(*read_text(registry::root_ca_path(state())), ca);
    EXPECT_EQ(*read_text(registry::credentials_path(state())), credentials);
    EXPECT_TRUE(client(*service).describe_thing("kept"));
}

TEST_F(ServiceTest, secrets_are_for_their_owner_alone) {
    const auto service = start(true);
    ASSERT_TRUE(service) << service.error().describe();
    EXPECT_EQ(mode(state()), 0700U);
    EXPECT_EQ(mode(state() / "ca"), 0700U);
    for (const char* file :
         {"credentials", "ca/root-ca.key", "broker/server.key", "registry.sqlite"})
        EXPECT_EQ(mode(state() / file), 0600U) << file;
}

TEST_F(ServiceTest, a_folder_has_one_service) {
    const auto first = start();
    ASSERT_TRUE(first) << first.error().describe();
    const auto second = start();
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "registry_state_busy");
    EXPECT_EQ(second.error().kind, ErrorKind::registry);
    EXPECT_TRUE(client(*first).describe_endpoint()) << "the first one is unharmed";
}

TEST_F(ServiceTest, a_port_that_is_taken_is_named) {
    const auto first = start();
    ASSERT_TRUE(first) << first.error().describe();
    ServiceOptions other = options(false);
    other.state = folder_->path() / "other";
    other.port = static_cast<std::uint16_t>(
        std::stoi(first->endpoint_url().substr(first->endpoint_url().rfind(':') + 1)));
    const auto second = Service::start(other, clock_);
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "registry_port_busy");
}

TEST_F(ServiceTest, what_its_server_refuses_has_the_services_names) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().describe();
    const auto refusal = [](const http::ClientRequest& request) {
        const auto answer = http::make_curl_client()->send(request, Milliseconds(10'000));
        EXPECT_TRUE(answer) << answer.error().describe();
        return answer
                   ? fmt::format("{} {} {}", answer->status,
                                 http::find_field(answer->headers, "x-amzn-errortype").value_or(""),
                                 answer->body)
                   : "";
    };
    EXPECT_EQ(refusal({"GET",
                       service->endpoint_url() + "/things",
                       {{"x-long", std::string(40'000, 'a')}},
                       ""}),
              R"(431 InvalidRequestException {"message":"the headers are too large"})");
    http::ClientRequest large{
        "POST", service->endpoint_url() + "/things/a", {}, std::string(1'100'000, ' ')};
    const auto credentials =
        aws::read_credentials_file(registry::credentials_path(state()), "default");
    ASSERT_TRUE(credentials);
    aws::sign(large, *credentials, {"eu-west-1", "iot"}, clock_.wall());
    EXPECT_EQ(refusal(large),
              R"(413 RequestEntityTooLargeException {"message":"the body is too large"})");
}

TEST_F(ServiceTest, a_folder_of_other_things_is_left_as_it_is) {
    ASSERT_TRUE(fs::create_directory(state()));
    ASSERT_TRUE(write_file(state() / "thesis.txt", "precious"));
    ASSERT_EQ(::chmod(state().c_str(), 0755), 0);
    const auto service = start();
    ASSERT_FALSE(service);
    EXPECT_EQ(code_of(service), "state_folder_foreign");
    EXPECT_EQ(mode(state()), 0755U);
}

TEST_F(ServiceTest, a_ca_without_its_key_is_not_replaced_in_silence) {
    ASSERT_TRUE(start());
    fs::remove(state() / "ca" / "root-ca.key");
    const auto service = start();
    ASSERT_FALSE(service);
    EXPECT_EQ(code_of(service), "ca_incomplete");
}

TEST_F(ServiceTest, with_lag_a_write_has_its_effect_by_itself) {
    ServiceOptions with_lag = options(false);
    with_lag.faults = *parse_fault_plan("[[fault]]\nwhat = \"lag\"\nms = [1, 50]", "plan");
    const auto service = Service::start(with_lag, clock_);
    ASSERT_TRUE(service) << service.error().describe();
    auto iot = client(*service);
    ASSERT_TRUE(iot.create_thing("a", "", {}));
    EXPECT_TRUE(eventually([&] { return iot.describe_thing("a").has_value(); }));
    ASSERT_TRUE(iot.delete_thing("a"));
    EXPECT_TRUE(eventually([&] { return !iot.describe_thing("a"); }));
}

TEST_F(ServiceTest, a_registry_that_ended_is_not_found) {
    EXPECT_EQ(code_of(registry::read_registry_file(state())), "registry_not_serving");
    {
        const auto service = start();
        ASSERT_TRUE(service) << service.error().describe();
        EXPECT_TRUE(registry::read_registry_file(state()));
        EXPECT_TRUE(registry::check_running(state()));
    }
    EXPECT_EQ(code_of(registry::read_registry_file(state())), "registry_not_serving");
    EXPECT_EQ(code_of(registry::check_running(state())), "registry_not_running");
}

TEST_F(ServiceTest, without_a_broker_the_endpoint_is_the_usual_port) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().describe();
    EXPECT_EQ(client(*service).describe_endpoint(), "127.0.0.1");
}

class BrokerTest : public ServiceTest {
  protected:
    // Mosquitto's pid, among this process's children; -1 when there is none.
    static pid_t broker_pid() {
        for (const auto& thread : fs::directory_iterator("/proc/self/task")) {
            std::istringstream children(read_text(thread.path() / "children").value_or(""));
            for (pid_t pid = 0; children >> pid;)
                if (read_text(fmt::format("/proc/{}/comm", pid)) == "mosquitto\n") return pid;
        }
        return -1;
    }
};

TEST_F(BrokerTest, the_endpoint_is_the_brokers_port) {
    auto service = start(true);
    ASSERT_TRUE(service) << service.error().describe();
    EXPECT_TRUE(service->healthy());
    EXPECT_NE(service->mqtt_port(), 0);
    EXPECT_EQ(client(*service).describe_endpoint(),
              fmt::format("127.0.0.1:{}", service->mqtt_port()));
    EXPECT_EQ(registry::read_registry_file(state())->mqtt_port, service->mqtt_port());
}

TEST_F(BrokerTest, a_broker_that_dies_is_started_again_on_its_port) {
    auto service = start(true);
    ASSERT_TRUE(service) << service.error().describe();
    const pid_t first = broker_pid();
    ASSERT_GT(first, 0);
    const std::string opened =
        fmt::format("Opening ipv4 listen socket on port {}", service->mqtt_port());
    ASSERT_EQ(::kill(first, SIGKILL), 0);
    EXPECT_TRUE(eventually([&] {
        const std::string text = broker_log();
        const auto once = text.find(opened);
        return once != std::string::npos && text.find(opened, once + 1) != std::string::npos &&
               service->healthy();
    })) << broker_log();
    EXPECT_NE(broker_pid(), first);
}

TEST_F(BrokerTest, a_broker_that_dies_too_often_stays_down) {
    auto service = start(true);
    ASSERT_TRUE(service) << service.error().describe();
    for (int death = 0; death < 6; ++death) {
        ASSERT_TRUE(eventually([&] { return service->healthy() && broker_pid() > 0; })) << death;
        ::kill(broker_pid(), SIGKILL);
        ASSERT_TRUE(eventually([&] { return !service->healthy(); })) << death;
    }
    EXPECT_FALSE(service->healthy());
    EXPECT_EQ(broker_pid(), -1);
}

TEST_F(BrokerTest, it_ends_with_the_service) {
    pid_t pid = -1;
    {
        const auto service = start(true);
        ASSERT_TRUE(service) << service.error().describe();
        pid = broker_pid();
        ASSERT_GT(pid, 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(BrokerTest, a_plugin_that_is_missing_is_told_by_mosquittos_own_words) {
    ServiceOptions wrong = options(true);
    wrong.plugin = folder_->path() / "none.so";
    const auto service = Service::start(wrong, clock_);
    ASSERT_FALSE(service);
    EXPECT_EQ(code_of(service), "broker_failed");
    EXPECT_THAT(service.error().message, testing::HasSubstr("none.so"));
    EXPECT_TRUE(start()) << "the folder is free again";
}

TEST_F(BrokerTest, a_broker_port_that_is_taken_is_named) {
    const auto first = start(true);
    ASSERT_TRUE(first) << first.error().describe();
    ServiceOptions other = options(true);
    other.state = folder_->path() / "other";
    other.mqtt_port = first->mqtt_port();
    const auto second = Service::start(other, clock_);
    ASSERT_FALSE(second);
    EXPECT_EQ(code_of(second), "registry_port_busy");
}

TEST(BrokerFilesTest, root_stays_root_so_that_keys_stay_closed) {
    BrokerOptions options;
    options.folder = "/s/broker";
    options.plugin = "/p/imprint mosquitto.so";
    EXPECT_THAT(mosquitto_configuration(options, 8883, 7, true), testing::HasSubstr("user root\n"));
    const std::string text = mosquitto_configuration(options, 8883, 7, false);
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("user ")));
    EXPECT_THAT(text, testing::HasSubstr("plugin /p/imprint mosquitto.so\n"));
    EXPECT_THAT(text, testing::HasSubstr("listener 8883 127.0.0.1\n"));
    EXPECT_THAT(text, testing::HasSubstr("require_certificate true\n"));
}

}  // namespace
}  // namespace imprint::local_registry
