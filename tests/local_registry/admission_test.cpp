#include "local_registry/plugin/admission.h"

#include <gmock/gmock.h>

#include "local_registry/plugin/admission_store.h"
#include "local_registry/plugin/sessions.h"
#include "local_registry/registry_fixture.h"

namespace imprint::local_registry {
namespace {

constexpr std::string_view start = "arn:aws:iot:eu-west-1:000000000000:";

// A thing's client may connect as itself and use its own topics; all may hear and ask for "all/".
constexpr std::string_view own_topics = R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iot:Connect",
     "Resource":"arn:aws:iot:*:*:client/${iot:Connection.Thing.ThingName}"},
    {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],
     "Resource":"arn:aws:iot:*:*:topic/dt/${iot:Connection.Thing.ThingName}/*"},
    {"Effect":"Allow","Action":"iot:RetainPublish",
     "Resource":"arn:aws:iot:*:*:topic/dt/${iot:Connection.Thing.ThingName}/state"},
    {"Effect":"Allow","Action":"iot:Subscribe",
     "Resource":["arn:aws:iot:*:*:topicfilter/dt/${iot:Connection.Thing.ThingName}/*",
                 "arn:aws:iot:*:*:topicfilter/all/#"]}]})";

Client client(std::string id, std::string certificate = "c0ffee") {
    return {.id = std::move(id),
            .certificate = std::move(certificate),
            .address = "127.0.0.1",
            .certificate_names = {}};
}

CertificateFacts facts_of(const std::string& thing, std::string_view document = own_topics) {
    CertificateFacts facts{.status = "ACTIVE", .thing = {}, .policies = {}, .fault = {}};
    if (!thing.empty()) facts.thing = policy::Thing{.name = thing, .type = "", .attributes = {}};
    auto parsed = policy::parse(document);
    EXPECT_TRUE(parsed) << parsed.error();
    facts.policies.push_back({.name = "p", .document = parsed.value_or(policy::Document{})});
    return facts;
}

TEST(AdmissionTest, the_policies_decide_who_connects_as_whom) {
    EXPECT_TRUE(admit_connect(facts_of("a"), client("a"), start).admitted);
    EXPECT_FALSE(admit_connect(facts_of(""), client("a"), start).admitted);
    EXPECT_TRUE(admit_connect(facts_of("", allow_all), client("whoever"), start).admitted)
        << "a wide policy is as wide as it is with AWS IoT";
}

TEST(AdmissionTest, everything_else_is_refused_with_its_reason) {
    const auto reason = [](const std::optional<CertificateFacts>& facts, const Client& who) {
        const Verdict verdict = admit_connect(facts, who, start);
        EXPECT_FALSE(verdict.admitted);
        return verdict.reason;
    };
    EXPECT_EQ(reason(std::nullopt, client("a")), "the certificate is not registered");
    EXPECT_THAT(reason(facts_of(""), client("b")),
                testing::HasSubstr("iot:Connection.Thing.ThingName has no value here"));
    EXPECT_EQ(reason(facts_of("a", allow_all), client("")), "it has no client id");
    CertificateFacts facts = facts_of("a");
    facts.status = "INACTIVE";
    EXPECT_EQ(reason(facts, client("a")), "the certificate is INACTIVE");
    facts = facts_of("a");
    facts.policies.clear();
    EXPECT_EQ(reason(facts, client("a")), "the certificate has no policy");
    facts = facts_of("a", allow_all);
    facts.fault = "policy q cannot be read: it is not a JSON object";
    EXPECT_EQ(reason(facts, client("a")), facts.fault) << "it might deny";
}

TEST(AdmissionTest, topics_and_filters_are_what_the_policies_say) {
    const CertificateFacts facts = facts_of("a");
    const auto may = [&](Access access, const char* topic, bool retain = false) {
        return admit_use(facts, client("a"), {.access = access, .topic = topic, .retain = retain},
                         start)
            .admitted;
    };
    EXPECT_TRUE(may(Access::publish, "dt/a/x"));
    EXPECT_FALSE(may(Access::publish, "dt/ab/x"));
    EXPECT_FALSE(may(Access::publish, "all/x"));
    EXPECT_FALSE(may(Access::publish, "dt/a/x", true)) << "needs iot:RetainPublish too";
    EXPECT_TRUE(may(Access::publish, "dt/a/state", true));
    EXPECT_TRUE(may(Access::subscribe, "dt/a/#"));
    EXPECT_TRUE(may(Access::subscribe, "all/#"));
    EXPECT_FALSE(may(Access::subscribe, "all/x")) << "# is a plain character of a policy";
    EXPECT_FALSE(may(Access::subscribe, "#"));
    EXPECT_FALSE(may(Access::subscribe, "dt/+/x"));
    EXPECT_TRUE(may(Access::receive, "dt/a/x"));
    EXPECT_FALSE(may(Access::receive, "all/x"));
}

