#include "local_registry/api/authentication.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <set>

#include "local_registry/signed_fixture.h"

namespace imprint::local_registry {
namespace {

class AuthenticationTest : public SignedTest {
  protected:
    Outcome<std::string> check(const http::Request& request) {
        IMPRINT_TRY(const Caller caller,
                    authenticate(request, *store_, "eu-west-1", clock_.wall()));
        return caller.key_id;
    }

    std::string refusal(const http::Request& request) {
        const auto outcome = check(request);
        EXPECT_FALSE(outcome);
        if (outcome) return {};
        const std::string secret(key_.secret.reveal_text());
        EXPECT_THAT(outcome.error().message, testing::Not(testing::HasSubstr(secret)));
        return outcome.error().name;
    }

    // Signed over exactly what is given, whatever a URL would make of it.
    http::Request sign_as_it_is(const std::string& host_sent, const std::string& target,
                                http::Fields headers = {}) {
        http::Request request = signed_request(right());
        const std::string date = request.header("x-amz-date").value();
        headers.insert(headers.end(), {{"host", host_sent}, {"x-amz-date", date}});
        std::set<std::string> names;
        for (const auto& [name, value] : headers)
            names.insert(name);
        const std::string signed_headers = fmt::format("{}", fmt::join(names, ";"));
        const std::string canonical =
            aws::canonical_request("GET", target, headers, "", signed_headers);
        const aws::SigningScope scope{.region = "eu-west-1", .service = "iot"};
        headers.emplace_back(
            "authorization",
            fmt::format("AWS4-HMAC-SHA256 Credential={}/{}/eu-west-1/iot/aws4_request, "
                        "SignedHeaders={}, Signature={}",
                        key_.id, date.substr(0, 8), signed_headers,
                        aws::signature(canonical, key_.secret, scope, date)));
        return {.method = "GET", .target = target, .headers = std::move(headers), .body = {}};
    }

