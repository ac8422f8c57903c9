#include "local_registry/faults/late_writes.h"

#include <gmock/gmock.h>

#include "local_registry/signed_fixture.h"

namespace imprint::local_registry {
namespace {

class LateWritesTest : public SignedTest {
  protected:
    http::Response late(Milliseconds lag, const std::string& method, const std::string& target,
                        const json& body = nullptr, const http::Fields& headers = {}) {
        return late_.handle(
            signed_request(right(), method, target, body.is_null() ? "" : body.dump(), headers),
            lag);
    }

    // The error's name, or nothing.
    std::string fault(Milliseconds lag, const std::string& method, const std::string& target,
                      const json& body = nullptr, const http::Fields& headers = {}) {
        return header(late(lag, method, target, body, headers), "x-amzn-ErrorType");
    }

    void pass(Milliseconds time) {
        clock_.advance(time);
        late_.apply_due();
    }

    json principals(const std::string& thing) {
        return ok("GET", "/things/" + thing + "/principals")["principals"];
    }

    std::string status(const std::string& arn) {
        return ok("GET", "/certificates/" + id_of(arn))["certificateDescription"]["status"];
    }

    static constexpr Milliseconds now{0};
    static constexpr Milliseconds a_second{1000};

    Api api_{context(), "", [] { return true; }, {}};
    LateWrites late_{context(), api_, {}};
};

TEST_F(LateWritesTest, a_detachment_is_answered_at_once_and_seen_later) {
    const std::string arn = certificate();
    ok("POST", "/things/a");
    ok("PUT", "/things/a/principals", nullptr, principal(arn));
    EXPECT_EQ(fault(a_second * 3, "DELETE", "/things/a/principals", nullptr, principal(arn)), "");
    EXPECT_EQ(principals("a"), json::array({arn}));
    EXPECT_EQ(fault(now, "DELETE", "/certificates/" + id_of(arn)), "DeleteConflictException");
    EXPECT_EQ(fault(now, "DELETE", "/things/a"), "InvalidRequestException");
    pass(Milliseconds(2999));
    EXPECT_EQ(principals("a"), json::array({arn}));
    pass(Milliseconds(1));
    EXPECT_EQ(principals("a"), json::array());
    EXPECT_EQ(fault(now, "DELETE", "/certificates/" + id_of(arn)), "");
    EXPECT_EQ(fault(now, "DELETE", "/things/a"), "");
}

TEST_F(LateWritesTest, a_certificate_is_the_one_that_was_answered) {
    const auto key = pki::PrivateKey::generate(pki::KeyKind::ec_p256);
    policy("p");
    const json made = json::parse(late(a_second, "POST", "/certificates?setAsActive=true",
                                       {{"certificateSigningRequest", key->request("board")}})
                                      .body);
    const std::string arn = made["certificateArn"];
    EXPECT_EQ(refused("GET", "/certificates/" + id_of(arn)), "ResourceNotFoundException");
    EXPECT_EQ(fault(now, "PUT", "/target-policies/p", {{"target", arn}}),
              "ResourceNotFoundException");
    pass(a_second);
    const json seen = ok("GET", "/certificates/" + id_of(arn))["certificateDescription"];
    EXPECT_EQ(seen["certificatePem"], made["certificatePem"]);
    EXPECT_EQ(seen["status"], "ACTIVE");
    EXPECT_EQ(fault(now, "PUT", "/target-policies/p", {{"target", arn}}), "");
}

TEST_F(LateWritesTest, a_thing_has_the_id_that_was_answered) {
    const json made = json::parse(late(a_second, "POST", "/things/a").body);
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
    pass(a_second);
    EXPECT_EQ(ok("GET", "/things/a")["thingId"], made["thingId"]);
}

TEST_F(LateWritesTest, what_is_refused_is_refused_at_once) {
    EXPECT_EQ(fault(a_second, "DELETE", "/things/none/principals", nullptr, principal("x")),
              "InvalidRequestException");
    EXPECT_EQ(fault(a_second, "POST", "/things/a", {{"thingTypeName", "none"}}),
              "ResourceNotFoundException");
    pass(a_second);
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
}

TEST_F(LateWritesTest, of_two_writes_to_one_the_later_one_counts) {
    const std::string arn = certificate();
    const std::string place = "/certificates/" + id_of(arn);
    EXPECT_EQ(fault(a_second * 5, "PUT", place + "?newStatus=ACTIVE"), "");
    EXPECT_EQ(fault(now, "PUT", place + "?newStatus=INACTIVE"), "");
    pass(a_second * 4);
    EXPECT_EQ(status(arn), "INACTIVE");
    pass(a_second);
    EXPECT_EQ(status(arn), "INACTIVE");

    ok("POST", "/things/a");
    EXPECT_EQ(fault(a_second * 5, "PUT", "/things/a/principals", nullptr, principal(arn)), "");
    EXPECT_EQ(fault(a_second, "DELETE", "/things/a/principals", nullptr, principal(arn)), "");
    pass(a_second * 5);
    EXPECT_EQ(principals("a"), json::array());
}

TEST_F(LateWritesTest, a_write_to_something_else_does_not_wait) {
    const std::string arn = certificate();
    ok("POST", "/things/a");
    ok("PUT", "/things/a/principals", nullptr, principal(arn));
    EXPECT_EQ(fault(a_second, "DELETE", "/things/a/principals", nullptr, principal(arn)), "");
    EXPECT_EQ(fault(now, "PUT", "/certificates/" + id_of(arn) + "?newStatus=ACTIVE"), "");
    EXPECT_EQ(status(arn), "ACTIVE");
    EXPECT_EQ(fault(now, "POST", "/things/b"), "");
    EXPECT_EQ(ok("GET", "/things/b")["thingName"], "b");
}

TEST_F(LateWritesTest, a_template_waits_for_all_that_it_might_name) {
    EXPECT_EQ(fault(a_second, "POST", "/things/a"), "");
    const std::string thing =
        R"({"Resources":{"t":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":"b"}}}})";
    EXPECT_EQ(fault(now, "POST", "/things", {{"templateBody", thing}}), "");
    EXPECT_EQ(refused("GET", "/things/b"), "ResourceNotFoundException");
    pass(a_second);
    EXPECT_EQ(ok("GET", "/things/b")["thingName"], "b");
}

