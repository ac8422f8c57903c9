// No other page in the same browser can do or learn anything here.
#include "logins/request_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "logins/support.h"

namespace imprint::logins {
namespace {

using testing::get;
using testing::header;
using testing::post;
using testing::with;
using testing::without;

// "" or "403 other_origin".
std::string refusal(const http::Request& request, const Site& site = {}) {
    const auto refused = refuse_foreign(request, site);
    return refused ? std::to_string(refused->status) + " " + refused->error.code : "";
}

Site network() {
    return {.address = "0.0.0.0",
            .port = 443,
            .tls = true,
            .hosts = {"bench.example.com", "*.line.example.com", "192.0.2.7", "2001:db8::7"}};
}

TEST(RequestGuard, the_pages_own_requests_go_on) {
    EXPECT_EQ(refusal(get("/")), "");
    EXPECT_EQ(refusal(get("/api/state")), "");
    EXPECT_EQ(refusal(post("/api/scan")), "");
    for (const char* host : {"localhost:7625", "LOCALHOST:7625", "[::1]:7625", "localhost.:7625"})
        EXPECT_EQ(refusal(with(get("/api/state"), "host", host)), "") << host;
}

TEST(RequestGuard, a_program_says_neither_origin_nor_relation) {
    const auto plain = without(without(post("/api/scan"), "origin"), "sec-fetch-site");
    EXPECT_EQ(refusal(plain), "");
    EXPECT_EQ(refusal(with(plain, "content-type", "application/json; charset=utf-8")), "");
}

TEST(RequestGuard, a_name_of_somebody_else_that_points_here_is_refused) {
    for (const char* host :
         {"evil.example:7625", "127.0.0.1:80", "127.0.0.1", "127.0.0.1.evil.example:7625",
          "localhost.evil:7625", "127.0.0.2:7625", "", "a b:7625", "127.0.0.1:7625@evil:7625"})
        for (const auto& request : {get("/"), get("/api/state"), post("/api/scan")})
            EXPECT_EQ(refusal(with(request, "host", host)), "403 other_host") << host;
}

TEST(RequestGuard, a_request_names_one_host) {
    EXPECT_EQ(refusal(without(get("/"), "host")), "400 bad_request");
    auto twice = get("/");
    twice.headers.emplace_back("host", "127.0.0.1:7625");
    EXPECT_EQ(refusal(twice), "400 bad_request");
    EXPECT_EQ(refusal(get("http://127.0.0.1:7625/api/state")), "400 bad_request");
}

TEST(RequestGuard, on_a_network_the_names_in_the_certificate_are_its_own) {
    for (const char* host : {"bench.example.com", "bench.example.com:443", "a.line.example.com",
                             "192.0.2.7", "[2001:db8:0:0::7]"})
        EXPECT_EQ(refusal(with(get("/"), "host", host), network()), "") << host;
    for (const char* host :
         {"localhost", "127.0.0.1", "line.example.com", ".line.example.com", "a.b.line.example.com",
          "bench.example.com:80", "evil.example", "[2001:db8::8]"})
        EXPECT_EQ(refusal(with(get("/"), "host", host), network()), "403 other_host") << host;
}

TEST(RequestGuard, another_page_changes_nothing) {
    for (const char* origin :
         {"http://evil.example", "http://127.0.0.1:3000", "https://127.0.0.1:7625",
          "http://localhost:7625", "http://127.0.0.1", "null", "", "http://127.0.0.1:7625/",
          "http://127.0.0.1:7625 http://evil.example"})
        EXPECT_EQ(refusal(with(post("/api/scan"), "origin", origin)), "403 other_origin") << origin;
    for (const char* relation : {"cross-site", "same-site", "", "other"})
        EXPECT_EQ(refusal(with(without(post("/api/scan"), "origin"), "sec-fetch-site", relation)),
                  "403 other_origin")
            << relation;
    auto twice = post("/api/scan");
    twice.headers.emplace_back("origin", "http://evil.example");
    EXPECT_EQ(refusal(twice), "403 other_origin");
}

TEST(RequestGuard, another_host_that_would_be_ours_is_another_page) {
    const auto request = with(with(post("/api/scan"), "host", "bench.example.com"), "origin",
                              "https://evil.line.example.com");
    EXPECT_EQ(refusal(request, network()), "403 other_origin");
    EXPECT_EQ(refusal(with(request, "origin", "https://bench.example.com"), network()), "");
    EXPECT_EQ(refusal(with(request, "origin", "https://bench.example.com:443"), network()), "");
}

TEST(RequestGuard, every_method_but_two_counts_as_a_change) {
    for (const char* method : {"PUT", "DELETE", "PATCH", "OPTIONS", "get", "TRACE"}) {
        auto request = with(post("/api/scan"), "origin", "http://evil.example");
        request.method = method;
        EXPECT_EQ(refusal(request), "403 other_origin") << method;
        request.target = "/";
        EXPECT_EQ(refusal(request), "403 other_origin") << method;
    }
}

TEST(RequestGuard, what_a_form_can_send_is_no_change) {
    for (const char* type :
         {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "",
          "application/jsonx", "text/plain; application/json"})
        EXPECT_EQ(refusal(with(post("/api/scan"), "content-type", type)), "400 bad_request")
            << type;
    EXPECT_EQ(refusal(without(post("/api/scan"), "content-type")), "400 bad_request");
}

TEST(RequestGuard, another_page_reads_nothing_of_the_api) {
    for (const char* path : {"/api/state", "/api/events", "/metrics", "/%61pi/state", "/API/state",
                             "//api/state", "/./api/state", "/..%2fapi/state", "/x%00/y", "/%zz"}) {
        EXPECT_EQ(refusal(with(get(path), "sec-fetch-site", "cross-site")), "403 other_origin")
            << path;
        EXPECT_EQ(refusal(with(get(path), "sec-fetch-site", "same-site")), "403 other_origin")
            << path;
        EXPECT_EQ(refusal(with(get(path), "origin", "http://evil.example")), "403 other_origin")
            << path;
    }
}

TEST(RequestGuard, a_link_elsewhere_may_lead_to_the_page) {
    for (const char* path : {"/", "/lots/order-17", "/apiary", "/assets/index-1a2b.js"})
        EXPECT_EQ(refusal(with(get(path), "sec-fetch-site", "cross-site")), "") << path;
}

TEST(RequestGuard, a_host_is_one_text_however_it_is_written) {
    EXPECT_EQ(canonical_host("Bench.Example.COM."), "bench.example.com");
    EXPECT_EQ(canonical_host("2001:DB8:0:0:0:0:0:7"), "2001:db8::7");
    EXPECT_EQ(canonical_host("192.0.2.7"), "192.0.2.7");
}

TEST(RequestGuard, a_site_tells_its_address) {
    EXPECT_EQ(Site().url(), "http://127.0.0.1:7625");
    EXPECT_EQ(network().url(), "https://bench.example.com");
    EXPECT_EQ((Site{.address = "::1", .port = 80, .tls = false, .hosts = {}}).url(),
              "http://[::1]");
}

TEST(SecurityHeaders, are_on_every_answer) {
    http::Response response;
    add_security_headers(response, {});
    EXPECT_THAT(header(response, "Content-Security-Policy"),
                ::testing::StartsWith("default-src 'none'; script-src 'self'; "));
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(response, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(header(response, "Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(header(response, "Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(header(response, "X-Frame-Options"), "DENY");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
}

TEST(SecurityHeaders, what_an_answer_says_itself_stays_and_stands_once) {
    http::Response response{.headers = {{"cache-control", "max-age=1"},
                                        {"Content-Security-Policy", std::string(document_policy)}}};
    add_security_headers(response, {});
    const auto once = response.headers;
    add_security_headers(response, {});
    EXPECT_EQ(response.headers, once);
    EXPECT_EQ(header(response, "Cache-Control"), "");
    EXPECT_EQ(header(response, "Content-Security-Policy"), document_policy);
}

TEST(SecurityHeaders, a_browser_is_told_to_stay_with_tls_where_that_harms_no_other_server) {
    const auto told = [](const Site& site) {
        http::Response response;
        add_security_headers(response, site);
        return header(response, "Strict-Transport-Security");
    };
    EXPECT_EQ(told({}), "");
    EXPECT_EQ(told({.address = "127.0.0.1", .tls = true}), "");
    EXPECT_EQ(told(network()), "max-age=31536000");
}

}  // namespace
}  // namespace imprint::logins
