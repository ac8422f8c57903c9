#include "base/url.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace imprint {
namespace {

TEST(UrlTest, is_taken_apart) {
    const auto url = parse_url("HTTPS://Iot.EU-west-1.amazonaws.com:8443/things/a%20b?x=1&y=%2F#z");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->authority, "Iot.EU-west-1.amazonaws.com:8443");
    EXPECT_EQ(url->host, "iot.eu-west-1.amazonaws.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/things/a%20b");
    EXPECT_EQ(url->query, "x=1&y=%2F");
}

TEST(UrlTest, an_ipv6_address_loses_its_brackets) {
    const auto url = parse_url("http://[::1]:9000");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->authority, "[::1]:9000");
    EXPECT_EQ(url->port, 9000);
    EXPECT_EQ(url->path, "/");
}

TEST(UrlTest, what_is_none_is_refused) {
    for (const char* text :
         {"", "host", "://host", "https://", "https:///path", "http://[::1", "https://u:p@host/",
          "https://user@host/", "http://host:0", "http://host:65536",
          "http://host:", "http://host:1a", "http://[::1]9000", "http://fe80::1/", "http://[]:80"})
        EXPECT_FALSE(parse_url(text)) << text;
}

TEST(UrlTest, what_has_a_scheme_is_to_be_one) {
    EXPECT_TRUE(has_scheme("socket://host:1"));
    EXPECT_TRUE(has_scheme("x://"));
    for (const char* text : {"", "/dev/ttyUSB0", "://", "/dev/a://b", "host:1"})
        EXPECT_FALSE(has_scheme(text)) << text;
}

TEST(HostAndPortTest, is_taken_apart_and_keeps_its_letters) {
    const auto alone = parse_host_and_port("A1b2-ats.iot.eu-west-1.amazonaws.com");
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->host, "A1b2-ats.iot.eu-west-1.amazonaws.com");
    EXPECT_EQ(alone->port, std::nullopt);
    const auto both = parse_host_and_port("[fe80::1%eth0]:65535");
    ASSERT_TRUE(both);
    EXPECT_EQ(both->host, "fe80::1%eth0");
    EXPECT_EQ(both->port, 65535);
    for (const char* text :
         {"", ":1", "host:", "host:0", "host:-1", "host:1:2", "a@host", "[::1", "[]", "[host]:1"})
        EXPECT_FALSE(parse_host_and_port(text)) << text;
}

TEST(UrlTest, a_host_that_no_name_server_has_is_refused_at_once) {
    for (const char* host : {"a b", "127.0.0.1;evil", "*", "exämple.invalid", "..", "-h", "a..b",
                             "a_b!", "h/", "[1]", "[::g]", "[::1%]", "[::1%a b]"})
        EXPECT_FALSE(parse_host_and_port(host)) << host;
    EXPECT_FALSE(parse_host_and_port(std::string(64, 'a')));
    EXPECT_FALSE(parse_host_and_port(std::string(127, 'a') + "." + std::string(127, 'b')));
    for (const char* host : {"a", "a.", "a-b.c_d.example", "10.0.0.1", "[::1]", "[fe80::1%eth0]"})
        EXPECT_TRUE(parse_host_and_port(host)) << host;
}

TEST(UrlTest, what_has_to_be_encoded_in_a_path_is_refused_unencoded) {
    for (const char* url : {"http://h/ a", "http://h/a\r\nb", "http://h/ä", "http://h/?a b"})
        EXPECT_FALSE(parse_url(url)) << url;
}

TEST(UrlTest, only_this_machine_is_loopback) {
    for (const char* host : {"localhost", "::1", "127.0.0.1", "127.1.2.3"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const char* host :
         {"127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "127.0.0.256", "128.0.0.1"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(UrlTest, what_others_say_of_an_address_is_shown_without_its_user_name_and_password) {
    EXPECT_EQ(without_user_names("Unsupported proxy syntax in 'http://user:pw@127.0.0.1:65536'"),
              "Unsupported proxy syntax in 'http://…@127.0.0.1:65536'");
    EXPECT_EQ(without_user_names("foo://user:p@w@x:1"), "foo://…@x:1");
    EXPECT_EQ(without_user_names("user:pw@"), "…@");
    EXPECT_EQ(without_user_names("bad address user:pw@host"), "bad address …@host");
    for (const char* password : {"a/b", "a b", "a'b", "a\"b", "a@b", "a://b"}) {
        const std::string shown = without_user_names(fmt::format("in 'http://u:{}@h:1'", password));
        EXPECT_EQ(shown, "in 'http://…@h:1'") << password;
    }
    EXPECT_EQ(without_user_names("nothing to hide, at all"), "nothing to hide, at all");
    EXPECT_EQ(without_user_names(""), "");
}

TEST(UrlTest, a_setting_is_shown_without_its_password_and_its_pin) {
    EXPECT_EQ(without_secrets(R"("https://user:pw@127.0.0.1:1/")"), R"("https://…@127.0.0.1:1/")");
    EXPECT_EQ(without_secrets(R"(["rfc2217://u:pw@h:1", "/dev/ttyUSB0"])"),
              R"(["rfc2217://…@h:1", "/dev/ttyUSB0"])");
    EXPECT_EQ(without_secrets(R"("pkcs11:token=t?pin-value=1234")"),
              R"("pkcs11:token=t?pin-value=…")");
    EXPECT_EQ(without_secrets("pkcs11:token=t?pin-value=1234&module-path=/m"),
              "pkcs11:token=t?pin-value=…&module-path=/m");
    EXPECT_EQ(without_secrets("a?pin-value=1 b?pin-value=2"), "a?pin-value=… b?pin-value=…");
    EXPECT_EQ(without_secrets(R"({ contact = "ops@example.com" })"),
              R"({ contact = "ops@example.com" })");
    EXPECT_EQ(without_secrets(""), "");
}

}  // namespace
}  // namespace imprint
