// HTTPS_PROXY and NO_PROXY, side by side with botocore: the same calls go through the proxy.
#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aws/http_clients.h"
#include "aws/retry.h"
#include "aws/support.h"
#include "base/process.h"

namespace imprint::aws {
namespace {

using nlohmann::json;
using testing::ScriptedReply;
using testing::ScriptedServer;
using testing::SeenRequest;

constexpr std::array<const char*, 8> proxy_variables = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                                        "http_proxy",  "ALL_PROXY",   "all_proxy",
                                                        "NO_PROXY",    "no_proxy"};

// curl reads this process's own environment: what a test sets there goes with it.
class ProxyTest : public testing::HomeTest {
  protected:
    ProxyTest() {
        for (const char* name : proxy_variables) {
            if (const char* value = std::getenv(name)) before_[name] = value;
            ::unsetenv(name);
        }
    }

    ~ProxyTest() override {
        clear();
        for (const auto& [name, value] : before_)
            ::setenv(name.c_str(), value.c_str(), 1);
    }

    ProxyTest(const ProxyTest&) = delete;
    ProxyTest& operator=(const ProxyTest&) = delete;
    ProxyTest(ProxyTest&&) = delete;
    ProxyTest& operator=(ProxyTest&&) = delete;

    static void clear() {
        for (const char* name : proxy_variables)
            ::unsetenv(name);
    }

    [[nodiscard]] bool goes_through_proxy(http::Client& client, const std::string& url) const {
        const std::size_t before = proxy_.seen().size();
        EXPECT_FALSE(client.send({"GET", url, {}, ""}, Milliseconds(5000)));
        return proxy_.seen().size() > before;
    }

    ScriptedServer proxy_{[](const SeenRequest&) { return ScriptedReply{403, ""}; }};

  private:
    std::map<std::string, std::string> before_;
};

struct ProxySetting {
    std::map<std::string, std::string> variables;  // "proxy" stands for the proxy's address
    std::string url;
};

// Names under localhost are this machine without anybody being asked, and nobody is on port 1.
TEST_F(ProxyTest, is_used_for_the_same_addresses_as_by_the_aws_cli) {
    const std::string iot = "https://iot.eu-west-1.localhost:1/x";
    std::vector<ProxySetting> settings = {
        {{}, iot},
        {{{"HTTPS_PROXY", "proxy"}}, iot},
        {{{"https_proxy", "proxy"}}, iot},
        {{{"HTTP_PROXY", "proxy"}}, iot},
        {{{"http_proxy", "proxy"}}, iot},
    };
    for (const char* exempt :
         {"", "*", "localhost", ".localhost", "west-1.localhost", "eu-west-1.localhost",
          "iot.eu-west-1.localhost", "other.localhost", "IOT.EU-WEST-1.LOCALHOST",
          "other,eu-west-1.localhost", "other, .eu-west-1.localhost", "host", "iot"})
        for (const char* name : {"NO_PROXY", "no_proxy"})
            settings.push_back({{{"HTTPS_PROXY", "proxy"}, {name, exempt}}, iot});
    for (const char* exempt : {"127.0.0.1", "127.0.0.2", "localhost"})
        settings.push_back(
            {{{"HTTPS_PROXY", "proxy"}, {"NO_PROXY", exempt}}, "https://127.0.0.1:1/"});
    json asked = json::array();
    for (auto& setting : settings) {
        for (auto& [name, value] : setting.variables)
            if (value == "proxy") value = proxy_.url();
        asked.push_back(
            {{"what", "proxy"}, {"variables", setting.variables}, {"url", setting.url}});
    }
    write("cases.json", asked.dump());
    const auto done =
        run_command({.arguments = {"/usr/bin/python3", "-B",
                                   IMPRINT_SOURCE_DIR "/tests/aws/botocore_answers.py",
                                   (home() / "cases.json").string()},
                     .directory = home(),
                     .environment = {}});
    ASSERT_TRUE(done);
    const json theirs = json::parse(done->text, nullptr, false);
    ASSERT_EQ(theirs.size(), settings.size()) << done->text;
    int proxied = 0;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        clear();
        for (const auto& [name, value] : settings[i].variables)
            ::setenv(name.c_str(), value.c_str(), 1);
        const bool ours = goes_through_proxy(*make_registry_client(), settings[i].url);
        EXPECT_EQ(ours, theirs[i].get<bool>()) << asked[i];
        proxied += ours ? 1 : 0;
    }
    EXPECT_GT(proxied, 8);
}

