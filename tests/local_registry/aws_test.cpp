// AWS's own clients against the service: the command line tool, and botocore, which is under every
// Python program that speaks to AWS.
#include <gmock/gmock.h>
#include <set>

#include <nlohmann/json.hpp>

#include "base/process.h"
#include "local_registry/api/routes.h"
#include "local_registry/operations/context.h"
#include "local_registry/service_fixture.h"
#include "local_registry/state_folder.h"
#include "local_registry/store/access_keys.h"
#include "pki/key.h"

namespace imprint::local_registry {
namespace {

using nlohmann::json;

class AwsTest : public ServiceFixture {
  protected:
    void SetUp() override { ASSERT_TRUE(service_) << service_.error().describe(); }

    std::vector<std::pair<std::string, std::string>> environment() {
        return {{"AWS_SHARED_CREDENTIALS_FILE", registry::credentials_path(state()).string()},
                {"AWS_CONFIG_FILE", (state() / "config").string()},
                {"AWS_EC2_METADATA_DISABLED", "true"},
                {"AWS_PAGER", ""},
                {"AWS_RETRY_MODE", "standard"},
                {"AWS_MAX_ATTEMPTS", "1"}};
    }

    CommandOutput run(std::vector<std::string> arguments) {
        auto done = run_command({.arguments = std::move(arguments),
                                 .directory = folder_->path(),
                                 .environment = environment()});
        EXPECT_TRUE(done) << done.error().describe();
        return done.value_or(CommandOutput{});
    }

    CommandOutput aws(const std::vector<std::string>& arguments) {
        std::vector<std::string> all{"/usr/bin/aws", "--endpoint-url", service_->endpoint_url(),
                                     "--output", "json"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run(std::move(all));
    }

    // "iot", the command and its options; what it prints.
    json iot(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "iot");
        const CommandOutput done = aws(arguments);
        EXPECT_EQ(done.status, 0) << arguments[1] << ": " << done.text;
        return done.text.empty() ? json() : json::parse(done.text, nullptr, false);
    }

    // The error that a command must end with.
    std::string iot_error(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "iot");
        const CommandOutput done = aws(arguments);
        EXPECT_EQ(done.status, 254) << arguments[1] << ": " << done.text;
        const auto open = done.text.find('(');
        const auto close = done.text.find(')');
        return open == std::string::npos || close == std::string::npos
                   ? done.text
                   : done.text.substr(open + 1, close - open - 1);
    }

    Result<Service> service_ = start();
};

TEST_F(AwsTest, the_command_line_prepares_a_board_and_retires_it) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    ASSERT_TRUE(write_file(folder_->path() / "board.csr", key->request("0a1b2c3d4e5f")));
    ASSERT_TRUE(write_file(folder_->path() / "policy.json",
                           std::string_view(R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iot:*","Resource":"*"}]})")));

    EXPECT_EQ(aws({"sts", "get-caller-identity", "--query", "Account"}).text, "\"000000000000\"\n");
    EXPECT_EQ(iot({"describe-endpoint", "--endpoint-type", "iot:Data-ATS"})["endpointAddress"],
              "127.0.0.1");
    iot({"create-thing-type", "--thing-type-name", "esp32"});
    const std::vector<std::string> make_thing{"create-thing",
                                              "--thing-name",
                                              "0a1b2c3d4e5f",
                                              "--thing-type-name",
                                              "esp32",
                                              "--attribute-payload",
                                              R"({"attributes":{"lot":"7"}})"};
    EXPECT_EQ(iot(make_thing)["thingName"], "0a1b2c3d4e5f");
    iot(make_thing);
    EXPECT_EQ(iot_error({"create-thing", "--thing-name", "0a1b2c3d4e5f"}),
              "ResourceAlreadyExistsException");
    EXPECT_EQ(iot_error({"create-thing", "--thing-name", "b", "--thing-type-name", "none"}),
              "ResourceNotFoundException");
    EXPECT_EQ(iot({"describe-thing", "--thing-name", "0a1b2c3d4e5f"})["attributes"]["lot"], "7");

