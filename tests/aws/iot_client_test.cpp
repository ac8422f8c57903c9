// The client over real sockets against a server that answers as the service model says, or breaks.
#include "aws/iot_client.h"

#include <atomic>
#include <deque>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aws/aws_registry.h"
#include "aws/http_clients.h"
#include "aws/support.h"
#include "base/error_code.h"

namespace imprint::aws {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReplyDelivery;
using testing::ScriptedReply;
using testing::ScriptedServer;
using testing::SeenRequest;

ScriptedReply error_reply(int status, const std::string& name, const std::string& message = "no") {
    return {status, json{{"message", message}}.dump(), {{"x-amzn-ErrorType", name}}};
}

class IotClientTest : public ::testing::Test {
  protected:
    // The replies in their order; then the last one for ever.
    IotClient& client(std::deque<ScriptedReply> replies) {
        auto script = [replies = std::move(replies)](const SeenRequest&) mutable {
            ScriptedReply reply = replies.front();
            if (replies.size() > 1) replies.pop_front();
            return reply;
        };
        server_.emplace(std::move(script));
        IotClientOptions options;
        options.endpoint_url = server_->url() + "/";
        options.data_endpoint_url = server_->url() + "/";
        options.region = "eu-west-1";
        options.call_deadline = Milliseconds(2000);
        options.retry_deadline = Milliseconds(60'000);
        options.jitter_seed = 1;
        options.stop = stop_.get_token();
        Credentials credentials = testing::some_credentials();
        credentials.session_token = Secret(std::string_view("canary-token"));
        client_.emplace(std::shared_ptr<http::Client>(make_registry_client()),
                        std::move(credentials), options, clock_);
        return *client_;
    }

    [[nodiscard]] std::vector<SeenRequest> seen() const { return server_->seen(); }

    std::stop_source stop_;
    testing::JumpingClock clock_;
    std::optional<ScriptedServer> server_;
    std::optional<IotClient> client_;
};

TEST_F(IotClientTest, a_stop_ends_the_waiting_between_tries) {
    IotClient& iot = client({error_reply(500, "InternalFailure")});
    // The clock's sleep is where a stop is asked for.
    clock_.on_sleep = [this] { stop_.request_stop(); };
    const auto ended = iot.describe_thing("a");
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, ErrorKind::interrupted);
    EXPECT_EQ(seen().size(), 1);
}

TEST_F(IotClientTest, what_takes_back_after_a_stop_is_tried_once_and_at_once) {
    IotClient& iot = client({error_reply(429, "ThrottlingException"), {200, "{}"}});
    stop_.request_stop();
    const auto refused = iot.describe_thing("a");
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "ThrottlingException");
    EXPECT_TRUE(iot.update_certificate("c1", CertificateStatus::inactive));
    EXPECT_EQ(clock_.slept, std::vector<Milliseconds>());
    clock_.pass(std::chrono::seconds(11));
    const auto ended = iot.describe_thing("a");
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, ErrorKind::interrupted) << "not for ever";
}

const std::string pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
const json issued = {
    {"certificateId", "c1"}, {"certificateArn", "arn:cert/c1"}, {"certificatePem", pem}};

// Each candidate is asked about by itself: among too many, an orphan is somebody's to look for.
TEST_F(IotClientTest, an_orphan_among_very_many_is_not_searched_for) {
    const auto page = [](std::size_t count, int created) {
        json all = json::array();
        for (std::size_t i = 0; i < count; ++i)
            all.push_back({{"certificateId", fmt::format("{:064x}", i)},
                           {"certificateArn", fmt::format("arn:cert/{:064x}", i)},
                           {"status", "INACTIVE"},
                           {"creationDate", created}});
        return ScriptedReply{200, json{{"certificates", std::move(all)}}.dump()};
    };
    constexpr int made = 1'700'000'000;
    const WallTime since = WallTime(std::chrono::seconds(made));
    client({page(2001, made)});
    AwsRegistry many(*std::move(client_));
    const auto refused = many.find_orphan("key", since);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "orphan_search_too_long");
    EXPECT_EQ(seen().size(), 1U);
    client_.reset();
    client({page(2001, made - 3600)});
    AwsRegistry old(*std::move(client_));
    const auto none = old.find_orphan("key", since);
    ASSERT_TRUE(none) << none.error().describe();
    EXPECT_EQ(*none, std::nullopt);
    EXPECT_EQ(seen().size(), 1U) << "what is older than the search goes back is not asked about";
}