// AWS General Reference, "AWS IoT Core message broker and protocol limits and quotas".
TEST(AdmissionTest, what_aws_iot_never_takes_is_refused_whatever_the_policies_say) {
    const CertificateFacts facts = facts_of("a", allow_all);
    const auto reason = [&](Access access, const std::string& topic) {
        return admit_use(facts, client("a"), {.access = access, .topic = topic, .retain = false},
                         start)
            .reason;
    };
    for (const Access access : {Access::publish, Access::subscribe}) {
        EXPECT_THAT(reason(access, "1/2/3/4/5/6/7/8/9"), testing::HasSubstr("it has 8 slashes"));
        EXPECT_THAT(reason(access, std::string(257, 'x')), testing::HasSubstr("it has 257 bytes"));
        EXPECT_THAT(reason(access, "$SYS/x"), testing::HasSubstr("begin with $"));
        EXPECT_THAT(reason(access, "$other/x"), testing::HasSubstr("begin with $"));
    }
    EXPECT_THAT(reason(Access::publish, "$share/g/x"), testing::HasSubstr("begin with $"));
    const auto may = [&](Access access, const std::string& topic) {
        return admit_use(facts, client("a"), {.access = access, .topic = topic, .retain = false},
                         start)
            .admitted;
    };
    for (const Access access : {Access::publish, Access::subscribe, Access::receive})
        for (const std::string& topic : {std::string("1/2/3/4/5/6/7/8"), std::string(256, 'x'),
                                         std::string("$aws/things/a/shadow/name/n/update/delta")})
            EXPECT_TRUE(may(access, topic)) << topic;
    EXPECT_TRUE(may(Access::subscribe, "$share/g/1/2/3/4/5/6/7/8"));
    EXPECT_TRUE(may(Access::publish, "$aws/rules/r/1/2/3/4/5/6/7/8"));
    EXPECT_FALSE(may(Access::publish, "$aws/rules/r/1/2/3/4/5/6/7/8/9"));
}

class SessionsTest : public RegistryTest {
  protected:
    // A thing with an active certificate and a policy.
    std::string board(const std::string& thing) {
        const std::string arn = certificate(true);
        ok("POST", "/things/" + thing);
        ok("PUT", "/things/" + thing + "/principals", nullptr, principal(arn));
        if (!call("GET", "/policies/p"))
            ok("POST", "/policies/p", {{"policyDocument", own_topics}});
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
        for (const auto& expulsion : *gone)
            text += fmt::format("{}: {}\n", expulsion.client_id, expulsion.reason);
        return text;
    }

    static Sessions::Handle handle(const int& connection) { return &connection; }

    bool connects(const int& connection, const std::string& id, const std::string& arn) {
        const auto verdict = sessions_.connect(handle(connection), client(id, id_of(arn)));
        EXPECT_TRUE(verdict) << verdict.error().describe();
        return verdict && verdict->admitted;
    }

    bool may_use(const int& connection, Access access, const std::string& topic) {
        const auto answer =
            sessions_.use(handle(connection), {.access = access, .topic = topic, .retain = false});
        EXPECT_TRUE(answer) << answer.error().describe();
        return answer && answer->verdict.admitted;
    }

    std::vector<std::string> policies_of(const std::string& arn, const std::string& client_id) {
        sqlite::Database database = open_registry();
        const auto facts = read_facts(database, id_of(arn), client_id);
        EXPECT_TRUE(facts && *facts);
        std::vector<std::string> texts;
        for (const auto& attached : (*facts)->policies)
            texts.push_back(
                fmt::format("{} {}", attached.name,
                            policy::to_string(attached.document.statements.front().effect)));
        return texts;
    }

    Sessions sessions_{open_registry(), std::string(start)};
    int one_ = 0;
    int two_ = 0;
};

