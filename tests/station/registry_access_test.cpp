// What a run finds out about the registry, and makes there, before its first board: against the
// local registry.
#include "station/registry_access.h"

#include <gmock/gmock.h>

#include "aws/http_clients.h"
#include "aws/local_registry_test.h"
#include "base/error_code.h"
#include "base/text.h"
#include "ledger/sqlite_ledger.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "prepare/cloud.h"

namespace imprint::station {
namespace {

using namespace prepare;

using std::chrono::days;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* document =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:eu-west-1:000000000000:client/${iot:ClientId}","Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"true"}}}]})";
constexpr const char* wide =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})";

class CloudTest : public aws::testing::LocalRegistryTest {
  protected:
    void SetUp() override {
        LocalRegistryTest::SetUp();
        write("policy.json", document);
        settings_.policy.document = home() / "policy.json";
        where_.provider = Provider::local;
        where_.state = state();
    }

    Result<RegistryAccess> find() {
        return find_registry(where_, {}, environment(), clock_.wall());
    }

    [[nodiscard]] Settings all() const {
        Settings all;
        all.identity = settings_;
        all.registry = where_;
        return all;
    }

    Result<CloudFacts> look() {
        IMPRINT_TRY(const auto access, find());
        return look_at_cloud(*registry_, access.root_ca, all());
    }

    Result<void> ensure() {
        const auto ledger = *ledger::open_ledger(home() / "ledger.sqlite", clock_);
        RecordedRegistry recorded(
            *registry_, ledger::EffectLog(*ledger, {.run = ledger->begin_run({}).value()}, {}));
        return ensure_cloud(recorded, settings_, *ledger, {});
    }

    IdentitySettings settings_;
    RegistrySettings where_;
};

TEST_F(CloudTest, a_local_registry_is_found_by_its_folder) {
    const auto access = find();
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_TRUE(access->local);
    EXPECT_EQ(access->options.endpoint_url, service_->endpoint_url());
    EXPECT_EQ(access->options.region, "eu-west-1");
    EXPECT_THAT(access->root_ca.pem, HasSubstr("BEGIN CERTIFICATE"));
}

TEST_F(CloudTest, a_folder_that_nobody_serves_is_told_with_the_command_that_does) {
    where_.state = home() / "none";
    EXPECT_EQ(code_of(find()), "registry_not_serving");
    EXPECT_THAT(find().error().hint, HasSubstr("imprint registry serve --state"));
}

TEST_F(CloudTest, a_registry_that_was_killed_is_told_before_anything_is_asked) {
    const auto told = registry::read_registry_file(state());
    ASSERT_TRUE(told);
    const auto access = find();
    ASSERT_TRUE(access) << access.error().describe();
    service_.reset();
    // As it is left: the file, and nobody who holds the lock.
    ASSERT_TRUE(registry::write_registry_file(state(), *told));
    EXPECT_EQ(code_of(find()), "registry_not_running");
    EXPECT_EQ(find().error().kind, ErrorKind::registry);
    EXPECT_THAT(find().error().hint, HasSubstr("imprint registry serve --state"));
    where_.endpoint_url = "http://127.0.0.1:1";
    EXPECT_TRUE(find()) << "an address that was given is believed";

    // Under a run it may come back: it is waited for, and then named.
    auto options = access->options;
    options.retry_deadline = Milliseconds(0);
    aws::IotClient iot(aws::make_registry_client(), access->credentials, options, clock_);
    const auto lost = iot.describe_endpoint();
    EXPECT_EQ(code_of(lost), "registry_unreachable");
    EXPECT_THAT(lost.error().hint, HasSubstr("imprint registry serve --state"));
}

