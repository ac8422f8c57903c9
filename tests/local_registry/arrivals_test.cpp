#include "local_registry/broker/arrivals.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

namespace imprint::local_registry {
namespace {

class ArrivalChannelTest : public testing::Test {
  protected:
    void raw(std::string_view datagram) {
        ASSERT_EQ(::send(broker_.fd(), datagram.data(), datagram.size(), 0),
                  static_cast<ssize_t>(datagram.size()));
    }

    Result<std::pair<ArrivalChannel, ArrivalChannel>> ends_ = ArrivalChannel::make();
    ArrivalChannel& registry_ = ends_->first;
    ArrivalChannel& broker_ = ends_->second;
};

TEST_F(ArrivalChannelTest, carries_both_ways_in_order_and_never_waits) {
    EXPECT_FALSE(registry_.next_arrival());
    EXPECT_FALSE(broker_.next_announcement());
    ASSERT_TRUE(broker_.send(
        Arrival{.certificate_pem = "one", .names = {{"Subject.CommonName", {"a", "b\xff"}}}}));
    ASSERT_TRUE(broker_.send(Arrival{.certificate_pem = "two", .names = {}}));
    const auto one = registry_.next_arrival();
    ASSERT_TRUE(one);
    EXPECT_EQ(one->certificate_pem, "one");
    EXPECT_THAT(one->names.at("Subject.CommonName"), testing::ElementsAre("a", "b\xEF\xBF\xBD"));
    EXPECT_EQ(registry_.next_arrival()->certificate_pem, "two");
    EXPECT_FALSE(registry_.next_arrival());
    ASSERT_TRUE(registry_.send(Announcement{.topic = "a/b", .payload = "{\"c\":1}"}));
    const auto told = broker_.next_announcement();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->topic, "a/b");
    EXPECT_EQ(told->payload, "{\"c\":1}");
}

TEST_F(ArrivalChannelTest, passes_over_what_is_damaged) {
    for (const char* damaged :
         {"", "x", "[]", "{}", R"({"certificate":1,"names":{}})", R"({"certificate":"p"})",
          R"({"certificate":"p","names":{"a":"b"}})", R"({"certificate":"p","names":{"a":[1]}})",
          R"({"topic":"t","payload":"p"})"})
        raw(damaged);
    raw(R"({"certificate":"good","names":{}})");
    // An empty datagram reads like nothing more; the next look finds what is behind it.
    auto arrival = registry_.next_arrival();
    if (!arrival) arrival = registry_.next_arrival();
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->certificate_pem, "good");
}

TEST_F(ArrivalChannelTest, refuses_what_is_too_large_or_has_nobody_to_read_it) {
    EXPECT_FALSE(broker_.send(Arrival{.certificate_pem = std::string(200'000, 'x'), .names = {}}));
    EXPECT_TRUE(broker_.send(Arrival{.certificate_pem = std::string(60'000, 'x'), .names = {}}));
    EXPECT_EQ(registry_.next_arrival()->certificate_pem.size(), 60'000U);
    registry_ = ArrivalChannel(Fd());
    EXPECT_FALSE(broker_.send(Arrival{.certificate_pem = "x", .names = {}}));
    EXPECT_FALSE(ArrivalChannel(Fd()).next_arrival());
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