TEST_F(IotClientTest, a_thing_that_is_in_another_group_of_the_hierarchy_is_told_with_the_way_out) {
    client({{200, R"({"thingName":"a","thingArn":"arn:thing/a"})"},
            {200, R"({"thingGroups":[{"groupName":"line-1"}]})"},
            error_reply(400, "InvalidRequestException")});
    AwsRegistry registry(*std::move(client_));
    const auto refused = registry.ensure_thing("a", "", {}, {"line-1", "line-2"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "InvalidRequestException");
    EXPECT_THAT(refused.error().hint, HasSubstr("remove-thing-from-thing-group --thing-name a "
                                                "--thing-group-name line-1"));
    EXPECT_EQ(seen().size(), 3U);
}

TEST_F(IotClientTest, a_groups_hierarchy_and_its_query_are_read) {
    IotClient& iot = client(
        {{200,
          R"({"thingGroupArn":"arn:thinggroup/low","thingGroupMetadata":{"parentGroupName":"mid",
              "rootToParentThingGroups":[{"groupName":"top","groupArn":"arn:thinggroup/top"},
              {"groupName":"mid","groupArn":"arn:thinggroup/mid"}]}})"},
         {200, R"({"thingGroupArn":"arn:thinggroup/d","queryString":"thingName:*",
              "thingGroupMetadata":{"rootToParentThingGroups":[]}})"},
         {200, R"({"thingGroupArn":"arn:thinggroup/x","thingGroupMetadata":null})"}});
    const auto low = iot.describe_thing_group("low");
    ASSERT_TRUE(low);
    EXPECT_EQ(low->arn, "arn:thinggroup/low");
    EXPECT_EQ(low->root, "top");
    EXPECT_FALSE(low->is_dynamic);
    const auto dynamic = iot.describe_thing_group("d");
    ASSERT_TRUE(dynamic);
    EXPECT_EQ(dynamic->root, "d");
    EXPECT_TRUE(dynamic->is_dynamic);
    EXPECT_EQ(iot.describe_thing_group("x")->root, "x");
}

