#include "local_registry/plugin/admission.h"

#include <gmock/gmock.h>

#include "local_registry/plugin/admission_store.h"
#include "local_registry/plugin/sessions.h"
#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

TEST(AdmissionTest, an_active_certificate_with_a_policy_is_admitted_as_its_thing) {
    const CertificateFacts good{.status = "ACTIVE", .things = {"a", "b"}, .policies = {"{}"}};
    EXPECT_TRUE(admit_connect(good, "a").admitted);
    EXPECT_TRUE(admit_connect(good, "b").admitted);
}

TEST(AdmissionTest, everything_else_is_refused_with_its_reason) {
    const CertificateFacts good{.status = "ACTIVE", .things = {"a"}, .policies = {"{}"}};
    const auto reason = [](const std::optional<CertificateFacts>& facts, std::string_view client) {
        const Verdict verdict = admit_connect(facts, client);
        EXPECT_FALSE(verdict.admitted);
        return verdict.reason;
    };
    EXPECT_EQ(reason(std::nullopt, "a"), "the certificate is not registered");
    EXPECT_THAT(reason(good, "c"), testing::HasSubstr("not attached to a thing"));
    EXPECT_THAT(reason(good, ""), testing::HasSubstr("not attached to a thing"));
    CertificateFacts facts = good;
    facts.status = "INACTIVE";
    EXPECT_EQ(reason(facts, "a"), "the certificate is INACTIVE");
    facts = good;
    facts.policies.clear();
    EXPECT_EQ(reason(facts, "a"), "the certificate has no policy");
    facts = good;
    facts.things.clear();
    EXPECT_THAT(reason(facts, "a"), testing::HasSubstr("not attached to a thing"));
}

class SessionsTest : public RegistryTest {
  protected:
    // A thing with an active certificate and a policy.
    std::string board(const std::string& thing) {
        const std::string arn = certificate(true);
        ok("POST", "/things/" + thing);
        ok("PUT", "/things/" + thing + "/principals", nullptr, principal(arn));
        if (!call("GET", "/policies/p")) policy("p");
        ok("PUT", "/target-policies/p", {{"target", arn}});
        return arn;
    }

    sqlite::Database open_registry() {
        auto database = sqlite::Database::open(
            folder_->path() / "registry.sqlite",
            {.kind = ErrorKind::registry, .access = sqlite::Access::read_only});
        EXPECT_TRUE(database) << database.error().describe();
        return std::move(*database);
    }

    std::string expelled() {
        const auto gone = sessions_.expel();
        EXPECT_TRUE(gone);
        std::string text;
        for (const auto& [client_id, reason] : *gone)
            text += fmt::format("{}: {}\n", client_id, reason);
        return text;
    }

    static Sessions::Handle handle(const int& connection) { return &connection; }

    Sessions sessions_{open_registry()};
    int one_ = 0;
    int two_ = 0;
};

TEST_F(SessionsTest, facts_are_the_registrys) {
    sqlite::Database database = open_registry();
    const std::string arn = board("a");
    const auto facts = read_facts(database, id_of(arn));
    ASSERT_TRUE(facts && *facts);
    EXPECT_EQ((*facts)->status, "ACTIVE");
    EXPECT_THAT((*facts)->things, testing::ElementsAre("a"));
    EXPECT_THAT((*facts)->policies, testing::ElementsAre(allow_all));
    EXPECT_EQ(*read_facts(database, std::string(64, 'a')), std::nullopt);
}

TEST_F(SessionsTest, a_policy_of_the_things_groups_counts_in_its_default_version) {
    sqlite::Database database = open_registry();
    const std::string arn = certificate(true);
    ok("POST", "/things/a");
    ok("PUT", "/things/a/principals", nullptr, principal(arn));
    ok("POST", "/thing-groups/root");
    ok("POST", "/thing-groups/leaf", {{"parentGroupName", "root"}});
    ok("PUT", "/thing-groups/addThingToThingGroup",
       {{"thingGroupName", "leaf"}, {"thingName", "a"}});
    EXPECT_TRUE((*read_facts(database, id_of(arn)))->policies.empty());
    policy("p");
    ok("PUT", "/target-policies/p",
       {{"target", "arn:aws:iot:eu-west-1:000000000000:thinggroup/root"}});
    constexpr const char* newer =
        R"({"Statement":{"Effect":"Deny","Action":"iot:*","Resource":"*"}})";
    ok("POST", "/policies/p/version", {{"policyDocument", newer}});
    EXPECT_THAT((*read_facts(database, id_of(arn)))->policies, testing::ElementsAre(allow_all));
    ok("PATCH", "/policies/p/version/2");
    EXPECT_THAT((*read_facts(database, id_of(arn)))->policies, testing::ElementsAre(newer));
}

TEST_F(SessionsTest, an_admitted_client_stays_until_it_leaves) {
    const std::string arn = board("a");
    EXPECT_TRUE(sessions_.connect(handle(one_), "a", id_of(arn))->admitted);
    EXPECT_TRUE(sessions_.is_admitted(handle(one_)));
    EXPECT_FALSE(sessions_.is_admitted(handle(two_)));
    sessions_.disconnect(handle(one_));
    EXPECT_FALSE(sessions_.is_admitted(handle(one_)));
}

TEST_F(SessionsTest, a_deactivated_certificates_client_is_expelled_once_and_the_others_stay) {
    const std::string first = board("a");
    const std::string second = board("b");
    ASSERT_TRUE(sessions_.connect(handle(one_), "a", id_of(first))->admitted);
    ASSERT_TRUE(sessions_.connect(handle(two_), "b", id_of(second))->admitted);
    EXPECT_EQ(expelled(), "");
    ok("PUT", "/certificates/" + id_of(first) + "?newStatus=INACTIVE");
    EXPECT_EQ(expelled(), "a: the certificate is INACTIVE\n");
    EXPECT_EQ(expelled(), "");
    EXPECT_FALSE(sessions_.is_admitted(handle(one_)));
    EXPECT_TRUE(sessions_.is_admitted(handle(two_)));
}

TEST_F(SessionsTest, losing_thing_policy_or_registration_expels_too) {
    const std::string a = board("a");
    const std::string b = board("b");
    ASSERT_TRUE(sessions_.connect(handle(one_), "a", id_of(a))->admitted);
    ASSERT_TRUE(sessions_.connect(handle(two_), "b", id_of(b))->admitted);
    ok("DELETE", "/things/a/principals", nullptr, principal(a));
    EXPECT_THAT(expelled(), testing::HasSubstr("a: the certificate is not attached"));
    ok("POST", "/target-policies/p", {{"target", b}});
    EXPECT_EQ(expelled(), "b: the certificate has no policy\n");
}

TEST_F(SessionsTest, a_client_id_belongs_to_its_latest_connection) {
    const std::string old_one = board("a");
    const std::string new_one = certificate(true);
    ok("PUT", "/things/a/principals", nullptr, principal(new_one));
    ok("PUT", "/target-policies/p", {{"target", new_one}});
    ASSERT_TRUE(sessions_.connect(handle(one_), "a", id_of(old_one))->admitted);
    ASSERT_TRUE(sessions_.connect(handle(two_), "a", id_of(new_one))->admitted);
    sessions_.disconnect(handle(one_));
    EXPECT_TRUE(sessions_.is_admitted(handle(two_)));
    ok("PUT", "/certificates/" + id_of(old_one) + "?newStatus=INACTIVE");
    EXPECT_EQ(expelled(), "");
}

}  // namespace
}  // namespace imprint::local_registry
