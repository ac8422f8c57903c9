// What a report must not hold, wherever it turns up.
#include "support/scrub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
