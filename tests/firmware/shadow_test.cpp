#include "imprint_identity/shadow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

namespace imprint_identity {

namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Delta wanted(const std::string& payload, ShadowForm form = ShadowForm::own) {
    Delta delta;
    read_delta(payload.data(), payload.size(), form, delta);
    return delta;
}

ShadowAnswer answer(const std::string& payload) {
    ShadowAnswer read;
    read_answer(payload.data(), payload.size(), read);
    return read;
}

json reported(const Report& report) {
    char text[shadow_report_size];
    const std::size_t size = format_report(report, text);
    return json::parse(std::string(text, size));
}

Report plain() {
    Report report;
    report.device_id = "240ac4000001";
    report.version = "1.2.3";
    report.uptime_s = 4'000'000'000U;
    report.light_on = true;
    return report;
}

TEST(Shadow, topics_carry_the_things_name) {
    ShadowTopics topics;
    ASSERT_TRUE(make_topics("lamp-1", topics));
    EXPECT_STREQ(topics.update, "$aws/things/lamp-1/shadow/update");
    EXPECT_STREQ(topics.delta, "$aws/things/lamp-1/shadow/update/delta");
    EXPECT_STREQ(topics.accepted, "$aws/things/lamp-1/shadow/update/accepted");
    EXPECT_STREQ(topics.rejected, "$aws/things/lamp-1/shadow/update/rejected");
    EXPECT_TRUE(make_topics(std::string(128, 'x').c_str(), topics)) << "AWS IoT's longest name";
    EXPECT_FALSE(make_topics(std::string(200, 'x').c_str(), topics));
}

TEST(Shadow, a_report_is_the_json_that_the_shadow_takes) {
    EXPECT_EQ(reported(plain()), json::parse(R"({"state":{"reported":{
        "device_id":"240ac4000001","uptime_s":4000000000,"version":"1.2.3","light_state":"on"}}})"));
    Report full = plain();
    full.has_temperature = true;
    full.centidegrees = -105;
    full.firmware_url = "https://example.com/lamp.bin";
    full.token = 7;
    EXPECT_EQ(reported(full), json::parse(R"({"state":{"reported":{
        "device_id":"240ac4000001","uptime_s":4000000000,"version":"1.2.3","light_state":"on",
        "temperature":-1.05,"firmware_url":"https://example.com/lamp.bin"}},"clientToken":"7"})"));
}

TEST(Shadow, a_classic_report_has_the_originals_members_as_numbers) {
    Report report = plain();
    report.form = ShadowForm::classic;
    report.has_temperature = true;
    report.centidegrees = 3225;
    EXPECT_EQ(reported(report), json::parse(R"({"state":{"reported":{
        "device_id":"240ac4000001","uptime":4000000000,"software_version":1,"light_state":1,
        "system_temperature":32.25}}})"));
    for (const auto& [version, number] :
         {std::pair{"v12.1", 12}, {"12", 12}, {"main-3", 0}, {"", 0}, {"0.9", 0}}) {
        report.version = version;
        EXPECT_EQ(reported(report)["state"]["reported"]["software_version"], number) << version;
    }
}

TEST(Shadow, a_report_that_does_not_fit_is_none) {
    char text[shadow_report_size];
    Report report = plain();
    const std::string version(800, 'v');
    report.version = version.c_str();
    EXPECT_EQ(format_report(report, text), 0U);
    report = plain();
    const std::string url(400, 'u');
    report.firmware_url = url.c_str();
    EXPECT_EQ(format_report(report, text), 0U);
}

TEST(Shadow, the_longest_report_fits) {
    char text[shadow_report_size];
    const std::string id(128, 'i');
    const std::string version(31, 'v');  // esp_app_desc_t
    const std::string url(256, 'u');
    Report report;
    report.device_id = id.c_str();
    report.version = version.c_str();
    report.firmware_url = url.c_str();
    report.uptime_s = 0xFFFFFFFF;
    report.has_temperature = true;
    report.centidegrees = -2'000'000'000;
    report.token = 0xFFFFFFFF;
    for (const ShadowForm form : {ShadowForm::own, ShadowForm::classic}) {
        report.form = form;
        EXPECT_NE(format_report(report, text), 0U);
    }
}

TEST(Shadow, the_delta_names_the_wanted_light) {
    const Delta delta = wanted(R"({"version":9,"timestamp":1,"state":{"light_state":"on"},
        "metadata":{"light_state":{"timestamp":1}}})");
    EXPECT_EQ(delta.light, Light::on);
    EXPECT_EQ(delta.version, 9U);
    EXPECT_STREQ(delta.not_understood, "");
    EXPECT_EQ(wanted(R"({"state":{"light_state":"off"}})").light, Light::off);
}

TEST(Shadow, a_classic_delta_has_numbers) {
    EXPECT_EQ(wanted(R"({"state":{"light_state":1}})", ShadowForm::classic).light, Light::on);
    EXPECT_EQ(wanted(R"({"state":{"light_state":0}})", ShadowForm::classic).light, Light::off);
    EXPECT_STREQ(wanted(R"({"state":{"light_state":"on"}})", ShadowForm::classic).not_understood,
                 R"(light_state is "on", and must be 1 or 0)");
}

