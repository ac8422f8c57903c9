#include "aws/secret_member.h"

#include <gtest/gtest.h>

namespace imprint::aws {
namespace {

TEST(SecretMember, is_taken_out_of_the_answer_with_its_escapes_resolved) {
    std::string json =
        R"({"certificateId":"a1","keyPair":{"PublicKey":"p","PrivateKey" : "A\nB\/C\u002bD\"E"}})";
    const Secret key = take_text_member(json, "PrivateKey");
    EXPECT_EQ(key.reveal_text(), "A\nB/C+D\"E");
    EXPECT_EQ(
        json,
        R"({"certificateId":"a1","keyPair":{"PublicKey":"p","PrivateKey" : "                 "}})");
}

TEST(SecretMember, is_not_what_only_reads_like_it) {
    std::string json = R"({"note":"\"PrivateKey\":\"x\"","list":["PrivateKey"],"PrivateKey":7})";
    const std::string before = json;
    EXPECT_TRUE(take_text_member(json, "PrivateKey").empty());
    EXPECT_EQ(json, before);
}

TEST(SecretMember, that_is_damaged_is_none_and_does_not_stay_either) {
    for (const char* text : {R"({"PrivateKey":"abc)", R"({"PrivateKey":"abc\)",
                             R"({"PrivateKey":"abc\q"})", R"({"PrivateKey":"abc\u00fc"})",
                             R"({"PrivateKey":"abc\u00)", "{\"PrivateKey\":\"abc\xC3\xBC\"}"}) {
        std::string json = text;
        EXPECT_TRUE(take_text_member(json, "PrivateKey").empty()) << text;
        EXPECT_EQ(json.find("abc"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace imprint::aws
