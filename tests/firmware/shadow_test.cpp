#include "imprint_identity/shadow.h"

#include <gtest/gtest.h>
#include <string>

#include <nlohmann/json.hpp>

namespace imprint_identity {

namespace {

Light wanted(const std::string& payload) {
    return wanted_light(payload.data(), payload.size());
}

TEST(Shadow, topics_carry_the_things_name) {
    ShadowTopics topics;
    ASSERT_TRUE(make_topics("lamp-1", topics));
    EXPECT_STREQ(topics.update, "$aws/things/lamp-1/shadow/update");
    EXPECT_STREQ(topics.delta, "$aws/things/lamp-1/shadow/update/delta");
    EXPECT_TRUE(make_topics(std::string(128, 'x').c_str(), topics)) << "AWS IoT's longest name";
    EXPECT_FALSE(make_topics(std::string(200, 'x').c_str(), topics));
}

TEST(Shadow, a_report_is_the_json_that_the_shadow_takes) {
    char text[shadow_report_size];
    const std::size_t size = format_report({"240ac4000001", "1.2.3", 4'000'000'000U, true}, text);
    const auto document = nlohmann::json::parse(std::string(text, size));
    EXPECT_EQ(document, nlohmann::json::parse(R"({"state":{"reported":{
        "device_id":"240ac4000001","uptime_s":4000000000,"version":"1.2.3","light_state":"on"}}})"));
}

TEST(Shadow, a_report_that_does_not_fit_is_none) {
    char text[shadow_report_size];
    EXPECT_EQ(format_report({"id", std::string(400, 'v').c_str(), 1, false}, text), 0U);
}

TEST(Shadow, the_delta_names_the_wanted_light) {
    EXPECT_EQ(wanted(R"({"version":9,"timestamp":1,"state":{"light_state":"on"},
        "metadata":{"light_state":{"timestamp":1}}})"),
              Light::on);
    EXPECT_EQ(wanted(R"({"state":{"colour":"red","light_state":"off"}})"), Light::off);
}

TEST(Shadow, anything_else_changes_nothing) {
    for (const char* payload :
         {"", "on", "{}", R"({"state":{}})", R"({"light_state":"on"})",
          R"({"state":{"light_state":true}})", R"({"state":{"light_state":"ON"}})",
          R"({"state":{"light_state":"on"}})"
          "x",
          R"({"state":{"light_state":"on")"})
        EXPECT_EQ(wanted(payload), Light::unchanged) << payload;
}

}  // namespace

}  // namespace imprint_identity