TEST_F(CloudTest, aws_needs_credentials_a_region_and_a_root_ca) {
    where_.provider = Provider::aws;
    EXPECT_EQ(code_of(find()), "no_credentials");
    variables = {{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}};
    EXPECT_EQ(code_of(find()), "no_region");
    variables["AWS_REGION"] = "eu-central-1";
    variables["AWS_CA_BUNDLE"] = "/etc/ca.pem";
    const auto root_ca = state() / "ca" / "root-ca.pem";
    auto access = find_registry(where_, root_ca, environment(), clock_.wall());
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_EQ(access->options.endpoint_url, "https://iot.eu-central-1.amazonaws.com");
    EXPECT_EQ(access->trust.ca_bundle, "/etc/ca.pem");
    variables["AWS_ENDPOINT_URL_IOT"] = "http://127.0.0.1:1";
    EXPECT_EQ(find_registry(where_, root_ca, environment(), clock_.wall())->options.endpoint_url,
              "http://127.0.0.1:1");
    where_.region = "us-east-2";
    EXPECT_EQ(find_registry(where_, root_ca, environment(), clock_.wall())->options.region,
              "us-east-2");
    EXPECT_EQ(code_of(find_registry(where_, home() / "none.pem", environment(), clock_.wall())),
              "root_ca_missing");
    write("not.pem", "not a certificate");
    EXPECT_THAT(
        find_registry(where_, home() / "not.pem", environment(), clock_.wall()).error().describe(),
        HasSubstr("not.pem"));
}

TEST_F(CloudTest, boards_get_the_root_cas_certificates_and_nothing_else_of_its_file) {
    auto other = pki::Authority::create("Other root", pki::KeyKind::ec_p256, days(300),
                                        clock_.wall() - days(400));
    const std::string own = find()->root_ca.pem;
    write("bundle.pem", "a comment\n" + own + "another\n" + other->certificate_pem());
    where_.provider = Provider::local;
    const auto find_bundle = [&] {
        return find_registry(where_, home() / "bundle.pem", environment(), clock_.wall());
    };
    auto access = find_bundle();
    ASSERT_TRUE(access) << access.error().describe();
    EXPECT_EQ(access->root_ca.pem, own + other->certificate_pem());
    EXPECT_THAT(access->root_ca.notes, ElementsAre(HasSubstr("\"CN=Other root\"")));
    EXPECT_THAT(look_at_cloud(*registry_, access->root_ca, all())->notes,
                Contains(HasSubstr("Other root")));
    Settings offline = all();
    offline.registry.data_endpoint = "broker.example";
    offline.credentials.root_ca = home() / "bundle.pem";
    EXPECT_THAT(facts_offline(offline, clock_.wall())->notes, Contains(HasSubstr("Other root")));
    EXPECT_EQ(facts_offline(offline, clock_.wall())->root_ca_pem, own + other->certificate_pem());
    write("bundle.pem", own + std::string(other->key_pem().reveal_text()));
    EXPECT_EQ(code_of(find_bundle()), "certificate_with_key");
    EXPECT_THAT(find_bundle().error().describe(), HasSubstr("credentials.root_ca"));
    // The local registry's own, too.
    write("lookalike/ca/root-ca.pem", own + std::string(other->key_pem().reveal_text()));
    where_.state = home() / "lookalike";
    EXPECT_EQ(code_of(find_root_ca(where_, {}, clock_.wall())), "certificate_with_key");
}

TEST_F(CloudTest, the_endpoint_is_taken_apart) {
    const auto facts = look();
    ASSERT_TRUE(facts) << facts.error().describe();
    EXPECT_EQ(facts->endpoint, "127.0.0.1");
    EXPECT_NE(facts->port, 0);
    EXPECT_THAT(facts->notes, IsEmpty());
}

TEST_F(CloudTest, looking_changes_nothing) {
    settings_.thing_type = "T";
    settings_.thing_groups = {"g"};
    ASSERT_TRUE(look());
    EXPECT_FALSE(iot_->describe_thing_type("T"));
    EXPECT_FALSE(iot_->describe_thing_group("g"));
    EXPECT_FALSE(iot_->get_policy(settings_.policy.name));
}

