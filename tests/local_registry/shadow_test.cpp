// The shadow service's answers without a store: the developer guide's examples, the deltas that AWS
// IoT was seen to answer (moto, tests/test_iotdata, aws_verified), and laws that must hold for any
// update.
#include <gmock/gmock.h>
#include <random>

#include "local_registry/shadow/answers.h"
#include "local_registry/shadow/names.h"

namespace imprint::local_registry::shadow {
namespace {

using nlohmann::json;

constexpr std::int64_t now = 1'783'987'200;

class ShadowTest : public testing::Test {
  protected:
    // An update that is accepted; the answer.
    json accepted(const json& request, std::int64_t seconds = now) {
        auto done = update(document_, request.dump(), seconds);
        EXPECT_TRUE(done) << request << ": " << done.error().message;
        if (!done) return {};
        document_ = done->after;
        delta_ = done->delta.empty() ? json() : json::parse(done->delta);
        documents_ = json::parse(done->documents);
        return json::parse(done->accepted);
    }

    // One that is not: "<code> <message>".
    std::string refused(const std::string& payload) {
        const auto done = update(document_, payload, now);
        EXPECT_FALSE(done) << payload;
        return done ? "" : fmt::format("{} {}", done.error().code, done.error().message);
    }

    json seen() {
        const auto answer = get(document_, "", "board", now);
        EXPECT_TRUE(answer) << answer.error().message;
        return answer ? json::parse(*answer) : json();
    }

