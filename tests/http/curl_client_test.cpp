// The real client against a server on loopback that behaves, or does not.
#include <atomic>
#include <gmock/gmock.h>
#include <stop_token>

#include "base/clock.h"
#include "base/error_code.h"
#include "http/client.h"
#include "http/scripted_server.h"
#include "http/tls_server.h"

namespace imprint::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReplyDelivery;
using testing::ScriptedReply;
using testing::ScriptedServer;
using testing::SeenRequest;

constexpr Milliseconds patience(5000);

ClientRequest request_to(const ScriptedServer& server, const char* method = "GET",
                         std::string body = "") {
    return {method, server.url() + "/things/a%2Fb?x=1", {{"x-amzn-principal", "arn"}}, body};
}

TEST(CurlClientTest, sends_what_it_was_given_and_brings_the_answer) {
    ScriptedServer server([](const SeenRequest&) {
        return ScriptedReply{404, R"({"message":"none"})", {{"X-Amzn-ErrorType", "NotFound"}}};
    });
    const auto client = make_curl_client();
    const auto response = client->send(request_to(server, "PATCH", R"({"a":1})"), patience);
    ASSERT_TRUE(response) << response.error().describe();
    EXPECT_EQ(response->status, 404);
    EXPECT_EQ(response->body, R"({"message":"none"})");
    EXPECT_THAT(response->headers,
                ::testing::Contains(::testing::Pair("x-amzn-errortype", "NotFound")));
    const auto seen = server.seen();
    ASSERT_EQ(seen.size(), 1);
    EXPECT_EQ(seen[0].method, "PATCH");
    EXPECT_EQ(seen[0].target, "/things/a%2Fb?x=1");
    EXPECT_EQ(seen[0].body, R"({"a":1})");
    EXPECT_EQ(seen[0].headers.at("x-amzn-principal"), "arn");
    EXPECT_FALSE(seen[0].headers.contains("expect"));
    EXPECT_FALSE(seen[0].headers.contains("content-type"));
}

TEST(CurlClientTest, a_get_has_no_body_and_a_post_without_one_says_so) {
    ScriptedServer server([](const SeenRequest&) { return ScriptedReply{}; });
    const auto client = make_curl_client();
    ASSERT_TRUE(client->send(request_to(server, "GET"), patience));
    ASSERT_TRUE(client->send(request_to(server, "POST"), patience));
    ASSERT_TRUE(client->send(request_to(server, "DELETE"), patience));
    const auto seen = server.seen();
    EXPECT_FALSE(seen[0].headers.contains("content-length"));
    EXPECT_EQ(seen[1].headers.at("content-length"), "0");
    EXPECT_EQ(seen[2].method, "DELETE");
}

TEST(CurlClientTest, connections_are_kept_but_not_for_what_may_go_out_only_once) {
    ScriptedServer server([](const SeenRequest&) { return ScriptedReply{}; });
    const auto client = make_curl_client();
    ClientRequest once = request_to(server, "POST", "{}");
    once.only_once = true;
    for (const auto& request : {request_to(server), request_to(server), once, once})
        ASSERT_TRUE(client->send(request, patience));
    const auto seen = server.seen();
    ASSERT_EQ(seen.size(), 4);
    EXPECT_EQ(seen[0].connection, 1);
    EXPECT_EQ(seen[1].connection, 1);
    EXPECT_EQ(seen[2].connection, 2);
    EXPECT_EQ(seen[3].connection, 3);
}

TEST(CurlClientTest, a_kept_connection_that_died_does_not_send_twice_what_may_go_out_only_once) {
    int requests = 0;
    ScriptedServer server([&requests](const SeenRequest&) {
        return ScriptedReply{.delivery =
                                 ++requests == 1 ? ReplyDelivery::whole : ReplyDelivery::none};
    });
    const auto client = make_curl_client();
    ASSERT_TRUE(client->send(request_to(server), patience));
    ClientRequest once = request_to(server, "POST", "{}");
    once.only_once = true;
    const auto lost = client->send(once, patience);
    ASSERT_FALSE(lost);
    EXPECT_EQ(code_of(lost), "http_reply_lost");
    EXPECT_EQ(server.seen().size(), 2);
}

TEST(CurlClientTest, a_reply_that_breaks_off_is_lost) {
    for (const ReplyDelivery delivery : {ReplyDelivery::none, ReplyDelivery::cut}) {
        ScriptedServer server([delivery](const SeenRequest&) {
            return ScriptedReply{.body = std::string(1000, 'x'), .delivery = delivery};
        });
        ClientRequest request = request_to(server);
        request.only_once = true;
        const auto lost = make_curl_client()->send(request, patience);
        ASSERT_FALSE(lost);
        EXPECT_EQ(code_of(lost), "http_reply_lost");
        EXPECT_EQ(lost.error().kind, ErrorKind::registry);
    }
}

