// Each way to credentials by itself: what is asked, how often, and what is told when it fails.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "aws/credential_services.h"
#include "http/url.h"

namespace imprint::aws {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using testing::ReplyDelivery;
using testing::SeenRequest;
using ::testing::SizeIs;

using Pairs = std::vector<std::pair<std::string, std::string>>;

class RoleTest : public testing::ProvidersTest {
  protected:
    void role(const std::string& more, const std::string& name = "line") {
        write(".aws/config", "[profile p]\nrole_arn = arn:aws:iam::1:role/" + name + "\n" + more +
                                 "\n[profile k]\n" + keys("AK-k"));
    }
};

TEST_F(RoleTest, sts_is_asked_in_its_protocol_with_all_that_the_profile_says) {
    role(
        "source_profile = k\nrole_session_name = bay 3\nexternal_id = x/y\n"
        "duration_seconds = 900");
    const auto credentials = find("p");
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->access_key_id, "AK-line-by-AK-k");
    EXPECT_EQ(credentials->session_token.reveal_text(), "canary-session&=");
    EXPECT_EQ(to_iso8601(*credentials->expires), "2099-01-01T00:00:00.000Z");
    EXPECT_EQ(credentials->source, "role arn:aws:iam::1:role/line of profile p");
    const SeenRequest request = played_.seen().at(0);
    EXPECT_THAT(http::parse_query(request.body),
                IsSupersetOf(Pairs{{"Action", "AssumeRole"},
                                   {"Version", "2011-06-15"},
                                   {"RoleArn", "arn:aws:iam::1:role/line"},
                                   {"RoleSessionName", "bay 3"},
                                   {"ExternalId", "x/y"},
                                   {"DurationSeconds", "900"}}));
    EXPECT_THAT(request.headers.at("authorization"), HasSubstr("/eu-west-1/sts/aws4_request"));
}

TEST_F(RoleTest, the_services_own_variable_wins_and_a_region_is_not_needed) {
    role("source_profile = k\n");
    variables["AWS_ENDPOINT_URL_STS"] = played_.url();
    variables["AWS_ENDPOINT_URL"] = "https://nobody.invalid";
    variables.erase("AWS_REGION");
    EXPECT_EQ(found("p"), "AK-line-by-AK-k");
    EXPECT_THAT(played_.seen().at(0).headers.at("authorization"), HasSubstr("/us-east-1/sts/"));
}

TEST_F(RoleTest, sts_is_not_asked_in_the_clear_over_the_network) {
    role("source_profile = k\n");
    variables["AWS_ENDPOINT_URL_STS"] = "http://192.0.2.1";
    EXPECT_EQ(refused("p").code, "registry_url");
}

TEST_F(RoleTest, a_duration_that_is_no_number_does_not_count_and_is_told) {
    role("source_profile = k\nduration_seconds = 1h");
    EXPECT_EQ(found("p"), "AK-line-by-AK-k");
    EXPECT_THAT(played_.seen().at(0).body, ::testing::Not(HasSubstr("Duration")));
    EXPECT_THAT(logged_, ::testing::Contains(HasSubstr("\"1h\" is not a number")));
}