TEST(Shadow, what_is_not_understood_is_told) {
    EXPECT_STREQ(wanted(R"({"state":{"light_state":1}})").not_understood,
                 R"(light_state is 1, and must be "on" or "off")");
    EXPECT_STREQ(wanted(R"({"state":{"colour":"red","light_state":"off"}})").not_understood,
                 R"(colour is "red", and this firmware has no such member)");
    EXPECT_EQ(wanted(R"({"state":{"colour":"red","light_state":"off"}})").light, Light::off)
        << "what is understood is done";
    EXPECT_STREQ(wanted(R"({"state":{"lamp":{"on":true}}})").not_understood,
                 "lamp.on is true, and this firmware has no such member");
    EXPECT_THAT(wanted("{\"state\":{").not_understood, HasSubstr("it is no JSON"));
}

TEST(Shadow, a_terminal_is_not_steered_by_a_cloud) {
    const Delta delta =
        wanted("{\"state\":{\"\\u001b[2J\":\"\\u001b[31m\\nE (1) imprint: \\u00e4\"}}");
    for (const char c : std::string(delta.not_understood))
        EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
    const ShadowAnswer refused = answer("{\"code\":400,\"message\":\"\\u001b[2J\\n\"}");
    for (const char c : std::string(refused.message))
        EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
}

TEST(Shadow, anything_else_changes_nothing) {
    for (const char* payload :
         {"", "on", "{}", R"({"state":{}})", R"({"light_state":"on"})",
          R"({"state":{"light_state":true}})", R"({"state":{"light_state":"ON"}})",
          R"({"state":{"light_state":"on"}}x)", R"({"state":{"light_state":"on")"})
        EXPECT_EQ(wanted(payload).light, Light::unchanged) << payload;
}

TEST(Shadow, a_firmware_url_is_https_and_harmless) {
    EXPECT_STREQ(
        wanted(R"({"state":{"firmware_url":"https://example.com/a.bin?x=1&y=%20"}})").firmware_url,
        "https://example.com/a.bin?x=1&y=%20");
    const std::string longest = "https://" + std::string(248, 'x');
    EXPECT_EQ(wanted(R"({"state":{"firmware_url":")" + longest + "\"}}").firmware_url, longest);
    for (const std::string& url :
         {std::string("http://example.com/a.bin"), std::string("https://"), longest + "x",
          std::string(R"(https://example.com/\"}})"), std::string("https://a b"),
          std::string(R"(https://\u00e4.example)"), std::string("file:///etc/passwd")}) {
        const Delta delta = wanted(R"({"state":{"firmware_url":")" + url + "\"}}");
        EXPECT_STREQ(delta.firmware_url, "") << url;
        EXPECT_THAT(delta.not_understood, HasSubstr("firmware_url is")) << url;
    }
}

TEST(Shadow, an_answer_is_known_by_its_token) {
    EXPECT_EQ(answer(R"({"state":{"reported":{"light_state":"on"}},"version":4,"timestamp":1,
        "clientToken":"12"})")
                  .token,
              12U);
    for (const char* others : {R"({"clientToken":"app-12"})", R"({"clientToken":"12x"})", "{}",
                               R"({"clientToken":12})", R"({"clientToken":"-12"})", "x", ""})
        EXPECT_EQ(answer(others).token, 0U) << others;
    const ShadowAnswer refused =
        answer(R"({"code":400,"message":"Invalid JSON","timestamp":1,"clientToken":"3"})");
    EXPECT_EQ(refused.token, 3U);
    EXPECT_EQ(refused.code, 400);
    EXPECT_STREQ(refused.message, "Invalid JSON");
}

TEST(ShadowAnswers, each_report_is_answered_or_missed_once) {
    ShadowAnswers answers;
    EXPECT_FALSE(answers.is_overdue(1'000'000)) << "nothing was asked";
    const std::uint32_t first = answers.sent(0xFFFFFFF0);
    EXPECT_NE(first, 0U);
    EXPECT_FALSE(answers.answered(first + 1));
    EXPECT_FALSE(answers.answered(0));
    EXPECT_TRUE(answers.answered(first));
    EXPECT_FALSE(answers.answered(first)) << "QoS 1 may bring it twice";
    const std::uint32_t second = answers.sent(0xFFFFFFF0);
    EXPECT_NE(second, first);
    EXPECT_FALSE(answers.is_overdue(9'000)) << "the counter of milliseconds starts anew";
    EXPECT_TRUE(answers.is_overdue(10'000));
    EXPECT_FALSE(answers.is_overdue(20'000));
    EXPECT_FALSE(answers.answered(second)) << "too late";
    (void)answers.sent(0);
    answers.forget();
    EXPECT_FALSE(answers.is_overdue(60'000)) << "the connection was gone, which is told already";
}

TEST(Shadow, whatever_comes_is_read_without_harm) {
    std::mt19937 random(7);
    const std::string pieces[] = {"{",
                                  "}",
                                  "\"state\":",
                                  "\"light_state\":",
                                  "\"on\"",
                                  "1",
                                  ",",
                                  "\"firmware_url\":",
                                  "\"https://x\"",
                                  "[",
                                  "]",
                                  "null",
                                  "\\u0000",
                                  "\"version\":",
                                  "99999999999999999999",
                                  "\"clientToken\":",
                                  "\xff"};
    for (int i = 0; i < 5000; ++i) {
        std::string payload;
        for (auto n = random() % 12; n != 0; --n)
            payload += pieces[random() % std::size(pieces)];
        for (const ShadowForm form : {ShadowForm::own, ShadowForm::classic}) {
            const Delta delta = wanted(payload, form);
            EXPECT_LT(std::string(delta.not_understood).size(), sizeof(delta.not_understood));
        }
        (void)answer(payload);
    }
}

}  // namespace

}  // namespace imprint_identity
