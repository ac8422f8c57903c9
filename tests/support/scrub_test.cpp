// What a report must not hold, wherever it turns up.
#include "support/scrub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace imprint::support {
namespace {

using ::testing::HasSubstr;

constexpr const char* pem =
    "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBq3\nAoGCCqG\n-----END EC PRIVATE KEY-----";

TEST(Scrubber, what_is_no_secret_stays_as_it_is) {
    const Scrubber scrubber;
    for (const char* text :
         {"", "plain", "https://example.com/a?b=c", "imprint.toml line 12",
          "SHA-1 0123456789abcdef0123456789abcdef01234567",
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          "/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0", "pkcs11:token=line;object=ca",
          "private_key_name = \"private.pem.key\"", "AWS_SHARED_CREDENTIALS_FILE=/home/a/.aws/c",
          "ada@example.com", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
          "the registry refuses the secret"})
        EXPECT_EQ(scrubber.clean(text), text);
}

TEST(Scrubber, private_keys_go_with_their_frame_and_what_stands_around_them_stays) {
    const Scrubber scrubber;
    EXPECT_EQ(scrubber.clean(std::string("a ") + pem + " b " + pem + " c"),
              "a [removed] b [removed] c");
    const std::string certificate =
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    EXPECT_EQ(scrubber.clean(certificate + pem), certificate + "[removed]");
}

TEST(Scrubber, a_private_key_that_is_cut_off_goes_to_the_end) {
    const std::string text(pem);
    EXPECT_EQ(Scrubber().clean("x " + text.substr(0, text.size() - 30)), "x [removed]");
}

TEST(Scrubber, values_of_what_is_named_as_a_secret_go) {
    const Scrubber scrubber;
    EXPECT_EQ(scrubber.clean("aws_secret_access_key = abc"), "aws_secret_access_key = [removed]");
    EXPECT_EQ(scrubber.clean("WIFI_PASSWORD=abc make"), "WIFI_PASSWORD=[removed] make");
    EXPECT_EQ(scrubber.clean("{\"sessionSecret\": \"abc\", \"x\": 1}"),
              "{\"sessionSecret\": \"[removed]\", \"x\": 1}");
    EXPECT_EQ(scrubber.clean("tool --password abc -v"), "tool --password [removed] -v");
    EXPECT_EQ(scrubber.clean("Authorization: Bearer a b\nnext"), "Authorization: [removed]\nnext");
}

TEST(Scrubber, a_quoted_value_goes_to_its_closing_quote) {
    const Scrubber scrubber;
    for (const auto& [text, cleaned] : std::vector<std::pair<std::string, std::string>>{
             {R"(wifi_password = "CANARY with CANARY")", R"(wifi_password = "[removed]")"},
             {R"(cmake -DPASSWORD=\"CANARY and CANARY\" .)", R"(cmake -DPASSWORD=\"[removed]\" .)"},
             {"WIFI_PASSWORD='my CANARY' make", "WIFI_PASSWORD='[removed]' make"},
             {R"({"password":"ab\"CANARY","x":1})", R"({"password":"[removed]","x":1})"},
             {R"({"password":"ab\\","x":1})", R"({"password":"[removed]","x":1})"},
             {R"("{\"wifi_password\":\"CANARY b\"}")", R"("{\"wifi_password\":\"[removed]\"}")"},
             {R"("{\\\"psk\\\":\\\"a \\\\\\\"CANARY\\\"}")",
              R"("{\\\"psk\\\":\\\"[removed]\\\"}")"},
             {R"(x imprint[1]: password: "correct horse CANARY" y)",
              R"(x imprint[1]: password: "[removed]" y)"},
             {R"("PASSWORD=CANARY make")", R"("PASSWORD=[removed] make")"},
             {R"(--password "a CANARY" -v)", R"(--password "[removed]" -v)"},
             {"pass = \"\"\"a\nCANARY\"\"\" x", "pass = \"[removed]\"\"\" x"},
             {"password: \"CANARY cut off\nnext", "password: \"[removed]\nnext"},
             {"'password': 'it\\'s CANARY', 'x'", "'password': '[removed]', 'x'"},
             {R"(passwords = ["a]CANARY", "b"] x)", "passwords = [removed] x"}})
        EXPECT_EQ(scrubber.clean(text), cleaned);
}

TEST(Scrubber, an_unquoted_value_goes_to_its_end) {
    const Scrubber scrubber;
    for (const auto& [text, cleaned] : std::vector<std::pair<std::string, std::string>>{
             {"wifi_password=abc,CANARY make", "wifi_password=[removed] make"},
             {"wifi_password=abc\\ CANARY make", "wifi_password=[removed] make"},
             {"password => CANARY b", "password => [removed]"},
             {"password: correct horse CANARY\nnext", "password: [removed]\nnext"},
             {"password:\n  CANARY b\nnext", "password:\n  [removed]\nnext"},
             {R"({"password": CANARY, "x": 1})", R"({"password": [removed], "x": 1})"},
             {"https://h/?token=CANARY&x=1", "https://h/?token=[removed]&x=1"},
             {"https://h/?a=1&access_token=CANARY x", "https://h/?a=1&access_token=[removed] x"},
             {"?X-Amz-Security-Token=CAN%2FARY&X-Amz-Signature=CANARY&X-Amz-Date=1",
              "?X-Amz-Security-Token=[removed]&X-Amz-Signature=[removed]&X-Amz-Date=1"},
             {"WIFI_PSK=CANARY", "WIFI_PSK=[removed]"},
             {"userPass=CANARY", "userPass=[removed]"},
             {"db_pwd: CANARY", "db_pwd: [removed]"},
             {"IMPRINT_TOKEN_PIN=471199", "IMPRINT_TOKEN_PIN=[removed]"},
             {"pin: 4711", "pin: [removed]"}})
        EXPECT_EQ(scrubber.clean(text), cleaned);
}

TEST(Scrubber, ordinary_texts_of_a_report_stay) {
    const Scrubber scrubber;
    for (const char* text : {"4 passed, 0 failed",
                             "passes: 3",
                             "passed: 12, failed: 0",
                             R"({"passed":4,"failed":0})",
                             "first-pass yield: 98 %",
                             "pass: 4",
                             "pin: 9",
                             "spin: 4711",
                             "token_file = \"/etc/token\"",
                             "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/token",
                             "PWD=/home/ada/lamp",
                             "compass: north",
                             "bypass=1",
                             "unpinned: all",
                             "wrong password",
                             "imprint::Secret::reveal",
                             "std::token::x",
                             "password:",
                             "password = \"\"",
                             "secret_name = lamp",
                             "station.token_type = \"bearer\""})
        EXPECT_EQ(scrubber.clean(text), text);
}

TEST(Scrubber, a_pin_that_is_known_goes_as_a_number_of_its_own) {
    const Scrubber scrubber({"471199", "123"});
    EXPECT_EQ(scrubber.clean("said 471199, 471199."), "said [removed], [removed].");
    for (const char* text : {"1471199", "4711990", "471199a", "123"})
        EXPECT_EQ(scrubber.clean(text), text);
}

TEST(Scrubber, user_names_and_passwords_in_addresses_go) {
    EXPECT_EQ(Scrubber().clean("proxy http://ada:pa@ss@proxy.example:3128/ refuses"),
              "proxy http://[removed]@proxy.example:3128/ refuses");
}

TEST(Scrubber, texts_that_can_only_be_keys_go) {
    const Scrubber scrubber;
    const std::string secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    ASSERT_EQ(secret_key.size(), 40U);
    EXPECT_EQ(scrubber.clean("from " + secret_key + "."), "from [removed].");
    EXPECT_EQ(scrubber.clean("X=" + secret_key), "X=[removed]");
    std::string token;
    while (token.size() < 300)
        token += "IQoJb3JpZ2luX2VjEJr";
    EXPECT_EQ(scrubber.clean("<" + token + ">"), "<[removed]>");
    EXPECT_EQ(scrubber.clean(std::string(300, 'z')), std::string(300, 'z'));
    EXPECT_EQ(scrubber.clean(std::string(242, '3')), "[removed]");
}

TEST(Scrubber, a_known_secret_goes_in_each_form) {
    const Scrubber scrubber({"correct horse", "short"});
    // Bytes around it, as somebody else's encoding has them.
    for (const char* text :
         {"correct horse", "636f727265637420686f727365", "636F727265637420686F727365",
          // base64 of it, of "x" and it, and of "xy" and it, each followed by "z"
          "Y29ycmVjdCBob3JzZXo=", "eGNvcnJlY3QgaG9yc2V6", "eHljb3JyZWN0IGhvcnNleg=="}) {
        const std::string cleaned = scrubber.clean(std::string("a ") + text + " b");
        EXPECT_THAT(cleaned, HasSubstr("[removed]")) << text;
    }
    EXPECT_EQ(scrubber.clean("short"), "short");  // it would be found everywhere
}

TEST(Scrubber, all_texts_of_a_document_are_cleaned_and_no_name) {
    nlohmann::ordered_json json{{"password", "x"}, {"list", {"a", {{"deep", pem}}, 7}}};
    Scrubber().clean(json);
    EXPECT_EQ(json.dump(), R"({"password":"x","list":["a",{"deep":"[removed]"},7]})");
}

}  // namespace
}  // namespace imprint::support