TEST_F(RoleTest, throttling_and_failures_inside_are_asked_again_a_refusal_is_not) {
    role("source_profile = k\n");
    played_.answer_next(
        {400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"}, 2);
    EXPECT_EQ(found("p"), "AK-line-by-AK-k");
    EXPECT_THAT(played_.seen(), SizeIs(3));
    played_.answer_next({503, "busy"}, 9);
    EXPECT_EQ(found("p"), "InternalFailure");
    EXPECT_THAT(played_.seen(), SizeIs(6));
    played_.answer_next({400, "<a/>"}, 1);
    EXPECT_EQ(found("p"), "UnknownError");
    EXPECT_THAT(played_.seen(), SizeIs(7));
}

TEST_F(RoleTest, a_refusal_names_the_role_the_signer_and_the_mend) {
    role("source_profile = k\n", "denied");
    const Error error = refused("p");
    EXPECT_EQ(error.code, "AccessDenied");
    EXPECT_THAT(error.message, AllOf(HasSubstr("role/denied of profile p"),
                                     HasSubstr("access key AK-k from profile k")));
    EXPECT_THAT(error.hint, HasSubstr("trust policy"));
}

TEST_F(RoleTest, an_answer_without_all_that_belongs_to_it_is_damaged) {
    role("source_profile = k\n");
    const char* const without_token =
        "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>canary</SecretAccessKey>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>";
    for (const char* body : {"", "<", "<x>canary</x>", R"({"canary":1})", without_token}) {
        played_.answer_next({200, body});
        EXPECT_EQ(refused("p").code, "credentials_answer_damaged") << body;
    }
}

TEST_F(RoleTest, a_circle_is_shown_link_by_link) {
    write(".aws/config",
          "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\n"
          "source_profile = c\n[profile c]\nrole_arn = r\nsource_profile = a\n");
    EXPECT_EQ(refused("a").code, "profile_invalid");
    EXPECT_THAT(refused("a").message, HasSubstr("a → b → c → a"));
    EXPECT_THAT(played_.seen(), IsEmpty());
}

class WebIdentityTest : public testing::ProvidersTest {
  protected:
    WebIdentityTest() {
        variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = (home() / "token").string();
        variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pod";
        write("token", "canary.web-identity_+/=\n");
    }
};

TEST_F(WebIdentityTest, the_token_goes_out_unsigned_and_as_it_is) {
    variables["AWS_ROLE_SESSION_NAME"] = "line";
    EXPECT_EQ(found(), "AK-pod-by-web-identity");
    const SeenRequest request = played_.seen().at(0);
    EXPECT_THAT(http::parse_query(request.body),
                IsSupersetOf(Pairs{{"Action", "AssumeRoleWithWebIdentity"},
                                   {"WebIdentityToken", "canary.web-identity_+/="},
                                   {"RoleSessionName", "line"}}));
    EXPECT_EQ(request.headers.count("authorization"), 0);
}

TEST_F(WebIdentityTest, a_token_that_is_refused_missing_or_empty_is_told_without_it) {
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/denied";
    EXPECT_EQ(refused().code, "AccessDenied");
    write("token", "");
    EXPECT_EQ(refused().code, "no_credentials");
    std::filesystem::remove(home() / "token");
    EXPECT_EQ(refused().code, "file_missing");
}

class SsoTest : public testing::ProvidersTest {
  protected:
    void set_up(const std::string& role = "seer") {
        write(".aws/config",
              "[profile p]\nsso_session = line\nsso_account_id = 7\n"
              "sso_role_name = " +
                  role +
                  "\n[sso-session line]\nsso_region = eu-west-1\n"
                  "sso_start_url = https://x.example/start\n");
    }

    const std::string renewable_ =
        R"(,"refreshToken":"canary-refresh","clientId":"id","clientSecret":"canary-client",)"
        R"("registrationExpiresAt":"2099-01-01T00:00:00Z")";
};

TEST_F(SsoTest, the_sign_ins_token_buys_the_roles_keys) {
    set_up();
    sign_in("line", "2026-07-14T08:00:00Z", renewable_);
    const auto credentials = find("p");
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->access_key_id, "AK-seer-in-7");
    EXPECT_EQ(to_iso8601(*credentials->expires), "2099-01-01T00:00:00.000Z");
    const auto seen = played_.seen();
    ASSERT_THAT(seen, SizeIs(1));
    EXPECT_EQ(seen[0].target, "/federation/credentials?role_name=seer&account_id=7");
    EXPECT_EQ(seen[0].headers.at("x-amz-sso_bearer_token"), "canary-sso");
}

TEST_F(SsoTest, nobody_signed_in_a_damaged_cache_and_an_end_all_say_how_to_sign_in) {
    set_up();
    EXPECT_EQ(refused("p").code, "sso_login_needed");
    EXPECT_EQ(refused("p").hint, "run: aws sso login --profile p");
    for (const char* damaged :
         {"", "[]", "{", R"({"accessToken":5})", R"({"accessToken":"canary"})",
          R"({"accessToken":"canary","expiresAt":"soon"})"}) {
        write(sign_in_path("line"), damaged);
        EXPECT_EQ(refused("p").code, "sso_login_needed") << damaged;
    }
    sign_in("line", "2026-07-13T23:59:59Z");
    EXPECT_THAT(refused("p").message, HasSubstr("ended at 2026-07-13T23:59:59"));
    EXPECT_THAT(played_.seen(), IsEmpty());
}

TEST_F(SsoTest, a_token_that_the_service_no_longer_takes_says_how_to_sign_in) {
    set_up();
    write(sign_in_path("line"),
          R"({"accessToken":"canary-ended","expiresAt":"2099-01-01T00:00:00UTC"})");
    EXPECT_EQ(refused("p").hint, "run: aws sso login --profile p");
}

TEST_F(SsoTest, a_role_that_is_not_ours_is_a_refusal_not_a_sign_in) {
    set_up("denied");
    sign_in("line", "2099-01-01T00:00:00Z");
    EXPECT_EQ(refused("p").code, "ForbiddenException");
}

TEST_F(SsoTest, a_sign_in_that_ends_soon_is_renewed_and_kept_for_the_aws_cli) {
    set_up();
    sign_in("line", "2026-07-14T00:10:00Z", renewable_);
    EXPECT_EQ(found("p"), "AK-seer-in-7");
    auto seen = played_.seen();
    ASSERT_THAT(seen, SizeIs(2));
    EXPECT_EQ(seen[0].target, "/token");
    EXPECT_THAT(seen[0].body, AllOf(HasSubstr("\"grantType\":\"refresh_token\""),
                                    HasSubstr("canary-refresh"), HasSubstr("canary-client")));
    EXPECT_EQ(seen[1].headers.at("x-amz-sso_bearer_token"), "canary-sso-2");
    const auto path = home() / sign_in_path("line");
    EXPECT_THAT(read_text(path).value(),
                AllOf(HasSubstr("canary-sso-2"), HasSubstr("canary-refresh-2"),
                      HasSubstr("\"expiresAt\":\"2026-07-14T08:00:00Z\"")));
    EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(found("p"), "AK-seer-in-7");
    EXPECT_THAT(played_.seen(), SizeIs(3)) << "the kept one was not used";
}

TEST_F(SsoTest, a_renewal_that_fails_leaves_the_old_token_as_long_as_it_lasts) {
    set_up();
    sign_in("line", "2026-07-14T00:10:00Z", renewable_);
    played_.answer_next({400, R"({"error":"invalid_grant"})"});
    EXPECT_EQ(found("p"), "AK-seer-in-7");
    EXPECT_EQ(played_.seen().back().headers.at("x-amz-sso_bearer_token"), "canary-sso");
    clock_->pass(std::chrono::minutes(11));
    played_.answer_next({400, R"({"error":"invalid_grant canary-refresh"})"});
    EXPECT_EQ(refused("p").code, "sso_login_needed");
}

class ProcessTest : public testing::ProvidersTest {
  protected:
    void command(const std::string& line) {
        write(".aws/config", "[profile p]\ncredential_process = " + line + "\n");
    }

    void prints(const std::string& json) {
        write("answer", json);
        command("/bin/cat \"" + (home() / "answer").string() + "\"");
    }
};

TEST_F(ProcessTest, its_json_is_what_counts_and_its_arguments_come_as_in_a_shell) {
    prints(
        R"({"Version":1,"AccessKeyId":"AK","SecretAccessKey":"canary","SessionToken":"canary-t",)"
        R"("Expiration":"2026-07-14T10:00:00+02:00"})");
    const auto credentials = find("p");
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->secret_access_key.reveal_text(), "canary");
    EXPECT_EQ(credentials->session_token.reveal_text(), "canary-t");
    EXPECT_EQ(to_iso8601(*credentials->expires), "2026-07-14T08:00:00.000Z");
    command(R"(sh -c 'echo warn >&2; printf "{\"Version\":1,\"AccessKeyId\":\"$0\",)"
            R"(\"SecretAccessKey\":\"canary\"}"' "A K")");
    EXPECT_EQ(found("p"), "A K");
}

TEST_F(ProcessTest, a_process_without_good_keys_is_told_without_what_it_printed) {
    for (const char* answer :
         {"", "canary", "[1]", R"({"AccessKeyId":"AK","SecretAccessKey":"canary"})",
          R"({"Version":2,"AccessKeyId":"AK","SecretAccessKey":"canary"})",
          R"({"Version":"1","AccessKeyId":"AK","SecretAccessKey":"canary"})",
          R"({"Version":1,"SecretAccessKey":"canary"})",
          R"({"Version":1,"AccessKeyId":"AK","SessionToken":"canary"})",
          R"({"Version":1,"AccessKeyId":"AK","SecretAccessKey":"canary","Expiration":"canary"})",
          R"({"Version":1,"AccessKeyId":"AK","SecretAccessKey":"canary","Expiration":true})"}) {
        prints(answer);
        EXPECT_EQ(refused("p").code, "credentials_answer_damaged") << answer;
    }
}

TEST_F(ProcessTest, a_process_that_fails_is_told_without_its_arguments_and_what_it_said) {
    command("sh -c 'echo canary; echo canary >&2; exit 7' --password canary-argument");
    const Error error = refused("p");
    EXPECT_EQ(error.code, "credential_process_failed");
    EXPECT_THAT(error.message, HasSubstr("credential_process sh of profile p ended with status 7"));
    EXPECT_THAT(error.hint, HasSubstr("by hand"));
    command("/no/such/program canary");
    EXPECT_EQ(refused("p").code, "process_failed_to_start");
    command("sh -c 'canary");
    EXPECT_EQ(refused("p").code, "profile_invalid");
}

TEST_F(ProcessTest, a_process_that_does_not_end_is_ended) {
    process_deadline_ = Milliseconds(50);
    for (const char* line : {"sleep 60", "sh -c 'exec >&-; exec sleep 60'"}) {
        command(line);
        EXPECT_THAT(refused("p").message, HasSubstr("did not end within 50 ms")) << line;
    }
    process_deadline_ = Milliseconds(20'000);
    command("head -c 2000000 /dev/zero");
    EXPECT_THAT(refused("p").message, HasSubstr("more than 1048576 bytes"));
}

class ContainerTest : public testing::ProvidersTest {
  protected:
    ContainerTest() {
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = played_.url() + "/container";
    }
};

TEST_F(ContainerTest, the_authorization_goes_along_and_a_file_wins_over_the_variable) {
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary-plain";
    EXPECT_EQ(found(), "AK-container");
    EXPECT_EQ(played_.seen().back().headers.at("authorization"), "canary-plain");
    write("authorization", "canary-of-file\n");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = (home() / "authorization").string();
    EXPECT_EQ(found(), "AK-container");
    EXPECT_EQ(played_.seen().back().headers.at("authorization"), "canary-of-file");
}

TEST_F(ContainerTest, a_failure_is_asked_three_times_and_then_told) {
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary";
    played_.answer_next({500, "canary"}, 2);
    EXPECT_EQ(found(), "AK-container");
    EXPECT_THAT(clock_->slept, ::testing::ElementsAre(Milliseconds(1000), Milliseconds(1000)));
    played_.answer_next({403, "canary"}, 3);
    EXPECT_EQ(refused().code, "container_credentials_refused");
    played_.answer_next({200, R"({"AccessKeyId":"AK","SecretAccessKey":"canary"})"}, 3);
    EXPECT_EQ(refused().code, "credentials_answer_damaged");
    played_.answer_next({.delivery = ReplyDelivery::none}, 9);
    EXPECT_EQ(refused().code, "registry_reply_lost");
}

TEST_F(ContainerTest, other_machines_and_second_header_lines_are_not_gone_to) {
    for (const char* url : {"http://192.0.2.1/x", "http://169.254.170.3/x", "http://example.com/x",
                            "ftp://localhost/", "http://user:canary@localhost/x", "canary"}) {
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
        EXPECT_EQ(refused().code, "metadata_url") << url;
    }
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = played_.url() + "/container";
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary\r\nx-more: canary";
    EXPECT_EQ(refused().code, "metadata_url");
    // It would name another host: http://169.254.170.2@192.0.2.1/.
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@192.0.2.1/canary";
    EXPECT_EQ(refused().code, "metadata_url");
    EXPECT_THAT(played_.seen(), IsEmpty());
}

class InstanceTest : public testing::ProvidersTest {
  protected:
    InstanceTest() {
        variables["AWS_EC2_METADATA_DISABLED"] = "false";
        variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = played_.url();
    }
};

TEST_F(InstanceTest, a_token_comes_first_then_the_roles_name_then_its_keys) {
    const auto credentials = find();
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->access_key_id, "AK-instance");
    EXPECT_EQ(credentials->source, "role line-role of this instance");
    const auto seen = played_.seen();
    ASSERT_THAT(seen, SizeIs(3));
    EXPECT_EQ(seen[0].method, "PUT");
    EXPECT_EQ(seen[0].headers.at("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_EQ(seen[2].headers.at("x-aws-ec2-metadata-token"), "canary-imds");
}

TEST_F(InstanceTest, what_does_not_answer_properly_counts_as_not_there) {
    for (const testing::ScriptedReply& reply :
         {testing::ScriptedReply{500, ""}, testing::ScriptedReply{400, ""},
          testing::ScriptedReply{.delivery = ReplyDelivery::none},
          testing::ScriptedReply{404, "canary"},
          testing::ScriptedReply{200, "<html>canary</html>"}}) {
        played_.answer_next(reply, 9);
        EXPECT_EQ(refused().code, "no_credentials") << reply.status;
        played_.answer_next(reply, 0);
    }
}

TEST_F(InstanceTest, attempts_are_as_many_as_are_asked_for) {
    played_.answer_next({500, ""}, 1);
    EXPECT_EQ(found(), "no_credentials");
    EXPECT_THAT(played_.seen(), SizeIs(1));
    variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "3";
    played_.answer_next({500, ""}, 2);
    EXPECT_EQ(found(), "AK-instance");
}

TEST_F(InstanceTest, without_tokens_version_1_is_asked_unless_that_is_turned_off) {
    played_.answer_next({403, ""}, 1);
    EXPECT_EQ(found(), "no_credentials");  // this one wants a token
    EXPECT_THAT(played_.seen(), SizeIs(2));
    EXPECT_EQ(played_.seen().back().headers.count("x-aws-ec2-metadata-token"), 0);
    variables["AWS_EC2_METADATA_V1_DISABLED"] = "true";
    played_.answer_next({403, ""}, 1);
    EXPECT_EQ(found(), "no_credentials");
    EXPECT_THAT(played_.seen(), SizeIs(3));
}

TEST_F(InstanceTest, another_machine_is_not_asked) {
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://192.0.2.1";
    EXPECT_EQ(refused().code, "metadata_url");
}

}  // namespace
}  // namespace imprint::aws
