#include "local_registry/plugin/reserved_topics.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace imprint::local_registry {
namespace {

using nlohmann::json;

constexpr WallTime now = std::chrono::sys_days{std::chrono::year{2026} / 7 / 14};

TEST(ReservedTopics, an_absent_service_answers_where_and_how_aws_iot_would) {
    struct Row {
        const char* topic;
        const char* answer;
        json body;
    };

    for (const Row& row : {
             Row{"$aws/things/a/streams/s/get/json",
                 "$aws/things/a/streams/s/rejected/json",
                 {{"o", "ResourceNotFound"},
                  {"m", "streams are not served by the local registry"}}},
             Row{"$aws/provisioning-templates/n/provision/json",
                 "$aws/provisioning-templates/n/provision/json/rejected",
                 {{"statusCode", 404},
                  {"errorCode", "ResourceNotFound"},
                  {"errorMessage",
                   "fleet provisioning by claim is not served by the local registry"}}},
         }) {
        const auto answer = unserved(row.topic, R"({"clientToken":"t"})", now);
        ASSERT_TRUE(answer) << row.topic;
        EXPECT_EQ(answer->topic, row.answer);
        EXPECT_EQ(json::parse(answer->payload, nullptr, false), row.body) << row.topic;
    }
    const auto packed = unserved("$aws/certificates/create/cbor", "\xa0", now);
    ASSERT_TRUE(packed);
    EXPECT_EQ(packed->topic, "$aws/certificates/create/cbor/rejected");
    EXPECT_EQ(json::from_cbor(packed->payload)["statusCode"], 404);
}

TEST(ReservedTopics, what_is_no_question_gets_no_answer) {
    for (const char* topic :
         {"a/b", "$aws/things/a/shadow/get/accepted", "$aws/things/a/shadow/get/rejected",
          "$aws/things//shadow/get", "$aws/things/a/shadow", "$aws/things/a/shadow/name/get",
          "$aws/things/a/jobs/notify", "$aws/things/a/jobs/one/get/accepted",
          "$aws/events/presence/connected/a", "$aws"})
        EXPECT_FALSE(unserved(topic, "", now)) << topic;
    for (const char* topic : {"$aws/rules/r/x", "$aws/things/a/defender/metrics/json"}) {
        const auto silent = unserved(topic, "", now);
        ASSERT_TRUE(silent) << topic;
        EXPECT_EQ(silent->topic, "");
    }
    const Unserved broken = overloaded("$aws/things/a/jobs/get", "{\"clientToken\":", now);
    EXPECT_FALSE(json::parse(broken.payload).contains("clientToken"));
    EXPECT_EQ(json::parse(broken.payload)["code"], "RequestThrottled");
}

TEST(ReservedTopics, what_the_registry_answers_is_passed_on_or_refused_when_too_many_wait) {
    for (const char* topic :
         {"$aws/things/a/shadow/get", "$aws/things/a/shadow/update", "$aws/things/a/shadow/delete",
          "$aws/things/a/shadow/name/n/get", "$aws/things/a/shadow/name/n/update"}) {
        EXPECT_TRUE(is_served(topic)) << topic;
        EXPECT_FALSE(unserved(topic, "", now)) << topic;
        const Unserved told = overloaded(topic, R"({"clientToken":"t"})", now);
        EXPECT_EQ(told.topic, std::string(topic) + "/rejected");
        EXPECT_EQ(json::parse(told.payload),
                  json({{"code", 429},
                        {"message", "Too many requests wait for an answer"},
                        {"timestamp", 1783987200},
                        {"clientToken", "t"}}));
    }
    for (const char* topic :
         {"$aws/things/a/jobs/get", "$aws/things/a/jobs/start-next", "$aws/things/a/jobs/one/get",
          "$aws/things/a/jobs/$next/get", "$aws/things/a/jobs/one/update"})
        EXPECT_TRUE(is_served(topic)) << topic;
    for (const char* topic : {"a/b", "$aws/things/a/shadow/get/accepted", "$aws/rules/r/x",
                              "$aws/things/a/shadow/name//get", "$aws/certificates/create/json"})
        EXPECT_FALSE(is_served(topic)) << topic;
}

}  // namespace
}  // namespace imprint::local_registry
