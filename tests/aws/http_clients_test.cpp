// Where the two clients of this layer go, and how their failures are named.
#include "aws/http_clients.h"

#include <gmock/gmock.h>

#include "aws/support.h"
#include "http/tls_server.h"

namespace imprint::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReplyDelivery;
using testing::ScriptedReply;
using testing::ScriptedServer;
using testing::SeenRequest;

constexpr Milliseconds patience(5000);

// The error of asking what is at this URL.
Error refused(http::Client& client, const std::string& url, const http::Fields& headers = {}) {
    const auto answer = client.send({"GET", url, headers, ""}, patience);
    EXPECT_FALSE(answer) << url;
    return answer ? Error() : answer.error();
}

TEST(RegistryClientTest, names_a_failure_as_the_registrys_and_says_what_mends_it) {
    std::string url;
    {
        ScriptedServer server(
            [](const SeenRequest&) { return ScriptedReply{.delivery = ReplyDelivery::none}; });
        url = server.url() + "/";
        const Error lost = refused(*make_registry_client(), url);
        EXPECT_EQ(lost.code, "registry_reply_lost");
        EXPECT_EQ(lost.kind, ErrorKind::registry);
        EXPECT_THAT(lost.hint, HasSubstr("nothing is done twice"));
        const Error smuggled = refused(*make_registry_client(), url, {{"x", "a\r\nb: canary"}});
        EXPECT_EQ(smuggled.code, "registry_url");
        EXPECT_THAT(smuggled.describe(), Not(HasSubstr("canary")));
        EXPECT_EQ(server.seen().size(), 1);
    }
    const Error unreachable = refused(*make_registry_client(), url);
    EXPECT_EQ(unreachable.code, "registry_unreachable");
    EXPECT_EQ(unreachable.kind, ErrorKind::registry);
    EXPECT_THAT(unreachable.hint, HasSubstr("endpoint_url"));
}

TEST(RegistryClientTest,
     a_server_that_is_not_trusted_is_told_with_the_variable_that_names_a_bundle) {
    http::testing::TlsServer server;
    ASSERT_NO_FATAL_FAILURE(server.serve_as({.dns = {}, .ip = {"127.0.0.1"}}));
    EXPECT_TRUE(make_registry_client({.ca_bundle = server.ca()})
                    ->send({"GET", server.url(), {}, ""}, patience));
    const Error error = refused(*make_registry_client(), server.url());
    EXPECT_EQ(error.code, "registry_not_trusted");
    EXPECT_EQ(error.kind, ErrorKind::registry);
    EXPECT_THAT(error.hint, HasSubstr("AWS_CA_BUNDLE"));
}

TEST(RegistryClientTest, a_stop_keeps_its_name) {
    std::stop_source stop;
    ScriptedServer server([&stop](const SeenRequest&) {
        stop.request_stop();
        return ScriptedReply{.delivery = ReplyDelivery::never};
    });
    const auto client = make_registry_client({.ca_bundle = {}, .stop = stop.get_token()});
    const auto ended = client->send({"GET", server.url() + "/", {}, ""}, Milliseconds(300'000));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
    EXPECT_EQ(ended.error().code, "interrupted");
}

TEST(RegistryClientTest, an_address_that_is_none_is_refused_before_anything_is_sent) {
    for (const char* url : {"", "127.0.0.1:1", "ftp://127.0.0.1/", "http://registry.example/",
                            "https://name:canary@127.0.0.1/"}) {
        const Error error = refused(*make_registry_client(), url);
        EXPECT_EQ(error.code, "registry_url");
        EXPECT_THAT(error.describe(), Not(HasSubstr("canary")));
    }
}

TEST(MetadataClientTest, goes_to_this_machine_and_to_link_local_addresses_alone) {
    ScriptedServer server([](const SeenRequest&) { return ScriptedReply{}; });
    const auto client = make_metadata_client();
    EXPECT_TRUE(client->send({"GET", server.url() + "/", {}, ""}, patience));
    for (const char* url : {"http://192.0.2.1/", "https://192.0.2.1/", "ftp://127.0.0.1/"})
        EXPECT_EQ(refused(*client, url).code, "metadata_url");
}

TEST(MetadataUrl, is_this_machine_s_or_link_local) {
    for (const char* url : {"http://169.254.169.254/x", "http://[fd00:ec2::254]/x",
                            "http://127.0.0.1:80", "https://localhost/", "http://[::1]:8080/"})
        EXPECT_TRUE(check_metadata_url(url)) << url;
    for (const char* url :
         {"http://169.255.0.1/", "http://[fd00:ec3::1]/", "http://169.254.169.254.example.com/",
          "http://[fe80::1]/", "file:///etc/passwd", "http://10.0.0.1/", "https://example.com/"})
        EXPECT_FALSE(check_metadata_url(url)) << url;
    EXPECT_FALSE(check_registry_url("http://169.254.169.254/"))
        << "the registry itself is not asked there";
}

}  // namespace
}  // namespace imprint::aws