TEST_F(IotClientTest, every_operation_is_sent_as_the_service_model_shapes_it) {
    json all = issued;
    all["endpointAddress"] = "host";
    all["thingGroupArn"] = "arn:thinggroup/g";
    all["certificateDescription"] = {{"certificateId", "c1"}};
    all["keyPair"] = {{"PrivateKey", "k"}};
    IotClient& iot = client({{200, all.dump()}});

    struct Row {
        std::string sent;
        std::function<bool()> call;
        json body = {};
        std::string principal = {};
    };

    const std::vector<Row> rows = {
        {"GET /endpoint?endpointType=iot%3AData-ATS",
         [&] { return iot.describe_endpoint().has_value(); }},
        {"POST /thing-types/T%20t", [&] { return iot.create_thing_type("T t").has_value(); },
         json::object()},
        {"GET /thing-types/T", [&] { return iot.describe_thing_type("T").has_value(); }},
        {"POST /things/a%3Ab",
         [&] { return iot.create_thing("a:b", "T", {{"k", "v"}}).has_value(); },
         {{"thingTypeName", "T"}, {"attributePayload", {{"attributes", {{"k", "v"}}}}}}},
        {"POST /things/a", [&] { return iot.create_thing("a", "", {}).has_value(); },
         json::object()},
        {"GET /things/a", [&] { return iot.describe_thing("a").has_value(); }},
        {"PATCH /things/a",
         [&] { return iot.update_thing("a", "T", {{"k", "v"}}).has_value(); },
         {{"thingTypeName", "T"},
          {"attributePayload", {{"attributes", {{"k", "v"}}}, {"merge", true}}}}},
        {"DELETE /things/a", [&] { return iot.delete_thing("a").has_value(); }},
        {"GET /things?maxResults=250", [&] { return iot.list_things().has_value(); }},
        {"POST /thing-groups/g", [&] { return iot.create_thing_group("g").has_value(); },
         json::object()},
        {"GET /thing-groups/g", [&] { return iot.describe_thing_group("g").has_value(); }},
        {"PUT /thing-groups/addThingToThingGroup",
         [&] { return iot.add_thing_to_thing_group("a", "g").has_value(); },
         {{"thingName", "a"}, {"thingGroupName", "g"}}},
        {"GET /things/a/thing-groups",
         [&] { return iot.list_thing_groups_for_thing("a").has_value(); }},
        {"POST /certificates?setAsActive=false",
         [&] { return iot.create_certificate_from_csr("CSR").has_value(); },
         {{"certificateSigningRequest", "CSR"}}},
        {"POST /keys-and-certificate?setAsActive=false",
         [&] { return iot.create_keys_and_certificate().has_value(); }},
        {"GET /certificates/c1", [&] { return iot.describe_certificate("c1").has_value(); }},
        {"PUT /certificates/c1?newStatus=ACTIVE",
         [&] { return iot.update_certificate("c1", CertificateStatus::active).has_value(); }},
        {"DELETE /certificates/c1", [&] { return iot.delete_certificate("c1").has_value(); }},
        {"GET /certificates?pageSize=250&isAscendingOrder=false",
         [&] { return iot.list_certificates([](const auto&) { return true; }).has_value(); }},
        {"GET /policies/p", [&] { return iot.get_policy("p").has_value(); }},
        {"PUT /target-policies/p",
         [&] { return iot.attach_policy("p", "arn").has_value(); },
         {{"target", "arn"}}},
        {"POST /target-policies/p",
         [&] { return iot.detach_policy("p", "arn").has_value(); },
         {{"target", "arn"}}},
        {"POST /attached-policies/arn%3Acert%2Fc1",
         [&] { return iot.list_attached_policies("arn:cert/c1").has_value(); }},
        {"POST /attached-policies/arn%3Athinggroup%2Fg?recursive=true",
         [&] { return iot.list_attached_policies("arn:thinggroup/g", true).has_value(); }},
        {"PUT /things/a/principals",
         [&] { return iot.attach_thing_principal("a", "arn").has_value(); },
         {},
         "arn"},
        {"DELETE /things/a/principals",
         [&] { return iot.detach_thing_principal("a", "arn").has_value(); },
         {},
         "arn"},
        {"GET /things/a/principals", [&] { return iot.list_thing_principals("a").has_value(); }},
        {"GET /principals/things",
         [&] { return iot.list_principal_things("arn").has_value(); },
         {},
         "arn"},
    };
    for (const auto& row : rows) {
        EXPECT_TRUE(row.call()) << row.sent;
        const SeenRequest request = seen().back();
        EXPECT_EQ(request.method + " " + request.target, row.sent);
        EXPECT_EQ(request.body.empty() ? json() : json::parse(request.body), row.body) << row.sent;
        const auto principal = request.headers.find("x-amzn-principal");
        EXPECT_EQ(principal == request.headers.end() ? "" : principal->second, row.principal);
        EXPECT_THAT(request.headers.at("authorization"),
                    HasSubstr("Credential=AKIDEXAMPLE/20260714/eu-west-1/iot/aws4_request"));
        EXPECT_EQ(request.headers.at("x-amz-security-token"), "canary-token");
    }
    EXPECT_EQ(seen().size(), rows.size());
}

