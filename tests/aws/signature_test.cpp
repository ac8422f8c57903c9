// Against AWS's own published examples: the "AWS Signature Version 4 test suite" (with its key,
// date, region "us-east-1" and service "service"), and the ListUsers request that the signing guide
// of AWS General Reference works through step by step.
#include "aws/signature.h"

#include <gtest/gtest.h>
#include <ostream>

#include "aws/support.h"

namespace imprint::aws {
namespace {

using testing::some_credentials;

struct Vector {
    const char* name;
    const char* method;
    const char* url;
    std::vector<std::pair<std::string, std::string>> headers;
    const char* body;
    const char* signed_headers;
    const char* signature;

    friend void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.name; }
};

WallTime suite_time() {
    using namespace std::chrono;
    return sys_days(year(2015) / 8 / 30) + hours(12) + minutes(36);
}

class SignatureVectors : public ::testing::TestWithParam<Vector> {};

TEST_P(SignatureVectors, give_the_published_signature) {
    const Vector& vector = GetParam();
    http::ClientRequest request{vector.method, vector.url, vector.headers, vector.body};
    sign(request, some_credentials(), {"us-east-1", "service"}, suite_time());
    EXPECT_EQ(request.headers.back().first, "authorization");
    EXPECT_EQ(request.headers.back().second,
              std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                          "aws4_request, SignedHeaders=") +
                  vector.signed_headers + ", Signature=" + vector.signature);
}

INSTANTIATE_TEST_SUITE_P(
    TestSuite, SignatureVectors,
    ::testing::Values(
        Vector{"get_vanilla",
               "GET",
               "https://example.amazonaws.com/",
               {},
               "",
               "host;x-amz-date",
               "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        Vector{"get_vanilla_query_order_key_case",
               "GET",
               "https://example.amazonaws.com/?Param2=value2&Param1=value1",
               {},
               "",
               "host;x-amz-date",
               "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        Vector{"get_unreserved",
               "GET",
               "https://example.amazonaws.com/"
               "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
               {},
               "",
               "host;x-amz-date",
               "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        Vector{"get_header_value_trim",
               "GET",
               "https://example.amazonaws.com/",
               {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
               "",
               "host;my-header1;my-header2;x-amz-date",
               "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        Vector{"get_header_key_duplicate",
               "GET",
               "https://example.amazonaws.com/",
               {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
               "",
               "host;my-header1;x-amz-date",
               "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        Vector{"normalize_path_relative_relative",
               "GET",
               "https://example.amazonaws.com/example1/example2/../..",
               {},
               "",
               "host;x-amz-date",
               "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        Vector{"normalize_path_slashes",
               "GET",
               "https://example.amazonaws.com//example//",
               {},
               "",
               "host;x-amz-date",
               "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
        Vector{"post_vanilla",
               "POST",
               "https://example.amazonaws.com/",
               {},
               "",
               "host;x-amz-date",
               "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        Vector{"post_x_www_form_urlencoded",
               "POST",
               "https://example.amazonaws.com/",
               {{"Content-Type", "application/x-www-form-urlencoded"}},
               "Param1=value1",
               "content-type;host;x-amz-date",
               "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"}),
    [](const auto& vector) { return vector.param.name; });

TEST(SignatureTest, list_users_of_the_signing_guide) {
    http::ClientRequest request{
        "GET",
        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
        ""};
    sign(request, some_credentials(), {"us-east-1", "iam"}, suite_time());
    EXPECT_EQ(request.headers.back().second,
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date, Signature="
              "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SignatureTest, a_session_token_is_sent_and_signed) {
    http::ClientRequest request{"GET", "https://iot.eu-west-1.amazonaws.com/things", {}, ""};
    Credentials credentials = some_credentials();
    credentials.session_token = Secret(std::string_view("token"));
    sign(request, credentials, {"eu-west-1", "iot"}, suite_time());
    EXPECT_EQ(request.headers[1],
              (std::pair<std::string, std::string>("x-amz-security-token", "token")));
    EXPECT_NE(request.headers.back().second.find("host;x-amz-date;x-amz-security-token"),
              std::string::npos);
}

}  // namespace
}  // namespace imprint::aws
