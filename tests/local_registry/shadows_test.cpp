// The shadow service on the store: over HTTPS' operations and over MQTT's topics, and what each
// tells the other.
#include "local_registry/operations/shadows.h"

#include <gmock/gmock.h>

#include "local_registry/operations/device_questions.h"
#include "local_registry/registry_fixture.h"
#include "local_registry/store/shadows.h"

namespace imprint::local_registry {
namespace {

class ShadowsTest : public RegistryTest {
  protected:
    json done(const std::string& method, const std::string& target, const json& body = nullptr) {
        auto output = data_call(method, target, body.is_null() ? "" : body.dump());
        EXPECT_TRUE(output) << method << " " << target << ": " << output.error().message;
        return output.value_or(json::object());
    }

    // "<status> <name>: <message>"
    std::string refusal(const std::string& method, const std::string& target,
                        const std::string& payload = {}) {
        const auto output = data_call(method, target, payload);
        EXPECT_FALSE(output) << method << " " << target;
        if (output) return {};
        return fmt::format("{} {}: {}", output.error().status, output.error().name,
                           output.error().message);
    }

    void ask(const std::string& topic, const std::string& payload = {}) {
        operations::answer_device(context(), topic, payload);
    }

    std::vector<std::string> topics() {
        std::vector<std::string> all;
        for (const auto& one : published())
            all.push_back(one.topic);
        return all;
    }
};

json desired(const json& state) {
    return {{"state", {{"desired", state}}}};
}

TEST_F(ShadowsTest, an_update_over_https_is_told_over_mqtt) {
    const json accepted = done("POST", "/things/board/shadow", desired({{"led", "on"}}));
    EXPECT_EQ(accepted["version"], 1);
    EXPECT_EQ(accepted["timestamp"], context().now() / 1000);
    const auto told = published();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0].topic, "$aws/things/board/shadow/update/accepted");
    EXPECT_EQ(json::parse(told[0].payload), accepted);
    EXPECT_EQ(told[1].topic, "$aws/things/board/shadow/update/delta");
    EXPECT_EQ(json::parse(told[1].payload)["state"], json({{"led", "on"}}));
    EXPECT_EQ(told[2].topic, "$aws/things/board/shadow/update/documents");
    EXPECT_EQ(told[2].qos, 1);
    const json seen = done("GET", "/things/board/shadow");
    EXPECT_EQ(seen["state"]["delta"], json({{"led", "on"}}));
    EXPECT_THAT(topics(), testing::IsEmpty()) << "what was asked over HTTPS, is answered there";
    done("POST", "/things/board/shadow", {{"state", {{"reported", {{"led", "on"}}}}}});
    EXPECT_THAT(topics(), testing::ElementsAre("$aws/things/board/shadow/update/accepted",
                                               "$aws/things/board/shadow/update/documents"))
        << "without a difference, there is no delta";
}

TEST_F(ShadowsTest, the_same_over_mqtt_is_seen_over_https) {
    ask("$aws/things/board/shadow/name/credentials/update",
        R"({"state":{"reported":{"csr":"x"}},"clientToken":"t"})");
    const auto told = published();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].topic, "$aws/things/board/shadow/name/credentials/update/accepted");
    EXPECT_EQ(json::parse(told[0].payload)["clientToken"], "t");
    EXPECT_EQ(done("GET", "/things/board/shadow?name=credentials")["state"],
              json::parse(R"({"reported":{"csr":"x"}})"));
    EXPECT_EQ(refusal("GET", "/things/board/shadow"),
              "404 ResourceNotFoundException: No shadow exists with name: 'board'");
    ask("$aws/things/board/shadow/name/credentials/get");
    const auto answer = published();
    ASSERT_EQ(answer.size(), 1U);
    EXPECT_EQ(answer[0].topic, "$aws/things/board/shadow/name/credentials/get/accepted");
    EXPECT_EQ(json::parse(answer[0].payload)["version"], 1);
    ask("$aws/things/board/shadow/name/credentials/delete");
    EXPECT_THAT(topics(),
                testing::ElementsAre("$aws/things/board/shadow/name/credentials/delete/accepted"));
    EXPECT_EQ(refusal("GET", "/things/board/shadow?name=credentials"),
              "404 ResourceNotFoundException: No shadow exists with name: 'credentials'");
}