TEST_F(IotClientTest, the_data_plane_is_asked_as_its_own_service) {
    const json document{{"state", {{"desired", {{"a", 1}}}}}, {"version", 7}};
    IotClient& iot = client({{200, document.dump()}});
    const auto seen_last = [&] { return seen().back().method + " " + seen().back().target; };
    const auto got = iot.get_thing_shadow("a:b", "credentials");
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(got->version, 7);
    EXPECT_EQ(json::parse(got->document), document);
    EXPECT_EQ(seen_last(), "GET /things/a%3Ab/shadow?name=credentials");
    EXPECT_THAT(seen().back().headers.at("authorization"),
                HasSubstr("/20260714/eu-west-1/iotdata/aws4_request"));
    const auto updated = iot.update_thing_shadow("a", "", R"({"state":{"desired":{"a":null}}})");
    ASSERT_TRUE(updated) << updated.error().describe();
    EXPECT_EQ(updated->version, 7);
    EXPECT_EQ(seen_last(), "POST /things/a/shadow");
    EXPECT_EQ(seen().back().body, R"({"state":{"desired":{"a":null}}})");
    EXPECT_EQ(code_of(iot.update_thing_shadow("a", "", "no JSON")), "bug");
}

TEST_F(IotClientTest, an_update_of_a_shadow_is_repeated_unless_it_is_for_one_version) {
    const std::string plain = R"({"state":{}})";
    const std::string of_version = R"({"state":{},"version":3})";
    IotClient& iot = client({{.body = "{}", .delivery = ReplyDelivery::none}, {200, "{}"}});
    EXPECT_TRUE(iot.update_thing_shadow("a", "n", plain));
    EXPECT_EQ(seen().size(), 2);
    IotClient& strict = client({{.body = "{}", .delivery = ReplyDelivery::none}, {200, "{}"}});
    EXPECT_EQ(code_of(strict.update_thing_shadow("a", "n", of_version)), "registry_reply_lost");
    EXPECT_EQ(seen().size(), 1);
    IotClient& throttled = client({error_reply(429, "ThrottlingException"), {200, "{}"}});
    EXPECT_TRUE(throttled.update_thing_shadow("a", "n", of_version)) << "it was not carried out";
    IotClient& late = client({error_reply(409, "ConflictException", "Version conflict")});
    EXPECT_EQ(code_of(late.update_thing_shadow("a", "n", of_version)), "ConflictException");
}

TEST_F(IotClientTest, answers_are_read) {
    const json certificate = {{"certificateId", "c1"},
                              {"certificateArn", "arn:cert/c1"},
                              {"status", "ACTIVE"},
                              {"certificatePem", pem},
                              {"creationDate", 1784020200.125}};
    json keys = issued;
    keys["keyPair"] = {{"PublicKey", "p"}, {"PrivateKey", "canary-key"}};
    IotClient& iot = client({
        {200, R"({"endpointAddress":"127.0.0.1:8883"})"},
        {200, R"({"thingTypeMetadata":{"deprecated":true}})"},
        {200, R"({"thingArn":"t","thingTypeName":"T","version":7,"attributes":{"a":"1"}})"},
        {200, json{{"certificateDescription", certificate}}.dump()},
        {200, keys.dump()},
        {200, R"({"policyArn":"p","policyDocument":"{}"})"},
    });
    EXPECT_EQ(iot.describe_endpoint().value(), "127.0.0.1:8883");
    EXPECT_TRUE(iot.describe_thing_type("T")->deprecated);
    const auto thing = iot.describe_thing("a");
    EXPECT_EQ(thing->type, "T");
    EXPECT_EQ(thing->version, 7);
    EXPECT_EQ(thing->attributes.at("a"), "1");
    const auto described = iot.describe_certificate("c1");
    EXPECT_EQ(described->status, CertificateStatus::active);
    EXPECT_EQ(to_iso8601(described->created), "2026-07-14T09:10:00.125Z");
    EXPECT_EQ(described->pem, pem);
    EXPECT_EQ(iot.create_keys_and_certificate()->private_key_pem.reveal_text(), "canary-key");
    EXPECT_EQ(iot.get_policy("p")->document, "{}");
}