    const json certificate =
        iot({"create-certificate-from-csr", "--certificate-signing-request", "file://board.csr"});
    const std::string id = certificate["certificateId"];
    const std::string arn = certificate["certificateArn"];
    iot({"create-policy", "--policy-name", "factory", "--policy-document", "file://policy.json"});
    EXPECT_EQ(iot_error({"create-policy", "--policy-name", "broken", "--policy-document", "{}"}),
              "MalformedPolicyException");
    iot({"attach-policy", "--policy-name", "factory", "--target", arn});
    iot({"attach-thing-principal", "--thing-name", "0a1b2c3d4e5f", "--principal", arn});
    EXPECT_EQ(iot({"list-attached-policies", "--target", arn})["policies"][0]["policyName"],
              "factory");
    EXPECT_EQ(iot({"list-targets-for-policy", "--policy-name", "factory"})["targets"][0], arn);
    EXPECT_EQ(iot({"list-thing-principals", "--thing-name", "0a1b2c3d4e5f"})["principals"][0], arn);
    EXPECT_EQ(iot({"list-principal-things", "--principal", arn})["things"][0], "0a1b2c3d4e5f");
    iot({"update-certificate", "--certificate-id", id, "--new-status", "ACTIVE"});
    EXPECT_EQ(iot({"list-certificates"})["certificates"][0]["status"], "ACTIVE");

    EXPECT_EQ(iot_error({"delete-certificate", "--certificate-id", id}),
              "CertificateStateException");
    iot({"update-certificate", "--certificate-id", id, "--new-status", "INACTIVE"});
    EXPECT_EQ(iot_error({"delete-certificate", "--certificate-id", id, "--force-delete"}),
              "DeleteConflictException");
    EXPECT_EQ(iot_error({"delete-thing", "--thing-name", "0a1b2c3d4e5f"}),
              "InvalidRequestException");
    EXPECT_EQ(iot_error({"delete-policy", "--policy-name", "factory"}), "DeleteConflictException");
    iot({"detach-thing-principal", "--thing-name", "0a1b2c3d4e5f", "--principal", arn});
    iot({"detach-policy", "--policy-name", "factory", "--target", arn});
    iot({"delete-certificate", "--certificate-id", id});
    EXPECT_EQ(iot_error({"describe-certificate", "--certificate-id", id}),
              "ResourceNotFoundException");
    iot({"delete-policy", "--policy-name", "factory"});
    iot({"delete-thing", "--thing-name", "0a1b2c3d4e5f"});
    iot({"delete-thing", "--thing-name", "0a1b2c3d4e5f"});
    EXPECT_EQ(iot_error({"delete-thing-type", "--thing-type-name", "esp32"}),
              "InvalidRequestException");
    iot({"deprecate-thing-type", "--thing-type-name", "esp32"});
    EXPECT_EQ(iot_error({"create-thing", "--thing-name", "c", "--thing-type-name", "esp32"}),
              "InvalidRequestException");
    iot({"delete-thing-type", "--thing-type-name", "esp32"});
    EXPECT_TRUE(iot({"list-things"})["things"].empty());
    EXPECT_TRUE(iot({"list-thing-types"})["thingTypes"].empty());
}