TEST_F(CloudTest, a_missing_policy_needs_a_document_that_is_well_formed) {
    settings_.policy.document = "";
    EXPECT_EQ(code_of(look()), "policy_missing");
    write("broken.json", "{");
    settings_.policy.document = home() / "broken.json";
    EXPECT_EQ(code_of(look()), "policy_document");
    EXPECT_EQ(look().error().kind, ErrorKind::config);
    write("broken.json", R"({"Statement":{"Effect":"Allow","Action":"iot:*"}})");
    EXPECT_EQ(code_of(look()), "policy_document");
    EXPECT_THAT(look().error().message, HasSubstr("a statement has no Resource"));
}

TEST_F(CloudTest, a_policy_as_wide_as_everything_on_everything_is_refused_unless_it_is_meant) {
    write("policy.json", wide);
    EXPECT_EQ(code_of(look()), "policy_wide");
    EXPECT_EQ(look().error().kind, ErrorKind::config);
    EXPECT_THAT(look().error().hint, HasSubstr("identity.policy.allow_wide"));
    EXPECT_EQ(code_of(ensure()), "policy_wide");
    EXPECT_FALSE(iot_->get_policy(settings_.policy.name));
    settings_.policy.allow_wide = true;
    EXPECT_THAT(look()->notes, ElementsAre(HasSubstr("may connect as any client")));
    ASSERT_TRUE(ensure());
    settings_.policy.allow_wide = false;
    write("policy.json", document);
    EXPECT_EQ(code_of(look()), "policy_wide") << "the one in the registry";
    EXPECT_EQ(look().error().kind, ErrorKind::registry);
    EXPECT_THAT(look().error().message, HasSubstr(settings_.policy.name));
}

// A thing's groups give their policies to its certificates as well.
TEST_F(CloudTest, the_policies_of_thing_groups_are_weighed_like_the_boards_own) {
    const auto attach = [&](const std::string& policy, const std::string& text,
                            const std::string& group) {
        ASSERT_TRUE(iot_->create_policy(policy, text));
        ASSERT_TRUE(iot_->attach_policy(policy, iot_->describe_thing_group(group)->arn));
    };
    settings_.thing_groups = {"plain", "lamps"};
    ASSERT_TRUE(ensure());
    attach("narrow", document, "plain");
    attach(settings_.policy.name + "-2", document, "lamps");
    EXPECT_THAT(look()->notes, IsEmpty());
    attach("everything", wide, "lamps");
    const auto refused = look();
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "policy_wide");
    EXPECT_EQ(refused.error().kind, ErrorKind::registry);
    EXPECT_THAT(refused.error().message,
                HasSubstr("policy \"everything\" of thing group \"lamps\""));
    settings_.policy.allow_wide = true;
    EXPECT_THAT(look()->notes, Contains(HasSubstr("may connect as any client")));
    settings_.policy.allow_wide = false;
    settings_.thing_groups = {"plain"};
    EXPECT_TRUE(look());
}

TEST_F(CloudTest, a_policy_for_another_region_or_partition_is_refused_before_the_first_board) {
    std::string other = document;
    const auto put = [&](const std::string& start) {
        other = replace_all(document, "arn:aws:iot:eu-west-1:000000000000:", start);
        write("policy.json", other);
    };
    put("arn:aws-cn:iot:cn-north-1:000000000000:");
    auto refused = look();
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "policy_elsewhere");
    EXPECT_EQ(refused.error().kind, ErrorKind::config);
    EXPECT_THAT(refused.error().describe(), HasSubstr("arn:aws:iot:eu-west-1:ACCOUNT:"));
    put("arn:aws:iot:us-east-1:*:");
    EXPECT_EQ(code_of(look()), "policy_elsewhere");
    EXPECT_EQ(code_of(ensure()), "policy_elsewhere");
    put("arn:aws:iot:eu-west-1:123456789012:");
    ASSERT_TRUE(ensure()) << "the account is not known before";
    refused = look();
    ASSERT_FALSE(refused);
    EXPECT_EQ(code_of(refused), "policy_elsewhere");
    EXPECT_EQ(refused.error().kind, ErrorKind::registry);
    EXPECT_THAT(refused.error().describe(), HasSubstr("arn:aws:iot:eu-west-1:000000000000:"));
}

