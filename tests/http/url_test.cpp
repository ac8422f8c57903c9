#include "http/url.h"

#include <gmock/gmock.h>
#include <random>

namespace imprint::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(UrlTest, the_host_header_has_no_port_that_the_scheme_means_anyway) {
    EXPECT_EQ(host_header(*parse_url("https://h:443/")), "h");
    EXPECT_EQ(host_header(*parse_url("http://h:80/")), "h");
    EXPECT_EQ(host_header(*parse_url("https://h:80/")), "h:80");
    EXPECT_EQ(host_header(*parse_url("http://h:8080/")), "h:8080");
}

TEST(QueryTest, a_query_is_decoded_and_keeps_its_plus) {
    EXPECT_THAT(parse_query("a=1&b&c=x%3Dy+z&&d="),
                ElementsAre(Pair("a", "1"), Pair("b", ""), Pair("c", "x=y+z"), Pair("d", "")));
    EXPECT_THAT(parse_query("x+y=%20%2B"), ElementsAre(Pair("x+y", " +")));
    EXPECT_THAT(parse_query("a=b=c&=d"), ElementsAre(Pair("a", "b=c"), Pair("", "d")));
    EXPECT_THAT(parse_query(""), ElementsAre());
    EXPECT_THAT(parse_query("&&"), ElementsAre());
}

TEST(QueryTest, a_plus_is_a_space_in_a_form_alone) {
    EXPECT_THAT(parse_form("x+y=a+b%2B&b"), ElementsAre(Pair("x y", "a b+"), Pair("b", "")));
}

TEST(QueryTest, what_cannot_be_decoded_stays_as_it_is) {
    EXPECT_THAT(parse_query("a=%zz&%4=%&b=1"),
                ElementsAre(Pair("a", "%zz"), Pair("%4", "%"), Pair("b", "1")));
    EXPECT_THAT(parse_form("a=%zz+"), ElementsAre(Pair("a", "%zz ")));
}

TEST(QueryTest, encoding_and_decoding_are_inverse_for_any_bytes) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 40, '\0');
        for (char& c : text)
            c = static_cast<char>(random());
        const std::string encoded = percent_encode(text);
        EXPECT_EQ(encoded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                            "0123456789-_.~%"),
                  std::string::npos);
        EXPECT_EQ(percent_decode(encoded), text);
    }
    EXPECT_EQ(percent_decode("a%3ab%2F+"), "a:b/+");
    EXPECT_FALSE(percent_decode("%"));
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%zz"));
}

}  // namespace
}  // namespace imprint::http