TEST_F(AwsTest, the_command_line_updates_a_shadow_and_reads_it) {
    const auto data = [this](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "iot-data");
        const CommandOutput done = aws(arguments);
        EXPECT_EQ(done.status, 0) << done.text;
        return json::parse(read_text(folder_->path() / "answer.json").value_or(""), nullptr, false);
    };
    const std::vector<std::string> named{"--thing-name", "board", "--shadow-name", "light"};
    const auto with = [&](const std::string& command, std::vector<std::string> more) {
        std::vector<std::string> all{command};
        all.insert(all.end(), named.begin(), named.end());
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    EXPECT_EQ(data(with("update-thing-shadow",
                        {"--cli-binary-format", "raw-in-base64-out", "--payload",
                         R"({"state":{"desired":{"on":true}}})", "answer.json"}))["version"],
              1);
    EXPECT_EQ(data(with("get-thing-shadow", {"answer.json"}))["state"],
              json::parse(R"({"desired":{"on":true},"delta":{"on":true}})"));
    EXPECT_EQ(data(with("delete-thing-shadow", {"answer.json"}))["version"], 1);
    const CommandOutput none =
        aws({"iot-data", "get-thing-shadow", "--thing-name", "board", "answer.json"});
    EXPECT_THAT(none.text, testing::HasSubstr("(ResourceNotFoundException)"));
    EXPECT_THAT(none.text, testing::HasSubstr("No shadow exists with name: 'board'"));
}

TEST_F(AwsTest, the_command_line_hears_of_credentials_that_are_wrong) {
    ASSERT_TRUE(write_file(registry::credentials_path(state()),
                           std::string_view("[default]\naws_access_key_id = AKIAXXXXXXXXXXXXXXXX\n"
                                            "aws_secret_access_key = wrong\n")));
    EXPECT_EQ(iot_error({"list-things"}), "UnrecognizedClientException");
    EXPECT_EQ(iot_error({"list-things", "--no-sign-request"}),
              "MissingAuthenticationTokenException");
    EXPECT_THAT(aws({"sts", "get-caller-identity"}).text,
                testing::HasSubstr("InvalidClientTokenId"));
}

// Calls every operation and holds each answer against the service model, strictly: unknown members
// and missing ones, types, error names and their status.
TEST_F(AwsTest, botocore_understands_every_operation) {
    auto store = Store::open(database_path(state()));
    ASSERT_TRUE(store);
    AccessKey expired = make_access_key();
    expired.session_token = Secret(std::string_view("expired-session"));
    expired.expires = to_milliseconds(clock_.wall()) - 1000;
    ASSERT_TRUE(store->write(
        [&](sqlite::Database& database) { return insert_access_key(database, expired); }));
    json setup{{"endpoint_url", service_->endpoint_url()},
               {"operations", json::array()},
               {"expired",
                {{"id", expired.id},
                 {"secret", expired.secret.reveal_text()},
                 {"token", expired.session_token.reveal_text()}}},
               {"csrs", json::array()}};
    // One name may be an operation of two planes.
    std::set<std::string_view> operations;
    for (const auto& route : routes())
        if (operations.insert(route.operation).second)
            setup["operations"].push_back(route.operation);
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    for (int i = 0; i < 3; ++i)
        setup["csrs"].push_back(key->request(fmt::format("board-{}", i)));
    const auto own = pki::Authority::create("Own CA", pki::KeyKind::ec_p256, std::chrono::days(9),
                                            clock_.wall());
    setup["own_certificate"] =
        *own->issue_client(key->request("own"), std::chrono::days(5), clock_.wall());
    // What signs a registration code in its place.
    ASSERT_TRUE(write_file(folder_->path() / "own-ca.pem", own->certificate_pem()));
    ASSERT_TRUE(
        write_file(folder_->path() / "own-ca.key", own->key_pem().reveal_text(), FileMode::secret));
    ASSERT_TRUE(
        write_file(folder_->path() / "board.key", key->to_pem().reveal_text(), FileMode::secret));
    setup["under_own_ca"] =
        *own->issue_client(key->request("under"), std::chrono::days(5), clock_.wall());
    ASSERT_TRUE(write_file(folder_->path() / "setup.json", setup.dump(), FileMode::secret));
    const CommandOutput done =
        run({"/usr/bin/python3", IMPRINT_SOURCE_DIR "/tests/local_registry/every_operation.py",
             "setup.json"});
    EXPECT_EQ(done.status, 0) << done.text;
    EXPECT_THAT(done.text, testing::HasSubstr(fmt::format("{} operations", operations.size())));
}

}  // namespace
}  // namespace imprint::local_registry