TEST(CurlClientTest, a_reply_that_does_not_come_ends_with_the_deadline) {
    ScriptedServer server(
        [](const SeenRequest&) { return ScriptedReply{.delivery = ReplyDelivery::never}; });
    const auto lost = make_curl_client()->send(request_to(server), Milliseconds(100));
    ASSERT_FALSE(lost);
    EXPECT_EQ(code_of(lost), "http_reply_lost");
}

// Whoever waits for an answer that does not come would wait for minutes here.
constexpr Milliseconds minutes(300'000);

TEST(CurlClientTest, a_stop_ends_a_request_that_is_on_its_way) {
    std::stop_source stop;
    ScriptedServer server([&stop](const SeenRequest&) {
        stop.request_stop();
        return ScriptedReply{.delivery = ReplyDelivery::never};
    });
    const auto client = make_curl_client({.ca_bundle = {}, .stop = stop.get_token()});
    const auto ended = client->send(request_to(server), minutes);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
    EXPECT_EQ(server.seen().size(), 1);
}

TEST(CurlClientTest, after_a_stop_there_is_a_little_time_to_take_back_what_was_begun) {
    std::stop_source stop;
    stop.request_stop();
    std::atomic<bool> answers = true;
    ScriptedServer server([&answers](const SeenRequest&) {
        return ScriptedReply{.delivery = answers ? ReplyDelivery::whole : ReplyDelivery::never};
    });
    const auto client = make_curl_client({.ca_bundle = {}, .stop = stop.get_token()});
    EXPECT_TRUE(client->send(request_to(server), minutes));
    answers = false;
    EXPECT_EQ(code_of(client->send(request_to(server), minutes)), "http_reply_lost");
}

TEST(CurlClientTest, nobody_there_is_unreachable_and_nothing_was_sent) {
    std::string url;
    {
        const ScriptedServer gone([](const SeenRequest&) { return ScriptedReply{}; });
        url = gone.url();
    }
    const auto lost = make_curl_client()->send({"GET", url + "/", {}, ""}, patience);
    ASSERT_FALSE(lost);
    EXPECT_EQ(code_of(lost), "http_unreachable");
}

TEST(CurlClientTest, a_redirect_is_not_followed) {
    ScriptedServer server(
        [](const SeenRequest&) { return ScriptedReply{302, "", {{"Location", "/elsewhere"}}}; });
    const auto response = make_curl_client()->send(request_to(server), patience);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 302);
    EXPECT_EQ(server.seen().size(), 1);
}

TEST(CurlClientTest, a_body_beyond_reason_is_not_taken) {
    ScriptedServer server(
        [](const SeenRequest&) { return ScriptedReply{.body = std::string(5U << 20, 'x')}; });
    EXPECT_FALSE(make_curl_client()->send(request_to(server), patience));
}

TEST(CurlClientTest, headers_cannot_be_smuggled_in) {
    ScriptedServer server([](const SeenRequest&) { return ScriptedReply{}; });
    ClientRequest request = request_to(server);
    request.headers.emplace_back("x-amzn-principal", "a\r\nx-evil: canary");
    const auto refused = make_curl_client()->send(request, patience);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "http_request");
    EXPECT_THAT(refused.error().describe(), Not(HasSubstr("canary")));
    EXPECT_TRUE(server.seen().empty());
}

TEST(CurlClientTest, an_address_that_is_none_is_refused_before_anything_is_sent) {
    for (const char* url :
         {"", "127.0.0.1:1", "ftp://127.0.0.1/", "https://name:canary@127.0.0.1/"}) {
        const auto refused = make_curl_client()->send({"GET", url, {}, ""}, patience);
        ASSERT_FALSE(refused) << url;
        EXPECT_EQ(code_of(refused), "http_request");
        EXPECT_THAT(refused.error().describe(), Not(HasSubstr("canary")));
    }
}

TEST(TlsTest, a_server_is_trusted_by_the_bundle_that_is_named_and_by_no_other) {
    testing::TlsServer server;
    ASSERT_NO_FATAL_FAILURE(server.serve_as({.dns = {}, .ip = {"127.0.0.1"}}));
    const ClientRequest request{"GET", server.url(), {}, ""};
    const auto trusted = make_curl_client({.ca_bundle = server.ca()})->send(request, patience);
    ASSERT_TRUE(trusted) << trusted.error().describe();
    EXPECT_EQ(trusted->status, 200);
    const auto refused = make_curl_client()->send(request, patience);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "http_not_trusted");
}

TEST(TlsTest, a_server_of_another_name_is_not_trusted) {
    testing::TlsServer server;
    ASSERT_NO_FATAL_FAILURE(server.serve_as({.dns = {"iot.eu-west-1.amazonaws.com"}, .ip = {}}));
    const auto refused =
        make_curl_client({.ca_bundle = server.ca()})->send({"GET", server.url(), {}, ""}, patience);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "http_not_trusted");
}

}  // namespace
}  // namespace imprint::http