TEST_F(IotClientTest, an_answer_without_what_the_model_requires_is_damaged) {
    for (const char* body : {"{}", R"({"certificateId":5})", R"({"certificateId":"c1"})"}) {
        IotClient& iot = client({{200, body}});
        const auto made = iot.create_certificate_from_csr("CSR");
        ASSERT_FALSE(made);
        EXPECT_EQ(code_of(made), "registry_answer_damaged");
    }
    for (const char* body : {"[]", "<html>", "\"x\"", "{"}) {
        IotClient& iot = client({{200, body}});
        const auto made = iot.create_certificate_from_csr("CSR");
        ASSERT_FALSE(made);
        EXPECT_EQ(code_of(made), "registry_answer_damaged");
        EXPECT_EQ(seen().size(), 1) << "it may have been carried out";
    }
}

TEST_F(IotClientTest, errors_have_the_service_model_s_name_however_it_comes) {
    IotClient& iot = client({
        error_reply(404, "ResourceNotFoundException:http://internal/"),
        error_reply(404, "com.amazon.coral.service#ResourceNotFoundException"),
        {404, R"({"__type":"ns#ResourceNotFoundException","Message":"gone"})"},
        {404, R"({"code":"ResourceNotFoundException"})"},
        {400, "not JSON"},
    });
    for (int i = 0; i < 4; ++i) {
        const auto thing = iot.describe_thing("a");
        ASSERT_FALSE(thing);
        EXPECT_TRUE(is_not_found(thing.error())) << thing.error().code;
        EXPECT_THAT(thing.error().message, HasSubstr("DescribeThing a"));
    }
    EXPECT_EQ(code_of(iot.describe_thing("a")), "UnknownError");
}

// moto's default: an id that is another digest.
TEST_F(IotClientTest, a_registry_with_other_certificate_ids_is_told_and_keeps_none) {
    client({{200, json{{"certificateArn", "arn:aws:iot:eu-west-1:1:cert/other"}}.dump()},
            {200, "{}"}});
    AwsRegistry registry(std::move(*client_));
    const auto registered = registry.ensure_registered("mine", pem, "");
    EXPECT_EQ(code_of(registered), "registry_answer_damaged");
    EXPECT_THAT(registered.error().message, HasSubstr("calls certificate mine other"));
    EXPECT_EQ(seen().back().method + " " + seen().back().target, "DELETE /certificates/other");
}

TEST_F(IotClientTest, a_signature_for_another_region_names_the_region) {
    IotClient& iot = client({error_reply(403, "InvalidSignatureException",
                                         "Credential should be scoped to a valid region.")});
    EXPECT_THAT(iot.describe_endpoint().error().hint,
                AllOf(HasSubstr("the region here is eu-west-1"), HasSubstr("AWS_REGION")));
}

TEST_F(IotClientTest, a_token_that_does_not_belong_to_the_key_is_the_hint) {
    for (const char* name : {"UnrecognizedClientException", "InvalidClientTokenId"}) {
        client({error_reply(403, name)});
        Credentials credentials = testing::some_credentials();
        credentials.access_key_id = "ASIAEXAMPLE";
        IotClientOptions options;
        options.endpoint_url = server_->url();
        options.region = "eu-west-1";
        IotClient iot(std::shared_ptr<http::Client>(make_registry_client()), std::move(credentials),
                      options, clock_);
        EXPECT_THAT(iot.describe_endpoint().error().hint,
                    HasSubstr("ASIAEXAMPLE is a temporary key"));
    }
}

TEST_F(IotClientTest, refused_credentials_name_their_source_and_the_mend_but_no_secret) {
    const std::string echo =
        "The request signature we calculated does not match.\n\nThe Canonical String for this "
        "request should have been\n'GET\n/endpoint\nx-amz-security-token:canary-token'";
    for (const char* name : {"InvalidSignatureException", "ExpiredTokenException",
                             "UnrecognizedClientException", "AccessDeniedException"}) {
        IotClient& iot = client({error_reply(403, name, echo)});
        const auto refused = iot.describe_endpoint();
        ASSERT_FALSE(refused);
        EXPECT_EQ(code_of(refused), name);
        EXPECT_THAT(refused.error().message,
                    AllOf(HasSubstr("AKIDEXAMPLE from a test"), Not(HasSubstr("Canonical"))));
        EXPECT_THAT(refused.error().describe(), Not(HasSubstr("canary")));
        EXPECT_FALSE(refused.error().hint.empty());
        EXPECT_EQ(seen().size(), 1);
    }
    IotClient& iot = client({error_reply(400, "X",
                                         "token canary-token and canary-token, key "
                                         "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")});
    EXPECT_THAT(iot.describe_endpoint().error().describe(),
                AllOf(Not(HasSubstr("canary")), Not(HasSubstr("wJalr"))));
}

TEST_F(IotClientTest, throttling_and_failures_inside_are_tried_again_after_growing_waits) {
    IotClient& iot = client({error_reply(429, "ThrottlingException"),
                             error_reply(503, "ServiceUnavailableException"),
                             error_reply(500, "InternalFailureException"),
                             {200, R"({"endpointAddress":"host"})"}});
    EXPECT_EQ(iot.describe_endpoint().value(), "host");
    EXPECT_EQ(seen().size(), 4);
    ASSERT_EQ(clock_.slept.size(), 3);
    for (const auto pause : clock_.slept)
        EXPECT_GE(pause, Milliseconds(50));
}

TEST_F(IotClientTest, retry_after_is_heard) {
    ScriptedReply throttled = error_reply(429, "ThrottlingException");
    throttled.headers.emplace_back("Retry-After", "7");
    IotClient& iot = client({throttled, {200, R"({"endpointAddress":"host"})"}});
    EXPECT_TRUE(iot.describe_endpoint());
    EXPECT_THAT(clock_.slept, ElementsAre(Ge(Milliseconds(7000))));
}

TEST_F(IotClientTest, the_deadline_ends_the_retries_and_the_error_says_how_many_there_were) {
    IotClient& iot = client({error_reply(429, "ThrottlingException")});
    const Instant start = clock_.now();
    const auto failed = iot.describe_endpoint();
    ASSERT_FALSE(failed);
    EXPECT_EQ(code_of(failed), "ThrottlingException");
    EXPECT_THAT(failed.error().describe(), HasSubstr("attempts"));
    EXPECT_LE(clock_.now() - start, std::chrono::seconds(60));
    EXPECT_GT(seen().size(), 5);
}

TEST_F(IotClientTest, a_lost_reply_of_what_may_be_repeated_is_asked_for_again) {
    for (const ReplyDelivery delivery : {ReplyDelivery::none, ReplyDelivery::cut}) {
        IotClient& iot = client({{.body = std::string(100, ' '), .delivery = delivery}, {}});
        EXPECT_TRUE(iot.update_certificate("c1", CertificateStatus::active));
        EXPECT_EQ(seen().size(), 2);
    }
}

TEST_F(IotClientTest, a_certificate_is_not_asked_for_twice_once_it_may_have_been_made) {
    for (const ReplyDelivery delivery : {ReplyDelivery::none, ReplyDelivery::cut}) {
        IotClient& iot = client({{.body = issued.dump(), .delivery = delivery}});
        EXPECT_EQ(code_of(iot.create_certificate_from_csr("CSR")), "registry_reply_lost");
        EXPECT_EQ(seen().size(), 1);
    }
    for (const bool keys : {false, true}) {
        IotClient& iot = client({error_reply(500, "InternalFailureException")});
        EXPECT_FALSE(keys ? iot.create_keys_and_certificate()
                          : iot.create_certificate_from_csr("CSR"));
        EXPECT_EQ(seen().size(), 1);
    }
    IotClient& iot = client({error_reply(429, "ThrottlingException"), {200, issued.dump()}});
    EXPECT_TRUE(iot.create_certificate_from_csr("CSR"));
    EXPECT_EQ(seen().size(), 2);
}

TEST_F(IotClientTest, no_certificate_request_goes_over_a_connection_that_may_be_dead) {
    IotClient& iot = client({{200, R"({"endpointAddress":"host"})"}, {200, issued.dump()}});
    EXPECT_TRUE(iot.describe_endpoint());
    EXPECT_TRUE(iot.create_certificate_from_csr("CSR"));
    EXPECT_NE(seen()[0].connection, seen()[1].connection);
}

TEST_F(IotClientTest, what_the_lost_first_attempt_did_is_no_error_of_the_second) {
    const ScriptedReply lost{.delivery = ReplyDelivery::none};
    const ScriptedReply exists = error_reply(409, "ResourceAlreadyExistsException");
    const ScriptedReply gone = error_reply(404, "ResourceNotFoundException");
    EXPECT_TRUE(client({lost, exists}).create_thing_type("T"));
    EXPECT_TRUE(client({lost, gone}).delete_certificate("c1"));
    EXPECT_TRUE(client({lost, gone}).detach_policy("p", "arn"));
    EXPECT_TRUE(client({lost, gone}).detach_thing_principal("a", "arn"));
    // At the first attempt they are what they say, and a throttled attempt did nothing.
    const ScriptedReply throttled = error_reply(429, "ThrottlingException");
    EXPECT_FALSE(client({exists}).create_thing_type("T"));
    EXPECT_FALSE(client({throttled, gone}).delete_certificate("c1"));
}

TEST_F(IotClientTest, a_policy_whose_reply_was_lost_is_ours_only_with_our_document) {
    const ScriptedReply lost{.delivery = ReplyDelivery::none};
    const ScriptedReply exists = error_reply(409, "ResourceAlreadyExistsException");
    const auto stored = [](const char* document) {
        return ScriptedReply{200, json{{"policyArn", "p"}, {"policyDocument", document}}.dump()};
    };
    EXPECT_EQ(client({lost, exists, stored(R"({ "a": 1 })")}).create_policy("p", R"({"a":1})")->arn,
              "p");
    EXPECT_EQ(code_of(client({lost, exists, stored("{}")}).create_policy("p", R"({"a":1})")),
              "ResourceAlreadyExistsException");
    // curl may have sent the first one again by itself, over another connection.
    EXPECT_TRUE(client({exists, stored(R"({"a":1})")}).create_policy("p", R"({"a":1})"));
}

TEST_F(IotClientTest, pages_are_followed_to_their_end) {
    const auto things = [](const char* name, const char* token) {
        json page = {{"things", json::array({{{"thingName", name}}})}};
        if (*token != '\0') page["nextToken"] = token;
        return ScriptedReply{200, page.dump()};
    };
    IotClient& iot = client({things("a", "t/1="), things("b", "t2"), things("c", "")});
    EXPECT_THAT(iot.list_things().value(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(seen()[1].target, "/things?maxResults=250&nextToken=t%2F1%3D");
    EXPECT_EQ(seen()[2].target, "/things?maxResults=250&nextToken=t2");
    EXPECT_THAT(client({things("a", "t")}).list_things(1).value(), ElementsAre("a"));
    EXPECT_EQ(code_of(client({things("a", "t")}).list_things()), "registry_answer_damaged");
}

TEST_F(IotClientTest, listing_certificates_stops_when_enough_was_seen) {
    const json page = {
        {"certificates", json::array({{{"certificateId", "1"}}, {{"certificateId", "2"}}})},
        {"nextMarker", "more"}};
    IotClient& iot = client({{200, page.dump()}});
    int visited = 0;
    EXPECT_TRUE(iot.list_certificates([&](const Certificate&) { return ++visited < 2; }));
    EXPECT_EQ(visited, 2);
    EXPECT_EQ(seen().size(), 1);
}

TEST(CertificateIdTest, comes_from_the_arn) {
    EXPECT_EQ(certificate_id_of_arn("arn:aws:iot:eu-west-1:1:cert/abc"), "abc");
    EXPECT_FALSE(certificate_id_of_arn("arn:aws:iot:eu-west-1:1:cert/"));
    EXPECT_FALSE(certificate_id_of_arn("arn:aws:cognito-identity:pool"));
}

}  // namespace
}  // namespace imprint::aws