    Document document_;
    json delta_;
    json documents_;
};

TEST_F(ShadowTest, an_update_is_answered_with_what_was_sent_and_when) {
    const json answer = accepted({{"state", {{"reported", {{"moisture", "low"}}}}}});
    EXPECT_EQ(answer, json::parse(R"({"state":{"reported":{"moisture":"low"}},
        "metadata":{"reported":{"moisture":{"timestamp":1783987200}}},
        "version":1,"timestamp":1783987200})"));
    EXPECT_EQ(seen(), answer);
    EXPECT_TRUE(delta_.is_null()) << "nothing is desired";
}

TEST_F(ShadowTest, only_what_is_sent_changes_and_each_value_keeps_its_time) {
    accepted({{"state", {{"desired", {{"color", {{"r", 10}, {"g", 5}}}, {"engine", "ON"}}}}}});
    accepted({{"state", {{"desired", {{"color", {{"r", 20}}}}}}}}, now + 7);
    const json shadow = seen();
    EXPECT_EQ(shadow["state"]["desired"], json::parse(R"({"color":{"r":20,"g":5},"engine":"ON"})"));
    EXPECT_EQ(shadow["metadata"]["desired"],
              json::parse(R"({"color":{"r":{"timestamp":1783987207},"g":{"timestamp":1783987200}},
                              "engine":{"timestamp":1783987200}})"));
    EXPECT_EQ(shadow["version"], 2);
}

TEST_F(ShadowTest, null_removes_a_value_a_section_or_all_of_the_state) {
    accepted({{"state", {{"desired", {{"a", 1}, {"b", {{"c", 2}}}}}, {"reported", {{"a", 1}}}}}});
    const json answer = accepted({{"state", {{"desired", {{"a", nullptr}}}}}});
    EXPECT_EQ(answer["state"], json::parse(R"({"desired":{"a":null}})")) << "as it was sent";
    EXPECT_EQ(seen()["state"]["desired"], json::parse(R"({"b":{"c":2}})"));
    EXPECT_FALSE(seen()["metadata"]["desired"].contains("a"));
    accepted({{"state", {{"desired", nullptr}}}});
    EXPECT_EQ(seen()["state"], json::parse(R"({"reported":{"a":1}})"));
    accepted({{"state", {{"reported", {{"a", nullptr}}}}}});
    EXPECT_EQ(seen()["state"], json::object()) << "an empty section goes";
    accepted({{"state", {{"desired", {{"a", 1}}}}}});
    accepted({{"state", nullptr}});
    EXPECT_EQ(seen()["state"], json::object());
    EXPECT_EQ(seen()["metadata"], json::object());
    EXPECT_EQ(document_.version, 6) << "it is not deleted";
}

TEST_F(ShadowTest, an_array_is_a_value_and_is_replaced_as_a_whole) {
    accepted({{"state", {{"desired", {{"colors", {"RED", "GREEN", "BLUE"}}}}}}});
    accepted({{"state", {{"desired", {{"colors", {"RED"}}}}}}}, now + 1);
    EXPECT_EQ(seen()["state"]["desired"], json::parse(R"({"colors":["RED"]})"));
    EXPECT_EQ(seen()["metadata"]["desired"],
              json::parse(R"({"colors":[{"timestamp":1783987201}]})"));
    EXPECT_EQ(refused(R"({"state":{"desired":{"colors":[null,"RED"]}}})"),
              "400 State contains an invalid node: an array with null");
    EXPECT_EQ(refused(R"({"state":{"desired":{"a":{"b":[[1],[{"c":[null]}]]}}}})"),
              "400 State contains an invalid node: an array with null");
}

TEST_F(ShadowTest, the_delta_has_what_is_desired_and_not_reported_so_with_its_own_times) {
    accepted({{"state", {{"desired", {{"power", "on"}, {"color", {{"r", 1}, {"g", 2}}}}}}}});
    EXPECT_EQ(delta_["state"], json::parse(R"({"power":"on","color":{"r":1,"g":2}})"));
    accepted(
        {{"state", {{"reported", {{"power", "on"}, {"color", {{"r", 9}, {"g", 2}}}, {"x", 1}}}}},
         {"clientToken", "t"}},
        now + 3);
    EXPECT_EQ(delta_, json::parse(R"({"state":{"color":{"r":1}},
        "metadata":{"color":{"r":{"timestamp":1783987200}}},
        "version":2,"timestamp":1783987203,"clientToken":"t"})"));
    EXPECT_EQ(seen()["state"]["delta"], json::parse(R"({"color":{"r":1}})"));
    accepted({{"state", {{"reported", {{"color", {{"r", 1}}}}}}}});
    EXPECT_TRUE(delta_.is_null());
    EXPECT_FALSE(seen()["state"].contains("delta"));
}

// "desired" and "reported" one after the other, and what a get then has.
TEST_F(ShadowTest, deltas_are_those_that_aws_iot_was_seen_to_answer) {
    struct Row {
        const char* first;
        const char* seen;
        const char* second;
        const char* seen_then;
    };

    for (
        const Row& row : {
            Row{R"({"desired":{"online":true}})",
                R"({"desired":{"online":true},"delta":{"online":true}})",
                R"({"reported":{"online":false}})",
                R"({"desired":{"online":true},"reported":{"online":false},"delta":{"online":true}})"},
            Row{R"({"desired":{"enabled":true}})",
                R"({"desired":{"enabled":true},"delta":{"enabled":true}})",
                R"({"reported":{"online":false,"enabled":true}})",
                R"({"desired":{"enabled":true},"reported":{"online":false,"enabled":true}})"},
            Row{"{}", "{}", R"({"reported":{"online":false}})", R"({"reported":{"online":false}})"},
            Row{"{}", "{}", R"({"reported":{"online":null}})", "{}"},
            Row{R"({"desired":{}})", "{}", R"({"reported":{"online":false}})",
                R"({"reported":{"online":false}})"},
            Row{R"({"desired":{"enabled":true}})",
                R"({"desired":{"enabled":true},"delta":{"enabled":true}})", R"({"reported":{}})",
                R"({"desired":{"enabled":true},"delta":{"enabled":true}})"},
            Row{R"({"reported":{"list":["value_1","value_2"]}})",
                R"({"reported":{"list":["value_1","value_2"]}})",
                R"({"desired":{"list":["value_1"]}})",
                R"({"desired":{"list":["value_1"]},"reported":{"list":["value_1","value_2"]},
                     "delta":{"list":["value_1"]}})"},
            Row{R"({"reported":{"list":[["value_1"],["value_2"]]}})",
                R"({"reported":{"list":[["value_1"],["value_2"]]}})",
                R"({"desired":{"list":[["value_1"]]}})",
                R"({"desired":{"list":[["value_1"]]},"reported":{"list":[["value_1"],["value_2"]]},
                     "delta":{"list":[["value_1"]]}})"},
            Row{R"({"reported":{"a":{"b":{"c":"d","e":"f"}}}})",
                R"({"reported":{"a":{"b":{"c":"d","e":"f"}}}})",
                R"({"desired":{"a":{"b":{"c":"d2"}}}})",
                R"({"delta":{"a":{"b":{"c":"d2"}}},"desired":{"a":{"b":{"c":"d2"}}},
                     "reported":{"a":{"b":{"c":"d","e":"f"}}}})"},
            Row{R"({"reported":{"a":{"b1":{"c":"d"}}}})", R"({"reported":{"a":{"b1":{"c":"d"}}}})",
                R"({"desired":{"a":{"b1":{"c":"d"},"b2":"sth"}}})",
                R"({"delta":{"a":{"b2":"sth"}},"desired":{"a":{"b1":{"c":"d"},"b2":"sth"}},
                     "reported":{"a":{"b1":{"c":"d"}}}})"},
            Row{R"({"desired":{"a":1,"b":{"c":3}}})",
                R"({"desired":{"a":1,"b":{"c":3}},"delta":{"a":1,"b":{"c":3}}})",
                R"({"desired":{"a":1,"b":{"c":{}},"d":{}}})",
                R"({"desired":{"a":1,"b":{"c":{}},"d":{}},"delta":{"a":1,"b":{"c":{}},"d":{}}})"},
        }) {
        document_ = {};
        accepted({{"state", json::parse(row.first)}});
        EXPECT_EQ(seen()["state"], json::parse(row.seen)) << row.first;
        accepted({{"state", json::parse(row.second)}});
        EXPECT_EQ(seen()["state"], json::parse(row.seen_then)) << row.first << row.second;
    }
}

