// What goes between the registry and the broker, in both directions: in order, and never lost
// without a word.
#include "local_registry/broker/publications.h"

#include <atomic>
#include <chrono>
#include <gmock/gmock.h>
#include <poll.h>
#include <thread>

#include "local_registry/plugin/questions.h"

namespace imprint::local_registry {
namespace {

class PublicationsTest : public testing::Test {
  protected:
    [[nodiscard]] bool calls() const {
        pollfd wait{.fd = publications_->wake_fd(), .events = POLLIN, .revents = 0};
        return ::poll(&wait, 1, 0) == 1;
    }

    std::vector<std::string> taken(std::size_t most = 100'000) {
        std::vector<std::string> topics;
        publications_->hand_over([&](const Announcement& one) {
            if (topics.size() == most) return false;
            topics.push_back(one.topic);
            return true;
        });
        return topics;
    }

    Result<Publications> publications_ = Publications::make();
};

TEST_F(PublicationsTest, wait_in_order_until_they_are_taken) {
    EXPECT_FALSE(calls());
    EXPECT_TRUE(publications_->publish({.topic = "a", .payload = "1"}));
    Publications same = *publications_;
    EXPECT_TRUE(same.publish({.topic = "b", .payload = "2"}));
    EXPECT_TRUE(publications_->publish({.topic = "c", .payload = "3"}));
    EXPECT_TRUE(calls());
    EXPECT_THAT(taken(1), testing::ElementsAre("a")) << "the channel was full";
    EXPECT_FALSE(calls()) << "it is looked at again in time";
    EXPECT_THAT(taken(), testing::ElementsAre("b", "c"));
    EXPECT_THAT(taken(), testing::IsEmpty());
}

TEST_F(PublicationsTest, without_a_taker_they_are_bounded) {
    EXPECT_FALSE(publications_->publish(
        {.topic = "large", .payload = std::string(ArrivalChannel::largest_datagram, 'x')}));
    for (std::size_t i = 0; i < Publications::most_waiting; ++i)
        ASSERT_TRUE(publications_->publish({.topic = "t", .payload = ""}));
    EXPECT_FALSE(publications_->publish({.topic = "one more", .payload = ""}));
    EXPECT_EQ(taken().size(), Publications::most_waiting);
    EXPECT_TRUE(publications_->publish({.topic = "t", .payload = ""}));
}

TEST_F(PublicationsTest, a_change_and_what_is_told_of_it_are_one) {
    int state = 0;
    const auto change = [&] {
        for (int i = 0; i < 500; ++i)
            publications_->in_order([&] {
                const int now = ++state;
                publications_->publish({.topic = std::to_string(now), .payload = ""});
            });
    };
    {
        const std::jthread one(change);
        const std::jthread other(change);
    }
    const auto topics = taken();
    ASSERT_EQ(topics.size(), 1000U);
    for (std::size_t i = 0; i < topics.size(); ++i)
        ASSERT_EQ(topics[i], std::to_string(i + 1));
}

TEST_F(PublicationsTest, nobody_comes_between_a_change_and_what_is_told_of_it) {
    std::atomic<bool> other_is_done = false;
    std::jthread other;
    publications_->in_order([&] {
        other = std::jthread([&] {
            publications_->in_order(
                [&] { publications_->publish({.topic = "second", .payload = ""}); });
            other_is_done = true;
        });
        // As long as one would take that need not wait.
        for (int i = 0; i < 100 && !other_is_done; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        publications_->publish({.topic = "first", .payload = ""});
    });
    other.join();
    EXPECT_THAT(taken(), testing::ElementsAre("first", "second"));
}

TEST(Questions, wait_while_the_registry_is_busy_and_too_many_are_refused) {
    auto ends = ArrivalChannel::make();
    ASSERT_TRUE(ends);
    auto& [registry, broker] = *ends;
    Questions questions;
    std::size_t asked = 0;
    while (asked < 100'000 &&
           questions.ask({.client_id = "c", .topic = std::to_string(asked), .payload = ""}, broker))
        ++asked;
    EXPECT_GT(asked, Questions::most_waiting) << "those in the channel, too";
    EXPECT_LT(asked, 100'000U);
    std::size_t heard = 0;
    for (;;) {
        const auto message = registry.next_from_broker();
        if (!message) {
            questions.pass_on(broker);
            const auto more = registry.next_from_broker();
            if (!more) break;
            ASSERT_EQ(std::get<Asked>(*more).topic, std::to_string(heard++));
            continue;
        }
        ASSERT_EQ(std::get<Asked>(*message).topic, std::to_string(heard++));
    }
    EXPECT_EQ(heard, asked);
    EXPECT_FALSE(questions.ask({.client_id = std::string(100'000, 'c'),
                                .topic = "t",
                                .payload = std::string(120'000, 'x')},
                               broker))
        << "larger than the channel takes";
    EXPECT_TRUE(questions.ask({.client_id = "c", .topic = "t", .payload = ""}, broker));
}

}  // namespace
}  // namespace imprint::local_registry