TEST_F(SessionsTest, facts_are_the_registrys) {
    sqlite::Database database = open_registry();
    const std::string arn = board("a");
    ok("PATCH", "/things/a", {{"attributePayload", {{"attributes", {{"line", "7"}}}}}});
    const auto facts = read_facts(database, id_of(arn), "a");
    ASSERT_TRUE(facts && *facts);
    EXPECT_EQ((*facts)->status, "ACTIVE");
    ASSERT_TRUE((*facts)->thing);
    EXPECT_EQ((*facts)->thing->name, "a");
    EXPECT_EQ((*facts)->thing->attributes.at("line"), "7");
    EXPECT_EQ((*facts)->policies.size(), 1);
    ok("POST", "/things/b");
    EXPECT_FALSE((*read_facts(database, id_of(arn), "b"))->thing) << "it is not attached to b";
    EXPECT_FALSE(*read_facts(database, std::string(64, 'a'), "a"));
}

// Developer guide, "Associating an AWS IoT thing to an MQTT client connection".
TEST_F(SessionsTest, an_exclusive_thing_counts_for_any_client_id) {
    const std::string arn = board("a");
    EXPECT_FALSE(connects(one_, "another", arn));
    ok("PUT", "/things/a/principals?thingPrincipalType=EXCLUSIVE_THING", nullptr, principal(arn));
    ok("POST", "/thing-groups/g");
    ok("PUT", "/thing-groups/addThingToThingGroup", {{"thingGroupName", "g"}, {"thingName", "a"}});
    policy("of-group");
    ok("PUT", "/target-policies/of-group",
       {{"target", "arn:aws:iot:eu-west-1:000000000000:thinggroup/g"}});
    sqlite::Database database = open_registry();
    const auto facts = read_facts(database, id_of(arn), "another");
    ASSERT_TRUE(facts && *facts && (*facts)->thing);
    EXPECT_EQ((*facts)->thing->name, "a");
    EXPECT_THAT(policies_of(arn, "another"), testing::Contains("of-group Allow"));
}

TEST_F(SessionsTest, a_document_that_cannot_be_read_refuses_everything) {
    const std::string arn = board("a");
    auto writer =
        sqlite::Database::open(folder_->path() / "registry.sqlite", {.kind = ErrorKind::registry});
    ASSERT_TRUE(writer->run("UPDATE policy_version SET document = '{'"));
    EXPECT_FALSE(connects(one_, "a", arn));
}

TEST_F(SessionsTest, a_policy_of_the_things_groups_counts_in_its_default_version) {
    const std::string arn = certificate(true);
    ok("POST", "/things/a");
    ok("PUT", "/things/a/principals", nullptr, principal(arn));
    ok("POST", "/thing-groups/root");
    ok("POST", "/thing-groups/leaf", {{"parentGroupName", "root"}});
    ok("PUT", "/thing-groups/addThingToThingGroup",
       {{"thingGroupName", "leaf"}, {"thingName", "a"}});
    EXPECT_THAT(policies_of(arn, "a"), testing::IsEmpty());
    policy("p");
    ok("PUT", "/target-policies/p",
       {{"target", "arn:aws:iot:eu-west-1:000000000000:thinggroup/root"}});
    constexpr const char* newer =
        R"({"Statement":{"Effect":"Deny","Action":"iot:*","Resource":"*"}})";
    ok("POST", "/policies/p/version", {{"policyDocument", newer}});
    EXPECT_THAT(policies_of(arn, "a"), testing::ElementsAre("p Allow"));
    EXPECT_THAT(policies_of(arn, "b"), testing::IsEmpty()) << "the client id is not the thing's";
    ok("PATCH", "/policies/p/version/2");
    EXPECT_THAT(policies_of(arn, "a"), testing::ElementsAre("p Deny"));
}

TEST_F(SessionsTest, an_admitted_client_uses_its_topics_until_it_leaves) {
    const std::string arn = board("a");
    EXPECT_TRUE(connects(one_, "a", arn));
    EXPECT_TRUE(may_use(one_, Access::publish, "dt/a/x"));
    EXPECT_FALSE(may_use(two_, Access::publish, "dt/a/x"));
    sessions_.disconnect(handle(one_));
    EXPECT_TRUE(may_use(one_, Access::publish, "dt/a/will"));
    EXPECT_FALSE(may_use(one_, Access::publish, "dt/b/will"));
    EXPECT_EQ(expelled(), "");
    EXPECT_FALSE(may_use(one_, Access::publish, "dt/a/x"));
}

TEST_F(SessionsTest, a_session_that_outlives_its_connection_goes_on_receiving) {
    const std::string arn = board("a");
    ASSERT_TRUE(connects(one_, "a", arn));
    sessions_.disconnect(handle(one_), true);
    EXPECT_EQ(expelled(), "");
    EXPECT_TRUE(may_use(one_, Access::receive, "dt/a/x"));
    EXPECT_TRUE(connects(two_, "a", arn));
    EXPECT_EQ(expelled(), "");
    EXPECT_FALSE(may_use(one_, Access::receive, "dt/a/x"));
    EXPECT_TRUE(may_use(two_, Access::receive, "dt/a/x"));
}