TEST_F(ShadowTest, documents_have_the_state_before_and_after) {
    accepted({{"state", {{"desired", {{"a", 1}}}}}, {"clientToken", "one"}});
    EXPECT_FALSE(documents_.contains("previous"));
    EXPECT_EQ(documents_["clientToken"], "one");
    accepted({{"state", {{"reported", {{"a", 1}}}}}}, now + 1);
    EXPECT_EQ(documents_, json::parse(R"({
        "previous":{"state":{"desired":{"a":1}},
                    "metadata":{"desired":{"a":{"timestamp":1783987200}}},"version":1},
        "current":{"state":{"desired":{"a":1},"reported":{"a":1}},
                   "metadata":{"desired":{"a":{"timestamp":1783987200}},
                               "reported":{"a":{"timestamp":1783987201}}},"version":2},
        "timestamp":1783987201})"));
}

TEST_F(ShadowTest, an_update_for_another_version_is_a_conflict) {
    EXPECT_EQ(refused(R"({"state":{},"version":1})"), "409 Version conflict");
    accepted({{"state", {{"desired", {{"a", 1}}}}}, {"version", 0}});
    accepted({{"state", {{"desired", {{"a", 2}}}}}, {"version", 1}});
    const auto done = update(
        document_, R"({"state":{"desired":{"a":3}},"version":1,"clientToken":"426bfd96"})", now);
    ASSERT_FALSE(done);
    EXPECT_EQ(json::parse(rejected(done.error(), now)),
              json::parse(R"({"code":409,"message":"Version conflict","timestamp":1783987200,
                              "clientToken":"426bfd96"})"));
    EXPECT_EQ(seen()["state"]["desired"]["a"], 2);
    for (const char* version : {"-1", "\"1\"", "1.5", "true", "[]"})
        EXPECT_EQ(refused(fmt::format(R"({{"state":{{}},"version":{}}})", version)),
                  "400 Invalid version");
}

