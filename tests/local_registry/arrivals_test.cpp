#include "local_registry/broker/arrivals.h"

#include <gmock/gmock.h>
#include <optional>
#include <sys/socket.h>

namespace imprint::local_registry {
namespace {

class ArrivalChannelTest : public testing::Test {
  protected:
    void raw(std::string_view datagram) {
        ASSERT_EQ(::send(broker_.fd(), datagram.data(), datagram.size(), 0),
                  static_cast<ssize_t>(datagram.size()));
    }

    std::optional<Arrival> next_arrival() {
        const auto message = registry_.next_from_broker();
        if (!message) return std::nullopt;
        EXPECT_TRUE(std::holds_alternative<Arrival>(*message));
        return std::get<Arrival>(*message);
    }

    Result<std::pair<ArrivalChannel, ArrivalChannel>> ends_ = ArrivalChannel::make();
    ArrivalChannel& registry_ = ends_->first;
    ArrivalChannel& broker_ = ends_->second;
};

TEST_F(ArrivalChannelTest, carries_both_ways_in_order_and_never_waits) {
    EXPECT_FALSE(next_arrival());
    EXPECT_FALSE(broker_.next_announcement());
    ASSERT_TRUE(broker_.send(
        Arrival{.certificate_pem = "one", .names = {{"Subject.CommonName", {"a", "b\xff"}}}}));
    ASSERT_TRUE(broker_.send(Arrival{.certificate_pem = "two", .names = {}}));
    const auto one = next_arrival();
    ASSERT_TRUE(one);
    EXPECT_EQ(one->certificate_pem, "one");
    EXPECT_THAT(one->names.at("Subject.CommonName"), testing::ElementsAre("a", "b\xEF\xBF\xBD"));
    EXPECT_EQ(next_arrival()->certificate_pem, "two");
    EXPECT_FALSE(next_arrival());
    ASSERT_TRUE(registry_.send(Announcement{.topic = "a/b", .payload = "{\"c\":1}"}));
    const auto told = broker_.next_announcement();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->topic, "a/b");
    EXPECT_EQ(told->payload, "{\"c\":1}");
    EXPECT_EQ(told->qos, 1);
    EXPECT_FALSE(told->retain);
}

TEST_F(ArrivalChannelTest, carries_payloads_as_they_are) {
    std::string payload = "\n{\"a\":1}\n";
    payload += std::string("\0\xff", 2);
    ASSERT_TRUE(broker_.send(Asked{.client_id = "c\n", .topic = "$aws/x\n\"", .payload = payload}));
    ASSERT_TRUE(broker_.send(Asked{.client_id = "c", .topic = "t", .payload = ""}));
    const auto message = registry_.next_from_broker();
    ASSERT_TRUE(message && std::holds_alternative<Asked>(*message));
    const Asked& asked = std::get<Asked>(*message);
    EXPECT_EQ(asked.client_id, "c\n");
    EXPECT_EQ(asked.topic, "$aws/x\n\"");
    EXPECT_EQ(asked.payload, payload);
    EXPECT_EQ(std::get<Asked>(*registry_.next_from_broker()).payload, "");
    const std::string large(128UL * 1024, 'x');
    ASSERT_TRUE(registry_.send(
        Announcement{.topic = "t", .payload = payload + large, .qos = 0, .retain = true}));
    const auto told = broker_.next_announcement();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->payload, payload + large);
    EXPECT_EQ(told->qos, 0);
    EXPECT_TRUE(told->retain);
}

TEST_F(ArrivalChannelTest, passes_over_what_is_damaged) {
    for (const char* damaged :
         {"", "x", "[]", "{}", R"({"certificate":1,"names":{}})", R"({"certificate":"p"})",
          R"({"certificate":"p","names":{"a":"b"}})", R"({"certificate":"p","names":{"a":[1]}})",
          R"({"topic":"t","payload":"p"})", "{\"topic\":1,\"client\":\"c\"}\n", "\n", "{\n}"})
        raw(damaged);
    raw(R"({"certificate":"good","names":{}})");
    const auto arrival = next_arrival();
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->certificate_pem, "good");
}

TEST_F(ArrivalChannelTest, refuses_what_is_too_large_or_has_nobody_to_read_it) {
    EXPECT_FALSE(broker_.send(Arrival{.certificate_pem = std::string(300'000, 'x'), .names = {}}));
    EXPECT_TRUE(broker_.send(Arrival{.certificate_pem = std::string(60'000, 'x'), .names = {}}));
    EXPECT_EQ(next_arrival()->certificate_pem.size(), 60'000U);
    registry_ = ArrivalChannel(Fd());
    EXPECT_FALSE(broker_.send(Arrival{.certificate_pem = "x", .names = {}}));
    EXPECT_FALSE(ArrivalChannel(Fd()).next_from_broker());
}

TEST_F(ArrivalChannelTest, holds_back_rather_than_wait_when_nobody_reads) {
    int sent = 0;
    while (sent < 10'000 && broker_.send(Arrival{.certificate_pem = "x", .names = {}}))
        ++sent;
    EXPECT_GT(sent, 0);
    EXPECT_LT(sent, 10'000);
}

}  // namespace
}  // namespace imprint::local_registry