TEST_F(ShadowsTest, what_cannot_be_is_rejected_over_mqtt_and_never_met_with_silence) {
    struct Row {
        const char* topic;
        const char* payload;
        int code;
    };

    for (const Row& row : {
             Row{"$aws/things/board/shadow/get", "", 404},
             Row{"$aws/things/board/shadow/delete", "", 404},
             Row{"$aws/things/board/shadow/update", "", 400},
             Row{"$aws/things/board/shadow/update", R"({"state":{},"version":7})", 409},
             Row{"$aws/things/board/shadow/update", "\xff", 415},
             Row{"$aws/things/a b/shadow/update", R"({"state":{}})", 400},
             Row{"$aws/things/board/shadow/name/a.b/update", R"({"state":{}})", 400},
             Row{"$aws/things/board/shadow/name/a.b/get", "", 400},
             Row{"$aws/things/board/shadow/name/a.b/delete", "", 400},
         }) {
        ask(row.topic, row.payload);
        const auto told = published();
        ASSERT_EQ(told.size(), 1U) << row.topic;
        EXPECT_EQ(told[0].topic, std::string(row.topic) + "/rejected");
        EXPECT_EQ(json::parse(told[0].payload)["code"], row.code) << told[0].payload;
    }
    ask("$aws/things/board/shadow/update/accepted", "{}");
    ask("a/b", "{}");
    EXPECT_THAT(topics(), testing::IsEmpty()) << "no questions";
}

TEST_F(ShadowsTest, refusals_have_the_models_names_and_are_told_to_nobody_else) {
    EXPECT_EQ(refusal("POST", "/things/board/shadow", "x"),
              "400 InvalidRequestException: Invalid JSON");
    EXPECT_EQ(refusal("POST", "/things/board/shadow", "\xff"),
              "415 UnsupportedDocumentEncodingException: Unsupported documented encoding; "
              "supported encoding is UTF-8");
    EXPECT_EQ(refusal("POST", "/things/board/shadow", R"({"state":{},"version":3})"),
              "409 ConflictException: Version conflict");
    EXPECT_EQ(
        refusal("POST", "/things/board/shadow", desired({{"a", std::string(9000, 'x')}}).dump()),
        "413 RequestEntityTooLargeException: The payload exceeds the maximum size allowed");
    EXPECT_EQ(refusal("DELETE", "/things/board/shadow?name=n"),
              "404 ResourceNotFoundException: No shadow exists with name: 'n'");
    EXPECT_THAT(refusal("GET", "/things/a%20b/shadow"), testing::HasSubstr("'thingName'"));
    EXPECT_THAT(refusal("GET", "/things/board/shadow?name=a.b"),
                testing::HasSubstr("[$a-zA-Z0-9:_-]+"));
    EXPECT_THAT(refusal("GET", "/things/board/shadow?name="), testing::HasSubstr("'shadowName'"));
    EXPECT_THAT(topics(), testing::IsEmpty());
}

TEST_F(ShadowsTest, a_deleted_shadow_keeps_its_version_for_48_hours) {
    done("POST", "/things/board/shadow", desired({{"a", 1}}));
    done("POST", "/things/board/shadow", desired({{"a", 2}}));
    const json gone = done("DELETE", "/things/board/shadow");
    EXPECT_EQ(gone, json({{"version", 2}, {"timestamp", context().now() / 1000}}));
    published();
    EXPECT_THAT(refusal("DELETE", "/things/board/shadow"), testing::StartsWith("404"));
    clock_.advance(std::chrono::hours(47));
    EXPECT_EQ(done("POST", "/things/board/shadow", desired({{"b", 1}}))["version"], 3);
    EXPECT_EQ(done("GET", "/things/board/shadow")["state"]["desired"], json({{"b", 1}}));
    done("DELETE", "/things/board/shadow");
    clock_.advance(std::chrono::hours(49));
    EXPECT_EQ(done("POST", "/things/board/shadow", desired({{"c", 1}}))["version"], 1);
}

// "Deleting a thing object does not delete the corresponding device's shadow" (developer guide).
TEST_F(ShadowsTest, shadows_need_no_thing_and_outlive_it) {
    done("POST", "/things/nobody/shadow", desired({{"a", 1}}));
    ok("POST", "/things/board");
    done("POST", "/things/board/shadow?name=n", desired({{"a", 1}}));
    ok("DELETE", "/things/board");
    EXPECT_EQ(done("GET", "/things/board/shadow?name=n")["version"], 1);
    EXPECT_EQ(done("GET", "/things/nobody/shadow")["version"], 1);
}