TEST_F(CloudTest, what_is_wrong_with_a_policy_is_noted) {
    write(
        "policy.json",
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}})");
    EXPECT_THAT(look()->notes, ElementsAre(HasSubstr("any client id")));
    ASSERT_TRUE(ensure());
    EXPECT_THAT(look()->notes, ElementsAre(HasSubstr("any client id")));
}

TEST_F(CloudTest, a_policy_that_differs_is_noted_and_left_alone) {
    ASSERT_TRUE(ensure());
    EXPECT_THAT(look()->notes, IsEmpty());
    std::string other = document;
    other.replace(other.find("iot:Connect"), 11, "iot:Publish");
    write("policy.json", other);
    EXPECT_THAT(look()->notes, ElementsAre(HasSubstr("differs from")));
    ASSERT_TRUE(ensure());
    EXPECT_EQ(iot_->get_policy(settings_.policy.name)->document, document);
}

TEST_F(CloudTest, a_thing_that_is_not_called_as_its_client_id_is_noted) {
    settings_.thing_name = "sensor-{mac}";
    EXPECT_THAT(look()->notes, ElementsAre(HasSubstr("client id")));
}

TEST_F(CloudTest, a_deprecated_thing_type_is_refused_before_the_first_board) {
    settings_.thing_type = "T";
    ASSERT_TRUE(ensure());
    ASSERT_TRUE(look());
    deprecate_thing_type("T");
    EXPECT_EQ(code_of(look()), "thing_type_deprecated");
    EXPECT_EQ(code_of(ensure()), "thing_type_deprecated");
}

TEST_F(CloudTest, what_is_missing_is_made_and_once_is_enough) {
    settings_.thing_type = "T";
    settings_.thing_groups = {"g", "h"};
    for (int round = 0; round < 2; ++round)
        ASSERT_TRUE(ensure());
    EXPECT_TRUE(iot_->describe_thing_type("T"));
    EXPECT_TRUE(iot_->describe_thing_group("h"));
    EXPECT_EQ(iot_->get_policy(settings_.policy.name)->document, document);
}

TEST_F(CloudTest, a_deactivation_that_an_earlier_run_owes_is_settled) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    const auto made = iot_->create_certificate_from_csr(key->request("x"));
    ASSERT_TRUE(made);
    ASSERT_TRUE(iot_->update_certificate(made->id, registry::CertificateStatus::active));
    const MacAddress mac = *parse_mac("246f28aabbcc");
    const auto owe = [&](const std::string& id) {
        const auto ledger = *ledger::open_ledger(home() / "ledger.sqlite", clock_);
        const auto run = ledger->begin_run({.version = "1",
                                            .lot = "lot",
                                            .endpoint = "host",
                                            .firmware = "abc",
                                            .firmware_commit = ""});
        const auto attempt = ledger->begin_attempt(*run, "bay0");
        ASSERT_TRUE(ledger->identified(*attempt, mac, "esp32", mac.id()));
        const auto row = ledger->certificate_requested(*attempt, key->public_pem(), "p");
        ASSERT_TRUE(ledger->certificate_issued(*row, id, {}));
        ASSERT_TRUE(ledger->certificate_state(*row, ledger::CertificateState::active));
        ASSERT_TRUE(ledger->owe_deactivation({*row, *attempt}));
        ASSERT_TRUE(ledger->end_attempt(*attempt, ledger::Outcome::failed, "x", "y"));
    };
    owe(made->id);
    owe(std::string(64, 'a'));  // one that is not there
    ASSERT_TRUE(ensure());
    EXPECT_EQ(iot_->describe_certificate(made->id)->status, registry::CertificateStatus::inactive);
    const auto ledger = *ledger::open_ledger(home() / "ledger.sqlite", clock_);
    // What is not there may be in another registry, or come yet: it stays owed.
    const auto owed = ledger->owed_deactivations().value();
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_EQ(owed.front().id, std::string(64, 'a'));
    EXPECT_EQ(ledger->certificates(mac)->front().state, ledger::CertificateState::inactive);
}

}  // namespace
}  // namespace imprint::station