TEST_F(ShadowTest, what_is_no_request_is_refused_in_aws_iots_words) {
    for (const char* payload : {"", "x", "[]", "1", "\"a\"", R"({"state":)", "{\"a\":1e999}"})
        EXPECT_EQ(refused(payload), "400 Invalid JSON") << payload;
    EXPECT_EQ(refused("{}"), "400 Missing required node: state");
    EXPECT_EQ(refused(R"({"desired":{"a":1}})"), "400 Missing required node: state");
    EXPECT_EQ(refused(R"({"state":[1]})"), "400 State node must be an object");
    EXPECT_EQ(refused(R"({"state":{"desired":[1]}})"), "400 Desired node must be an object");
    EXPECT_EQ(refused(R"({"state":{"reported":"x"}})"), "400 Reported node must be an object");
    EXPECT_EQ(refused(R"({"state":{"foo":{}}})"), "400 State contains an invalid node: 'foo'");
    EXPECT_EQ(refused("{\"state\":{\"desired\":{\"a\":\"\xff\"}}}"),
              "415 Unsupported documented encoding; supported encoding is UTF-8");
    EXPECT_EQ(document_.version, 0);
}

TEST_F(ShadowTest, a_client_token_comes_back_and_has_64_bytes_at_most) {
    EXPECT_EQ(
        accepted({{"state", json::object()}, {"clientToken", std::string(64, 't')}})["clientToken"],
        std::string(64, 't'));
    EXPECT_EQ(refused(fmt::format(R"({{"state":{{}},"clientToken":"{}"}})", std::string(65, 't'))),
              "400 Invalid clientToken");
    EXPECT_EQ(refused(R"({"state":{},"clientToken":7})"), "400 Invalid clientToken");
    for (const auto& ask : {get, remove}) {
        const auto answer = ask(document_, R"({"clientToken":"x"})", "board", now);
        ASSERT_TRUE(answer);
        EXPECT_EQ(json::parse(*answer)["clientToken"], "x");
        EXPECT_TRUE(ask(document_, "no JSON at all", "board", now)) << "the rest is ignored";
        const auto bad = ask(document_, R"({"clientToken":[]})", "board", now);
        ASSERT_FALSE(bad);
        EXPECT_EQ(bad.error().code, 400);
    }
}