TEST_F(LateWritesTest, a_repeat_of_what_waits_is_answered_alike_and_harms_nothing) {
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(fault(a_second, "POST", "/things/a"), "");
    pass(a_second);
    EXPECT_EQ(ok("GET", "/things/a")["version"], 1);
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(fault(a_second, "DELETE", "/things/a"), "");
    pass(a_second);
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
    EXPECT_EQ(fault(now, "POST", "/things/b"), "") << "nothing is left that holds others up";
    EXPECT_EQ(ok("GET", "/things/b")["thingName"], "b");
}

TEST_F(LateWritesTest, what_its_state_does_not_allow_any_more_has_no_effect) {
    const std::string arn = certificate();
    ok("POST", "/things/a");
    EXPECT_EQ(fault(a_second, "PUT", "/things/a/principals", nullptr, principal(arn)), "");
    EXPECT_EQ(fault(now, "DELETE", "/things/a"), "");
    pass(a_second);
    EXPECT_EQ(ok("GET", "/principals/things", nullptr, principal(arn))["things"], json::array());
}

TEST_F(LateWritesTest, what_was_answered_outlives_the_server) {
    const json made = json::parse(late(a_second, "POST", "/things/a").body);
    LateWrites next(context(), api_, {});
    next.apply_due();
    EXPECT_EQ(refused("GET", "/things/a"), "ResourceNotFoundException");
    next.apply_all();
    EXPECT_EQ(ok("GET", "/things/a")["thingId"], made["thingId"]);
}

}  // namespace
}  // namespace imprint::local_registry