TEST_F(SessionsTest, who_publishes_or_subscribes_elsewhere_is_expelled_once) {
    const std::string arn = board("a");
    for (const Access access : {Access::publish, Access::subscribe}) {
        ASSERT_TRUE(connects(one_, "a", arn));
        EXPECT_FALSE(may_use(one_, access, "dt/b/x"));
        EXPECT_FALSE(may_use(one_, Access::publish, "dt/a/x")) << "it is on its way out";
        EXPECT_THAT(expelled(), testing::StartsWith("a: no statement allows iot:"));
        EXPECT_EQ(expelled(), "");
        sessions_.disconnect(handle(one_));
        EXPECT_TRUE(may_use(one_, Access::publish, "dt/a/will"));
        EXPECT_EQ(expelled(), "");
    }
}

TEST_F(SessionsTest, a_message_that_a_client_may_not_receive_is_withheld_and_told_once) {
    const std::string arn = board("a");
    ASSERT_TRUE(connects(one_, "a", arn));
    const Use use{.access = Access::receive, .topic = "all/x", .retain = false};
    EXPECT_TRUE(sessions_.use(handle(one_), use)->tell);
    EXPECT_FALSE(sessions_.use(handle(one_), use)->tell);
    EXPECT_EQ(expelled(), "");
    EXPECT_TRUE(may_use(one_, Access::receive, "dt/a/x"));
}

TEST_F(SessionsTest, a_changed_policy_counts_for_the_next_message) {
    const std::string arn = board("a");
    ASSERT_TRUE(connects(one_, "a", arn));
    ASSERT_TRUE(may_use(one_, Access::receive, "dt/a/x"));
    ok("POST", "/policies/p/version?setAsDefault=true",
       {{"policyDocument",
         R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}})"}});
    EXPECT_FALSE(may_use(one_, Access::receive, "dt/a/x"));
    EXPECT_EQ(expelled(), "") << "it may still be connected";
}

TEST_F(SessionsTest, a_deactivated_certificates_client_is_expelled_once_and_the_others_stay) {
    const std::string first = board("a");
    const std::string second = board("b");
    ASSERT_TRUE(connects(one_, "a", first));
    ASSERT_TRUE(connects(two_, "b", second));
    EXPECT_EQ(expelled(), "");
    ok("PUT", "/certificates/" + id_of(first) + "?newStatus=INACTIVE");
    EXPECT_FALSE(may_use(one_, Access::publish, "dt/a/x")) << "at once";
    EXPECT_EQ(expelled(), "a: the certificate is INACTIVE\n");
    EXPECT_EQ(expelled(), "");
    sessions_.disconnect(handle(one_));
    EXPECT_FALSE(may_use(one_, Access::publish, "dt/a/x")) << "not even a will";
    EXPECT_TRUE(may_use(two_, Access::publish, "dt/b/x"));
}

TEST_F(SessionsTest, losing_thing_policy_or_registration_expels_too) {
    const std::string a = board("a");
    const std::string b = board("b");
    ASSERT_TRUE(connects(one_, "a", a));
    ASSERT_TRUE(connects(two_, "b", b));
    ok("DELETE", "/things/a/principals", nullptr, principal(a));
    EXPECT_THAT(expelled(), testing::StartsWith("a: no statement allows iot:Connect on client/a"));
    ok("POST", "/target-policies/p", {{"target", b}});
    EXPECT_EQ(expelled(), "b: the certificate has no policy\n");
}

TEST_F(SessionsTest, a_client_id_belongs_to_its_latest_connection) {
    const std::string old_one = board("a");
    const std::string new_one = certificate(true);
    ok("PUT", "/things/a/principals", nullptr, principal(new_one));
    ok("PUT", "/target-policies/p", {{"target", new_one}});
    ASSERT_TRUE(connects(one_, "a", old_one));
    ASSERT_TRUE(connects(two_, "a", new_one));
    sessions_.disconnect(handle(one_));
    EXPECT_TRUE(may_use(two_, Access::publish, "dt/a/x"));
    ok("PUT", "/certificates/" + id_of(old_one) + "?newStatus=INACTIVE");
    EXPECT_EQ(expelled(), "");
}

}  // namespace
}  // namespace imprint::local_registry
