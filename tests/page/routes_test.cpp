#include "page/routes.h"

#include <gtest/gtest.h>

namespace imprint::page {
namespace {

using logins::Role;

class RouterTest : public ::testing::Test {
  protected:
    RouterTest() {
        const auto echo = [](const Call& call) -> Result<http::Response> {
            Json json{{"names", call.names}, {"body", call.body}, {"q", call.query("q")}};
            return json_response(json);
        };
        router_.add({{"GET", "/api/lots/*", Role::operator_, echo},
                     {"POST", "/api/lots/*", Role::engineer, echo},
                     {"POST", "/api/lots/*/close", Role::operator_, echo},
                     {"GET", "/api/fails/*", Role::operator_,
                      [](const Call& call) -> Result<http::Response> {
                          if (call.names[0] == "ledger")
                              return fail(ErrorKind::ledger, "ledger_damaged", "why");
                          return fail(ErrorKind::usage, "lot_closed", "why", "what to do");
                      }}});
    }

    http::Response ask(const std::string& method, const std::string& target,
                       const std::string& body = "{}", Role role = Role::engineer) {
        return router_.answer({.method = method, .target = target, .headers = {}, .body = body},
                              {.user = "m", .role = role});
    }

    std::string code(const http::Response& response) {
        return Json::parse(response.body).value("code", "");
    }

    Router router_;
};

TEST_F(RouterTest, names_in_a_path_are_decoded) {
    const Json json = Json::parse(ask("GET", "/api/lots/a%2Fb%20c?q=1%202").body);
    EXPECT_EQ(json["names"][0], "a/b c");
    EXPECT_EQ(json["q"], "1 2");
    EXPECT_EQ(Json::parse(ask("POST", "/api/lots/x/close", R"({"a":1})").body)["body"]["a"], 1);
}

TEST_F(RouterTest, what_is_not_there_is_told_apart) {
    EXPECT_EQ(ask("GET", "/api/nothing").status, 404);
    EXPECT_EQ(ask("GET", "/api/lots").status, 404);
    EXPECT_EQ(ask("GET", "/api/lots/a/b").status, 404);
    EXPECT_EQ(ask("GET", "/api/lots/a/close").status, 405);
    EXPECT_EQ(ask("DELETE", "/api/lots/a").status, 405);
    EXPECT_EQ(ask("HEAD", "/api/lots/a").status, 200);
}

TEST_F(RouterTest, an_operator_does_not_what_is_for_engineers) {
    EXPECT_EQ(ask("POST", "/api/lots/a", "{}", Role::operator_).status, 403);
    EXPECT_EQ(code(ask("POST", "/api/lots/a", "{}", Role::operator_)), "not_allowed");
    EXPECT_EQ(ask("POST", "/api/lots/a/close", "{}", Role::operator_).status, 200);
    EXPECT_EQ(ask("POST", "/api/lots/a").status, 200);
}

TEST_F(RouterTest, a_body_is_an_object) {
    for (const char* body : {"", "[]", "1", "nonsense", "{\"a\":", "\xFF"})
        EXPECT_EQ(ask("POST", "/api/lots/a", body).status, 400) << body;
}

TEST_F(RouterTest, errors_have_the_status_of_their_kind) {
    EXPECT_EQ(ask("GET", "/api/fails/usage").status, 409);
    EXPECT_EQ(code(ask("GET", "/api/fails/usage")), "lot_closed");
    EXPECT_EQ(ask("GET", "/api/fails/ledger").status, 500);
}

}  // namespace
}  // namespace imprint::page