TEST_F(ShadowTest, eight_levels_are_taken_and_nine_are_not) {
    const auto nested = [](int levels, const std::string& innermost) {
        std::string text = innermost;
        for (int i = levels; i > 0; --i)
            text = fmt::format(R"({{"{}":{}}})", i, text);
        return fmt::format(R"({{"state":{{"reported":{}}}}})", text);
    };
    EXPECT_TRUE(update(document_, nested(8, "1"), now));
    EXPECT_TRUE(update(document_, nested(8, "{}"), now));
    EXPECT_TRUE(update(document_, nested(7, "[1]"), now));
    for (const std::string& payload : {nested(9, "1"), nested(8, "[1]"), nested(4'000, "1")})
        EXPECT_EQ(refused(payload), "400 JSON contains too many levels of nesting; maximum is 8");
    // Whatever is beside the state does not count, and is not kept.
    std::string deep(30'000, '[');
    deep += std::string(30'000, ']');
    EXPECT_TRUE(update(document_, fmt::format(R"({{"state":{{}},"x":{}}})", deep), now));
}

TEST_F(ShadowTest, both_states_together_have_8_kb_at_most) {
    // {"a":"…"} has 8 bytes besides the text.
    const std::string half(4096 - 8, 'x');
    accepted({{"state", {{"desired", {{"a", half}}}}}});
    accepted({{"state", {{"reported", {{"a", half}}}}}});
    EXPECT_EQ(document_.state_size(), 8192U);
    EXPECT_EQ(refused(R"({"state":{"desired":{"b":1}}})"),
              "413 The payload exceeds the maximum size allowed");
    EXPECT_EQ(document_.version, 2);
    accepted({{"state", {{"desired", {{"a", nullptr}, {"b", 1}}}}}});
}

TEST_F(ShadowTest, what_is_not_there_is_said_by_its_name) {
    for (const auto& ask : {get, remove}) {
        const auto answer = ask(document_, R"({"clientToken":"t"})", "simShadow1", now);
        ASSERT_FALSE(answer);
        EXPECT_EQ(json::parse(rejected(answer.error(), now)),
                  json::parse(R"({"code":404,"message":"No shadow exists with name: 'simShadow1'",
                                  "timestamp":1783987200,"clientToken":"t"})"));
    }
}

TEST_F(ShadowTest, a_deletion_tells_the_last_version_and_the_next_shadow_goes_on_from_it) {
    accepted({{"state", {{"desired", {{"a", 1}}}}}});
    accepted({{"state", {{"desired", {{"a", 2}}}}}});
    EXPECT_EQ(json::parse(*remove(document_, "", "board", now)),
              json::parse(R"({"version":2,"timestamp":1783987200})"));
    document_ = {.desired = {}, .reported = {}, .version = 2, .exists = false};
    EXPECT_EQ(accepted({{"state", {{"desired", {{"b", 1}}}}}})["version"], 3);
    EXPECT_FALSE(documents_.contains("previous"));
}

// Anything that an update may hold.
json random_value(std::mt19937& random, int levels, bool in_array = false) {
    const auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
    const int kind = pick(levels > 0 ? 6 : 3);
    if (kind == 0) return in_array ? json(0) : json(nullptr);
    if (kind == 1) return pick(3);
    if (kind == 2) return std::string(1, static_cast<char>('p' + pick(2)));
    if (kind == 3) return pick(1) == 0;
    if (kind == 4) {
        json array = json::array();
        for (int i = pick(2); i > 0; --i)
            array.push_back(random_value(random, levels - 1, true));
        return array;
    }
    json object = json::object();
    for (int i = pick(3); i > 0; --i)
        object[std::string(1, static_cast<char>('a' + pick(3)))] =
            random_value(random, levels - 1, in_array);
    return object;
}

json random_request(std::mt19937& random) {
    json state = json::object();
    for (const char* name : {"desired", "reported"}) {
        if (random() % 3 == 0) continue;
        json section = json::object();
        for (const char* key : {"a", "b", "c"})
            if (random() % 2 == 0) section[key] = random_value(random, 3);
        state[name] = random() % 20 == 0 ? json(nullptr) : section;
    }
    return {{"state", state}};
}

// The same shape, with a time for each value.
void expect_times(const json& state, const json& metadata) {
    if (state.is_structured()) {
        ASSERT_EQ(state.type(), metadata.type()) << state << metadata;
        ASSERT_EQ(state.size(), metadata.size()) << state << metadata;
        for (const auto& [key, value] : state.items())
            expect_times(value, state.is_array() ? metadata[std::stoul(key)] : metadata.at(key));
    } else {
        ASSERT_TRUE(metadata.is_object() && metadata.size() == 1 && metadata.contains("timestamp"))
            << state << metadata;
    }
}

bool holds_null(const json& value) {
    return value.is_null() || std::ranges::any_of(value, [](const json& one) {
               return one.is_null() || (one.is_structured() && holds_null(one));
           });
}

// Every value of the update is in the state, and what it removes is not.
void expect_merged(const json& patch, const json& state) {
    for (const auto& [key, value] : patch.items()) {
        if (value.is_null()) {
            ASSERT_FALSE(state.contains(key)) << patch << state;
        } else if (!value.is_object()) {
            ASSERT_EQ(state.at(key), value) << patch << state;
        } else if (state.contains(key) && state.at(key).is_object()) {
            expect_merged(value, state.at(key));
        } else {
            ASSERT_TRUE(holds_null(value)) << patch << state;
        }
    }
}

TEST_F(ShadowTest, laws_hold_for_any_row_of_updates) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        document_ = {};
        for (int step = 0; step < 12; ++step) {
            const Document before = document_;
            const json request = random_request(random);
            const json answer = accepted(request, now + step);
            ASSERT_EQ(answer["state"], request["state"]);
            ASSERT_EQ(document_.version, before.version + 1);
            for (const char* name : {"desired", "reported"}) {
                const Section& section = name[0] == 'd' ? document_.desired : document_.reported;
                ASSERT_TRUE(section.state.is_null() ||
                            (section.state.is_object() && !section.state.empty()));
                ASSERT_EQ(section.state.is_null(), section.metadata.is_null());
                if (section.state.is_null()) continue;
                ASSERT_FALSE(holds_null(section.state)) << section.state;
                expect_times(section.state, section.metadata);
                if (const json& sent = request["state"]; sent.contains(name))
                    expect_merged(sent[name], section.state);
            }
            // Reporting all that differs leaves no difference, and nothing else does.
            const json delta = delta_of(document_.desired.state, document_.reported.state);
            ASSERT_EQ(delta.is_null(), delta_.is_null());
            if (!delta.is_null()) {
                Section reported = document_.reported;
                merge(reported, delta, now);
                ASSERT_TRUE(delta_of(document_.desired.state, reported.state).is_null())
                    << document_.state() << delta;
                expect_times(delta, delta_["metadata"]);
            }
            // The same once more changes times alone.
            const Document once = document_;
            accepted(request, now + step);
            ASSERT_EQ(document_.state(), once.state());
            ASSERT_EQ(document_.metadata(), once.metadata());
        }
    }
}

TEST(ShadowNames, topics_say_which_shadow_is_meant) {
    const auto classic = parse_topic("$aws/things/board/shadow/update");
    ASSERT_TRUE(classic);
    EXPECT_EQ(classic->name.thing, "board");
    EXPECT_EQ(classic->name.shadow, "");
    EXPECT_EQ(classic->verb, Verb::update);
    EXPECT_EQ(classic->name.topic(), "$aws/things/board/shadow");
    const auto named = parse_topic("$aws/things/b:1/shadow/name/credentials/delete");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->name.thing, "b:1");
    EXPECT_EQ(named->name.shadow, "credentials");
    EXPECT_EQ(named->verb, Verb::remove);
    EXPECT_EQ(named->name.topic(), "$aws/things/b:1/shadow/name/credentials");
    for (const char* other : {"", "$aws", "$aws/things", "$aws/things//shadow/get",
                              "$aws/things/b/shadow", "$aws/things/b/shadow/",
                              "$aws/things/b/shadow/get/accepted", "$aws/things/b/shadow/name/get",
                              "$aws/things/b/shadow/name//get", "$aws/things/b/shadow/name/n/get/x",
                              "$aws/things/b/jobs/get", "a/b", "$aws/things/b/shadow/put"})
        EXPECT_FALSE(parse_topic(other)) << other;
}

TEST(ShadowNames, names_are_as_long_and_of_the_letters_that_the_model_says) {
    EXPECT_EQ(fault_of({.thing = std::string(128, 'a'), .shadow = std::string(64, '$')}), "");
    EXPECT_EQ(fault_of({.thing = "A9:_-", .shadow = ""}), "");
    for (const Name& name :
         {Name{.thing = std::string(129, 'a'), .shadow = ""}, Name{.thing = "", .shadow = ""},
          Name{.thing = "a$", .shadow = ""}, Name{.thing = "a b", .shadow = ""}})
        EXPECT_THAT(fault_of(name), testing::StartsWith("Thing name")) << name.thing;
    for (const char* shadow : {"a.b", "a b", "\xC3\xA4"})
        EXPECT_THAT(fault_of({.thing = "a", .shadow = shadow}), testing::StartsWith("Shadow name"));
    EXPECT_NE(fault_of({.thing = "a", .shadow = std::string(65, 'a')}), "");
}

}  // namespace
}  // namespace imprint::local_registry::shadow
