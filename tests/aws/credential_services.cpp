#include "aws/credential_services.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "aws/http_clients.h"
#include "aws/providers/search.h"
#include "base/digest.h"
#include "http/url.h"

namespace imprint::aws::testing {

namespace {

using nlohmann::json;

std::string value_of(const std::string& pairs, const std::string& name) {
    for (const auto& [key, value] : http::parse_query(pairs))
        if (key == name) return value;
    return {};
}

std::string last_part(const std::string& arn) {
    return arn.substr(arn.rfind('/') + 1);
}

// Of "… Credential=AKID/20260714/…".
std::string signer_of(const SeenRequest& request) {
    const auto found = request.headers.find("authorization");
    if (found == request.headers.end()) return "nobody";
    const std::size_t at = found->second.find("Credential=") + 11;
    return found->second.substr(at, found->second.find('/', at) - at);
}

ScriptedReply sts_reply(const std::string& action, const std::string& id,
                        const std::string& expires) {
    return {200,
            fmt::format("<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        "<{0}Result><Credentials><AccessKeyId>{1}</AccessKeyId>"
                        "<SecretAccessKey>canary-secret</SecretAccessKey>"
                        "<SessionToken>canary-session&amp;=</SessionToken>"
                        "<Expiration>{2}</Expiration></Credentials></{0}Result>"
                        "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
                        "</{0}Response>",
                        action, id, expires),
            {{"content-type", "text/xml"}}};
}

std::string endpoint_keys(const std::string& id, const std::string& expires) {
    return json{{"Code", "Success"},
                {"AccessKeyId", id},
                {"SecretAccessKey", "canary-secret"},
                {"Token", "canary-session"},
                {"Expiration", expires}}
        .dump();
}

}  // namespace

PlayedServices::PlayedServices()
    : server_(std::make_unique<ScriptedServer>(
          [this](const SeenRequest& request) { return reply_to(request); })) {}

void PlayedServices::answer_next(ScriptedReply reply, int times) {
    const std::lock_guard lock(mutex_);
    next_ = std::move(reply);
    next_times_ = times;
}

ScriptedReply PlayedServices::reply_to(const SeenRequest& request) {
    {
        const std::lock_guard lock(mutex_);
        if (next_times_ > 0) {
            --next_times_;
            return next_;
        }
    }
    const auto header = [&request](const char* name) {
        const auto found = request.headers.find(name);
        return found == request.headers.end() ? std::string() : found->second;
    };
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::string query =
        request.target.substr(std::min(path.size() + 1, request.target.size()));
    if (request.method == "POST" && path == "/") {
        const std::string action = value_of(request.body, "Action");
        const std::string role = last_part(value_of(request.body, "RoleArn"));
        // A service may echo what it got.
        if (role == "denied")
            return {403, fmt::format("<ErrorResponse><Error><Type>Sender</Type>"
                                     "<Code>AccessDenied</Code><Message>not authorized: "
                                     "{} {} {}</Message></Error></ErrorResponse>",
                                     signer_of(request) == "nobody" ? "" : "canary-secret",
                                     http::percent_encode(header("x-amz-security-token")),
                                     value_of(request.body, "WebIdentityToken"))};
        const bool by_web = action == "AssumeRoleWithWebIdentity";
        return sts_reply(
            action, fmt::format("AK-{}-by-{}", role, by_web ? "web-identity" : signer_of(request)),
            expires);
    }
    if (path == "/federation/credentials") {
        if (header("x-amz-sso_bearer_token").starts_with("canary-ended"))
            return {401,
                    R"({"message":"canary-ended"})",
                    {{"x-amzn-ErrorType", "UnauthorizedException:http://x"}}};
        if (value_of(query, "role_name") == "denied")
            return {403,
                    R"({"message":"No access for canary-sso"})",
                    {{"x-amzn-ErrorType", "ForbiddenException"}}};
        return {200, json{{"roleCredentials",
                           {{"accessKeyId", fmt::format("AK-{}-in-{}", value_of(query, "role_name"),
                                                        value_of(query, "account_id"))},
                            {"secretAccessKey", "canary-secret"},
                            {"sessionToken", "canary-session"},
                            {"expiration", 4'070'908'800'000}}}}
                         .dump()};
    }
    if (path == "/token")
        return {200, json{{"accessToken", "canary-sso-2"},
                          {"expiresIn", 28'800},
                          {"refreshToken", "canary-refresh-2"}}
                         .dump()};
    if (path == "/container") return {200, endpoint_keys("AK-container", expires)};
    if (path == "/latest/api/token") return {request.method == "PUT" ? 200 : 405, "canary-imds"};
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    if (path.starts_with(roles) && header("x-aws-ec2-metadata-token") != "canary-imds")
        return {401, ""};
    if (path == roles) return {200, "line-role"};
    if (path == roles + "line-role") return {200, endpoint_keys("AK-instance", expires)};
    return {404, ""};
}

ProvidersTest::ProvidersTest() {
    variables["AWS_REGION"] = "eu-west-1";
    variables["AWS_ENDPOINT_URL"] = played_.url();
}

CredentialServices ProvidersTest::services() {
    CredentialServices services;
    services.cloud = make_registry_client();
    services.machine = make_metadata_client();
    services.clock = clock_;
    services.process_deadline = process_deadline_;
    services.log = Log([this](LogLevel, std::string_view line) { logged_.emplace_back(line); });
    return services;
}

Result<Credentials> ProvidersTest::find(const std::string& profile) {
    auto found = search_credentials(environment(), profile, {}, services());
    for (const auto& line : logged_)
        EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr("canary")));
    if (found) {
        EXPECT_THAT(found->source, ::testing::Not(::testing::HasSubstr("canary")));
    } else {
        EXPECT_EQ(found.error().kind, ErrorKind::registry);
        EXPECT_THAT(found.error().describe(), ::testing::Not(::testing::HasSubstr("canary")));
    }
    return found;
}

std::string ProvidersTest::found(const std::string& profile) {
    const auto credentials = find(profile);
    return credentials ? credentials->access_key_id : credentials.error().code;
}

Error ProvidersTest::refused(const std::string& profile) {
    auto credentials = find(profile);
    EXPECT_FALSE(credentials) << credentials->access_key_id;
    return credentials ? Error{} : std::move(credentials).error();
}

std::filesystem::path ProvidersTest::sign_in_path(const std::string& name) const {
    return std::filesystem::path(".aws/sso/cache") / (to_hex(sha1(as_bytes(name))) + ".json");
}

void ProvidersTest::sign_in(const std::string& name, const std::string& expires,
                            const std::string& more) {
    write(sign_in_path(name),
          fmt::format(R"({{"startUrl":"https://x.example/start","region":"eu-west-1",)"
                      R"("accessToken":"canary-sso","expiresAt":"{}"{}}})",
                      expires, more));
}

}  // namespace imprint::aws::testing