    static void replace(http::Request& request, const std::string& name, const std::string& value) {
        for (auto& header : request.headers)
            if (header.first == name) header.second = value;
    }
};

TEST_F(AuthenticationTest, a_request_is_of_the_plane_that_it_is_signed_for) {
    const auto answered = [this](const std::string& service, const std::string& target) {
        Signing signing = right();
        signing.service = service;
        return answer(signed_request(signing, "GET", target)).status;
    };
    const std::string list = "/api/things/shadow/ListNamedShadowsForThing/a";
    for (const char* service : {"iotdata", "iotdevicegateway"}) {
        EXPECT_EQ(answered(service, list), 200) << service;
        EXPECT_EQ(answered(service, "/things"), 404) << service;
    }
    EXPECT_EQ(answered("iot-jobs-data", "/things/none/jobs"), 404);
    EXPECT_EQ(answered("iot-jobs-data", "/things"), 404);
    EXPECT_EQ(answered("iot", "/things"), 200);
    EXPECT_EQ(answered("iot", list), 404);
    EXPECT_EQ(answered("s3", list), 403);
}

TEST_F(AuthenticationTest, a_signed_request_is_its_keys) {
    EXPECT_EQ(check(signed_request(right())), key_.id);
    EXPECT_EQ(check(signed_request(right(), "POST", "/policies/p+%40x?b=2&a=1%202", R"({"a":1})")),
              key_.id);
    EXPECT_EQ(
        check(signed_request(right(), "POST",
                             "/attached-policies/arn%3Aaws%3Aiot%3Aeu-west-1%3A1%3Acert%2Fa")),
        key_.id);
    Signing older = right();
    older.service = "execute-api";
    EXPECT_EQ(check(signed_request(older)), key_.id);
}

TEST_F(AuthenticationTest, an_unsigned_request_is_refused) {
    EXPECT_EQ(refusal(bare("GET", "/things")), "MissingAuthenticationTokenException");
}

TEST_F(AuthenticationTest, a_header_that_is_no_signature_is_refused) {
    for (const char* text :
         {"", "Basic abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
          "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b",
          "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=b"}) {
        http::Request request = signed_request(right());
        replace(request, "authorization", text);
        EXPECT_EQ(refusal(request), "IncompleteSignatureException") << text;
    }
    http::Request undated = signed_request(right());
    std::erase_if(undated.headers, [](const auto& header) { return header.first == "x-amz-date"; });
    EXPECT_EQ(refusal(undated), "IncompleteSignatureException");
}

TEST_F(AuthenticationTest, a_key_that_is_not_known_is_refused) {
    Signing stranger = right();
    stranger.id = "AKIAXXXXXXXXXXXXXXXX";
    EXPECT_EQ(refusal(signed_request(stranger)), "UnrecognizedClientException");
}

TEST_F(AuthenticationTest, a_wrong_secret_is_refused) {
    Signing wrong = right();
    wrong.secret[5] = wrong.secret[5] == 'a' ? 'b' : 'a';
    EXPECT_EQ(refusal(signed_request(wrong)), "InvalidSignatureException");
}

TEST_F(AuthenticationTest, a_request_that_was_changed_under_way_is_refused) {
    const http::Request request =
        signed_request(right(), "POST", "/things/a", R"({"thingTypeName":"x"})");
    ASSERT_TRUE(check(request));
    http::Request other = request;
    other.body = R"({"thingTypeName":"y"})";
    EXPECT_EQ(refusal(other), "InvalidSignatureException");
    other = request;
    other.target = "/things/b";
    EXPECT_EQ(refusal(other), "InvalidSignatureException");
    other = request;
    other.method = "PATCH";
    EXPECT_EQ(refusal(other), "InvalidSignatureException");
    other = request;
    replace(other, "host", "127.0.0.1:4001");
    EXPECT_EQ(refusal(other), "InvalidSignatureException");
    other = request;
    other.headers.emplace_back("x-amzn-trace-id", "a proxy's");
    EXPECT_TRUE(check(other));
    for (const char* name :
         {"x-amz-meta", "x-amzn-principal", "x-amzn-iot-principal", "x-amzn-iot-policy"}) {
        other = request;
        other.headers.emplace_back(name, "not signed");
        EXPECT_EQ(refusal(other), "InvalidSignatureException") << name;
    }
    other = request;
    other.headers.emplace_back("x-amz-content-sha256", std::string(64, '0'));
    EXPECT_EQ(refusal(other), "InvalidSignatureException");
}

TEST_F(AuthenticationTest, a_header_that_names_what_is_worked_on_is_signed) {
    EXPECT_EQ(check(signed_request(right(), "PUT", "/things/a/principals", "", principal("arn"))),
              key_.id);
}

TEST_F(AuthenticationTest, a_host_that_is_none_makes_no_signature_good_for_another_target) {
    for (const char* odd : {"", "u@127.0.0.1", "h#", "h/?", "h/things/x?", "a b", "h\\x"}) {
        // Signed over "/", and over what is sent.
        for (const char* target : {"/", "/things/a"}) {
            http::Request request = sign_as_it_is(odd, target);
            request.target = "/things/a";
            EXPECT_FALSE(check(request)) << odd << " " << target;
        }
    }
    EXPECT_TRUE(check(sign_as_it_is("localhost:8080", "/things/a")));
    EXPECT_TRUE(check(sign_as_it_is("[::1]:8080", "/things/a")));
}

TEST_F(AuthenticationTest, what_can_be_read_in_two_ways_is_refused) {
    for (const char* target :
         {"/things/.", "/things/../policies/p", "//things", "/things//principals", "/things/a#b",
          "http://h/things/a", "*", "/certificates/a?newStatus=ACTIVE&newStatus=INACTIVE",
          "/things?a=1&%61=2"})
        EXPECT_EQ(refusal(sign_as_it_is(host, target)), "InvalidRequestException") << target;
    for (const char* target : {"/", "/things/a/", "/things/%2E%2E", "/things?a=1&b=1"})
        EXPECT_TRUE(check(sign_as_it_is(host, target))) << target;
    EXPECT_EQ(refusal(sign_as_it_is(
                  host, "/things/a/principals",
                  {{"x-amzn-principal", "the one"}, {"x-amzn-principal", "the other"}})),
              "InvalidRequestException");
    http::Request twice = signed_request(right());
    twice.headers.emplace_back("host", host);
    EXPECT_FALSE(check(twice));
    twice = signed_request(right());
    twice.headers.emplace_back("authorization", twice.header("authorization").value());
    EXPECT_EQ(refusal(twice), "InvalidRequestException");
}

TEST_F(AuthenticationTest, a_head_says_already_who_is_not_known) {
    const auto refusal_of = [&](const http::Request& head) {
        const auto admitted = admit(head, *store_, "eu-west-1", clock_.wall());
        return admitted ? "" : admitted.error().name;
    };
    http::Request head = signed_request(right(), "POST", "/things/a", R"({"attributePayload":{}})");
    head.body.clear();
    EXPECT_EQ(refusal_of(head), "");
    EXPECT_EQ(refusal(head), "InvalidSignatureException") << "the body belongs to it";
    EXPECT_EQ(refusal_of(bare("POST", "/things/a")), "MissingAuthenticationTokenException");
    Signing stranger = right();
    stranger.id = "AKIAXXXXXXXXXXXXXXXX";
    EXPECT_EQ(refusal_of(signed_request(stranger)), "UnrecognizedClientException");
    Signing late = right();
    late.clock_error = std::chrono::seconds(-302);
    EXPECT_EQ(refusal_of(signed_request(late)), "InvalidSignatureException");
}

TEST_F(AuthenticationTest, a_clock_may_be_five_minutes_wrong) {
    using std::chrono::seconds;
    Signing signing = right();
    for (const auto error : {seconds(-299), seconds(299)}) {
        signing.clock_error = error;
        EXPECT_TRUE(check(signed_request(signing))) << error.count();
    }
    for (const auto error : {seconds(-302), seconds(302)}) {
        signing.clock_error = error;
        EXPECT_EQ(refusal(signed_request(signing)), "InvalidSignatureException") << error.count();
    }
    signing.clock_error = seconds(-302);
    EXPECT_THAT(check(signed_request(signing)).error().message,
                testing::HasSubstr("Signature expired"));
}

TEST_F(AuthenticationTest, another_region_or_service_is_refused) {
    Signing signing = right();
    signing.region = "us-east-1";
    EXPECT_EQ(refusal(signed_request(signing)), "InvalidSignatureException");
    signing = right();
    signing.service = "s3";
    EXPECT_EQ(refusal(signed_request(signing)), "InvalidSignatureException");
}

TEST_F(AuthenticationTest, a_session_needs_its_token_and_ends) {
    AccessKey session = make_access_key();
    session.id = "ASIAAAAAAAAAAAAAAAAA";
    session.session_token = Secret(std::string_view("token-of-the-session"));
    session.expires = to_milliseconds(clock_.wall()) + 60'000;
    keep(session);
    Signing signing{.id = session.id, .secret = std::string(session.secret.reveal_text())};
    EXPECT_EQ(refusal(signed_request(signing)), "UnrecognizedClientException");
    signing.token = "token-of-another";
    EXPECT_EQ(refusal(signed_request(signing)), "UnrecognizedClientException");
    signing.token = "token-of-the-session";
    EXPECT_EQ(check(signed_request(signing)), session.id);
    clock_.advance(Milliseconds(60'000));
    EXPECT_EQ(refusal(signed_request(signing)), "ExpiredTokenException");
}

TEST_F(AuthenticationTest, a_long_lived_key_has_no_token) {
    Signing signing = right();
    signing.token = "made-up";
    EXPECT_EQ(refusal(signed_request(signing)), "UnrecognizedClientException");
}

using ApiTest = SignedTest;

TEST_F(ApiTest, an_operation_answers_in_json) {
    const http::Response response = answer(signed_request(right(), "POST", "/things/a"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(json::parse(response.body)["thingName"], "a");
    EXPECT_EQ(header(response, "x-amzn-RequestId").size(), 36U);
}

TEST_F(ApiTest, an_error_has_its_name_in_a_header_and_its_message_in_the_body) {
    const http::Response response = answer(signed_request(right(), "GET", "/things/none"));
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "ResourceNotFoundException");
    EXPECT_EQ(json::parse(response.body)["message"], "Thing none not found");
    EXPECT_EQ(header(response, "x-amzn-RequestId").size(), 36U);
}

TEST_F(ApiTest, what_exists_already_is_named_in_the_error) {
    answer(signed_request(right(), "POST", "/thing-types/t"));
    const http::Response response =
        answer(signed_request(right(), "POST", "/thing-types/t",
                              R"({"thingTypeProperties":{"thingTypeDescription":"x"}})"));
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(json::parse(response.body)["resourceArn"],
              "arn:aws:iot:eu-west-1:000000000000:thingtype/t");
}

TEST_F(ApiTest, a_refused_caller_changes_nothing) {
    Signing wrong = right();
    wrong.secret = "wrong";
    const http::Response response = answer(signed_request(wrong, "POST", "/things/a"));
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "InvalidSignatureException");
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
}

TEST_F(ApiTest, an_operation_that_is_not_served_is_named) {
    for (const char* target : {"/billing-groups", "/things/a/shadow", "/"}) {
        const http::Response response = answer(signed_request(right(), "GET", target));
        EXPECT_EQ(response.status, 404);
        EXPECT_EQ(header(response, "x-amzn-ErrorType"), "UnknownOperationException");
        EXPECT_THAT(response.body, testing::HasSubstr(target));
    }
    EXPECT_EQ(answer(signed_request(right(), "PUT", "/things/a")).status, 404);
    // Whoever serves sees it too, without --verbose.
    std::string told;
    const Api api(
        context(), "", [] { return true; }, Log([&told](LogLevel level, std::string_view line) {
            if (level == LogLevel::warning) told += line;
        }));
    EXPECT_EQ(api.handle(signed_request(right(), "GET", "/billing-groups?x=1")).status, 404);
    EXPECT_THAT(told, testing::HasSubstr("GET /billing-groups: "));
}

TEST_F(ApiTest, a_body_that_is_no_json_object_is_refused) {
    for (const char* body : {"{", "[]", "\"text\"", "\xff"})
        EXPECT_EQ(
            header(answer(signed_request(right(), "POST", "/things/a", body)), "x-amzn-ErrorType"),
            "SerializationException")
            << body;
}

TEST_F(ApiTest, bytes_that_are_no_text_can_be_quoted_in_an_error) {
    const http::Response response = answer(signed_request(right(), "GET", "/things/%ff"));
    EXPECT_EQ(response.status, 400);
    EXPECT_FALSE(json::parse(response.body, nullptr, false).is_discarded());
}

TEST_F(ApiTest, sts_tells_who_calls) {
    Signing sts = right();
    sts.service = "sts";
    const std::string form = "Action=GetCallerIdentity&Version=2011-06-15";
    const http::Response response = answer(signed_request(sts, "POST", "/", form));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/xml");
    EXPECT_THAT(response.body, testing::HasSubstr("<Account>000000000000</Account>"));
    EXPECT_THAT(response.body, testing::HasSubstr("<UserId>" + key_.id + "</UserId>"));
    sts.secret = "wrong";
    const http::Response refused = answer(signed_request(sts, "POST", "/", form));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, testing::HasSubstr("<Code>SignatureDoesNotMatch</Code>"));
    const http::Response other =
        answer(signed_request(right(), "POST", "/", "Action=GetSessionToken"));
    EXPECT_EQ(other.status, 400);
    EXPECT_THAT(other.body, testing::HasSubstr("<Code>InvalidAction</Code>"));
}

TEST_F(ApiTest, root_ca_and_health_need_no_signature) {
    const http::Response ca = answer(bare("GET", "/imprint/root-ca.pem"));
    EXPECT_EQ(ca.status, 200);
    EXPECT_EQ(ca.body, "the CA's PEM\n");
    const http::Response health = answer(bare("GET", "/imprint/health"));
    const json told = json::parse(health.body);
    EXPECT_EQ(told["ok"], true);
    EXPECT_EQ(told["broker"], true);
    EXPECT_EQ(told["mqtt"], "127.0.0.1:8883");
    EXPECT_EQ(answer(bare("GET", "/imprint/other")).status, 404);
    EXPECT_EQ(answer(bare("POST", "/imprint/health")).status, 404);
}

TEST_F(ApiTest, who_sends_no_signature_sends_no_body) {
    const Api api(context(), "", [] { return true; }, {});
    http::Request head = bare("GET", "/imprint/health");
    EXPECT_FALSE(api.admit(head));
    head.headers.emplace_back("content-length", "0");
    EXPECT_FALSE(api.admit(head));
    head.headers.back().second = "43";
    EXPECT_EQ(api.admit(head).value().status, 413);
    head.headers.back() = {"transfer-encoding", "chunked"};
    EXPECT_EQ(api.admit(head).value().status, 413);
    const http::Response refused = api.admit(bare("POST", "/things/a")).value();
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(header(refused, "x-amzn-ErrorType"), "MissingAuthenticationTokenException");
    EXPECT_FALSE(api.admit(signed_request(right(), "POST", "/things/a", "{}")));
}

TEST_F(ApiTest, the_endpoint_is_the_brokers) {
    EXPECT_EQ(ok("GET", "/endpoint")["endpointAddress"], "127.0.0.1")
        << "8883 is what a client takes by itself";
    EXPECT_EQ(ok("GET", "/endpoint?endpointType=iot%3AData-ATS")["endpointAddress"], "127.0.0.1");
    EXPECT_EQ(refused("GET", "/endpoint?endpointType=iot%3AJobs"), "InvalidRequestException");
    EXPECT_EQ(refused("GET", "/endpoint?endpointType=x"), "InvalidRequestException");
}

}  // namespace
}  // namespace imprint::local_registry