TEST_F(ProxyTest, never_sees_what_is_for_this_machine_alone) {
    for (const char* name : proxy_variables)
        if (std::string_view(name) != "NO_PROXY" && std::string_view(name) != "no_proxy")
            ::setenv(name, proxy_.url().c_str(), 1);
    EXPECT_FALSE(goes_through_proxy(*make_registry_client(), "http://127.0.0.1:1/"));
    EXPECT_FALSE(goes_through_proxy(*make_metadata_client(), "http://127.0.0.1:1/"));
    EXPECT_FALSE(goes_through_proxy(*make_metadata_client(), "https://127.0.0.1:1/"));
    EXPECT_TRUE(goes_through_proxy(*make_registry_client(), "https://127.0.0.1:1/"));
}

TEST_F(ProxyTest, its_password_is_in_no_error) {
    for (const char* proxy :
         {"http://user:PROXYPW@127.0.0.1:65536", "foo://user:PROXYPW@127.0.0.1:1",
          "http://user:PROXYPW@", "http://user:PROXYPW@127.0.0.1:1"}) {
        ::setenv("HTTPS_PROXY", proxy, 1);
        const auto client = make_registry_client({});
        const auto reply =
            client->send({"GET", "https://localhost:1/", {}, ""}, Milliseconds(5000));
        ASSERT_FALSE(reply) << proxy;
        EXPECT_EQ(reply.error().describe().find("PROXYPW"), std::string::npos)
            << reply.error().describe();
    }
}

// What it answers is final: nobody waits for registry.deadline.
TEST_F(ProxyTest, that_refuses_is_named_with_its_variable) {
    for (const auto& [status, words] :
         {std::pair{407, "does not take the name and password that stand in it (HTTP 407)"},
          std::pair{403, "lets nobody through to localhost:1 (HTTP 403)"}}) {
        ScriptedServer proxy([status](const SeenRequest&) { return ScriptedReply{status, ""}; });
        clear();
        const std::string address = proxy.url().substr(proxy.url().find("//") + 2);
        ::setenv("HTTPS_PROXY", ("http://user:PROXYPW@" + address).c_str(), 1);
        const auto reply = make_registry_client()->send({"GET", "https://localhost:1/", {}, ""},
                                                        Milliseconds(5000));
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code, "proxy_refused") << reply.error().describe();
        EXPECT_NE(reply.error().message.find(words), std::string::npos) << reply.error().message;
        EXPECT_NE(reply.error().message.find("@" + address + " (HTTPS_PROXY)"), std::string::npos)
            << reply.error().message;
        EXPECT_EQ(reply.error().describe().find("PROXYPW"), std::string::npos);
        EXPECT_EQ(trouble_of(0, reply.error().code), Trouble::none);
    }
    ScriptedServer asking([](const SeenRequest&) { return ScriptedReply{407, ""}; });
    clear();
    ::setenv("HTTPS_PROXY", asking.url().c_str(), 1);
    const auto asked =
        make_registry_client()->send({"GET", "https://localhost:1/", {}, ""}, Milliseconds(5000));
    ASSERT_FALSE(asked);
    EXPECT_NE(asked.error().message.find("asks for a name and a password (HTTP 407)"),
              std::string::npos)
        << asked.error().message;
    ScriptedServer busy([](const SeenRequest&) { return ScriptedReply{503, ""}; });
    clear();
    ::setenv("https_proxy", busy.url().c_str(), 1);
    EXPECT_EQ(make_registry_client()
                  ->send({"GET", "https://localhost:1/", {}, ""}, Milliseconds(5000))
                  .error()
                  .code,
              "registry_unreachable");
}

}  // namespace
}  // namespace imprint::aws