TEST_F(ShadowsTest, named_shadows_are_listed_page_by_page) {
    for (const char* name : {"c", "a", "b"})
        done("POST", fmt::format("/things/board/shadow?name={}", name), desired({{"x", 1}}));
    done("POST", "/things/board/shadow", desired({{"x", 1}}));
    done("POST", "/things/other/shadow?name=z", desired({{"x", 1}}));
    const std::string list = "/api/things/shadow/ListNamedShadowsForThing/board";
    EXPECT_EQ(done("GET", list)["results"], json({"a", "b", "c"}));
    const json page = done("GET", list + "?pageSize=2");
    EXPECT_EQ(page["results"], json({"a", "b"}));
    const json rest = done("GET", list + "?pageSize=2&nextToken=" + encoded(page["nextToken"]));
    EXPECT_EQ(rest["results"], json({"c"}));
    EXPECT_FALSE(rest.contains("nextToken"));
    done("DELETE", "/things/board/shadow?name=b");
    EXPECT_EQ(done("GET", list)["results"], json({"a", "c"}));
    EXPECT_EQ(done("GET", "/api/things/shadow/ListNamedShadowsForThing/none")["results"],
              json::array());
    EXPECT_THAT(refusal("GET", list + "?pageSize=101"), testing::HasSubstr("'pageSize'"));
}

TEST_F(ShadowsTest, what_was_answered_is_kept) {
    done("POST", "/things/board/shadow", desired({{"a", {1, 2, {{"b", 1.5}}}}}));
    done("POST", "/things/board/shadow", {{"state", {{"reported", {{"a", "\xC3\xA4\n"}}}}}});
    const json seen = done("GET", "/things/board/shadow");
    store_ = Store::open(folder_->path() / "registry.sqlite");
    ASSERT_TRUE(store_);
    EXPECT_EQ(done("GET", "/things/board/shadow"), seen);
}

TEST_F(ShadowsTest, what_is_only_tried_is_neither_kept_nor_told) {
    Store trial = store_->trial();
    const auto tried = operations::update_shadow(
        context().with(trial), {.thing = "board", .shadow = ""}, desired({{"a", 1}}).dump());
    ASSERT_TRUE(tried);
    EXPECT_THAT(topics(), testing::IsEmpty());
    EXPECT_THAT(refusal("GET", "/things/board/shadow"), testing::StartsWith("404"));
}

TEST_F(ShadowsTest, a_message_is_published_as_it_is) {
    done("POST", "/topics/a%2Fb?qos=1&retain=true");
    EXPECT_TRUE(data_call("POST", "/topics/a/b/c", std::string("\0\xff", 2)));
    const auto told = published();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].topic, "a/b");
    EXPECT_EQ(told[0].qos, 1);
    EXPECT_TRUE(told[0].retain);
    EXPECT_EQ(told[1].topic, "a/b/c");
    EXPECT_EQ(told[1].payload, std::string("\0\xff", 2));
    EXPECT_EQ(told[1].qos, 0);
    EXPECT_FALSE(told[1].retain);
    for (const char* target : {"/topics/a%2F%23", "/topics/a%2F%2B", "/topics/1/2/3/4/5/6/7/8/9",
                               "/topics/$SYS%2Fa", "/topics/a?qos=2", "/topics/a?retain=maybe"})
        EXPECT_THAT(refusal("POST", target), testing::StartsWith("400")) << target;
    EXPECT_THAT(refusal("POST", "/topics/" + std::string(257, 'a')), testing::StartsWith("400"));
    EXPECT_THAT(refusal("POST", "/topics/a", std::string(128 * 1024 + 1, 'x')),
                testing::StartsWith("400"));
    EXPECT_THAT(topics(), testing::IsEmpty());
}

TEST_F(ShadowsTest, a_question_that_is_published_over_https_is_answered_over_mqtt) {
    EXPECT_TRUE(data_call("POST", "/topics/%24aws%2Fthings%2Fboard%2Fshadow%2Fupdate",
                          desired({{"a", 1}}).dump()));
    EXPECT_THAT(topics(), testing::ElementsAre("$aws/things/board/shadow/update",
                                               "$aws/things/board/shadow/update/accepted",
                                               "$aws/things/board/shadow/update/delta",
                                               "$aws/things/board/shadow/update/documents"));
}

TEST_F(ShadowsTest, the_planes_have_their_own_operations) {
    EXPECT_FALSE(match_route("GET", "/things/board/shadow"));
    EXPECT_FALSE(match_route("GET", "/things/board", Plane::data));
    EXPECT_TRUE(match_route("GET", "/things/board/shadow", Plane::data));
}

}  // namespace
}  // namespace imprint::local_registry
