// The example firmware's connection, over a played esp-mqtt: when it tries, and how it is given up.
#include "connection.h"

#include <chrono>
#include <gtest/gtest.h>

#include "played_chip.h"

namespace imprint_identity {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ExampleConnection : public ::testing::Test {
  protected:
    // The main task, as main.cpp has it: what is told, then a look, four times a second.
    void live(milliseconds time) {
        for (const std::int64_t end = chip_.now_ms + time.count(); chip_.now_ms < end;) {
            while (!chip_.news().empty()) {
                const News news = chip_.news().front();
                chip_.news().pop_front();
                if (news.kind == News::Kind::connected) connection_.connected();
                if (news.kind == News::Kind::disconnected) connection_.disconnected();
            }
            connection_.look();
            chip_.run(milliseconds(250));
        }
    }

    PlayedChip chip_;
    BoardClock clock_;
    imprint_identity_t identity_ = identity_of_test();
    Connection connection_{clock_, nullptr, chip_.queue()};
};

TEST_F(ExampleConnection, one_that_waits_is_given_up_at_once) {
    chip_.is_broker_there = false;
    chip_.random = 0xFFFFFFFF;  // the longest waits
    connection_.start(identity_);
    live(seconds(20));
    const std::int64_t before = chip_.now_ms;
    connection_.stop();
    EXPECT_LE(chip_.now_ms - before, 1000) << "the main task stands still that long";
    EXPECT_FALSE(connection_.is_started());
    // The next one, with other credentials.
    chip_.is_broker_there = true;
    connection_.start(identity_);
    live(seconds(1));
    EXPECT_TRUE(connection_.is_up());
}

TEST_F(ExampleConnection, it_tries_when_its_own_wait_is_over_and_never_by_itself) {
    chip_.is_broker_there = false;
    chip_.random = 0xFFFFFFFF;
    connection_.start(identity_);
    live(hours(1));
    // 4, 8, 16, 32 and 64 s, then 128 s each: 32 waits in an hour.
    EXPECT_NEAR(static_cast<double>(chip_.tries_ms.size()), 33, 2);
    chip_.is_broker_there = true;
    live(seconds(130));
    EXPECT_TRUE(connection_.is_up());
}

TEST_F(ExampleConnection, one_whose_goodbye_cannot_be_written_is_not_destroyed_at_work) {
    connection_.start(identity_);
    live(seconds(1));
    ASSERT_TRUE(connection_.is_up());
    chip_.can_write = false;
    connection_.stop();
    EXPECT_EQ(chip_.destroyed_at_work, 0U);
    EXPECT_EQ(chip_.client, nullptr);
}

TEST_F(ExampleConnection, it_has_lasted_after_half_a_minute) {
    connection_.start(identity_);
    live(seconds(29));
    ASSERT_TRUE(connection_.is_up());
    EXPECT_FALSE(connection_.has_lasted());
    live(seconds(2));
    EXPECT_TRUE(connection_.has_lasted());
    chip_.is_broker_there = false;
    live(seconds(1));
    EXPECT_FALSE(connection_.has_lasted());
}

// A main task that was busy for long: the queue was full.
TEST_F(ExampleConnection, it_comes_back_though_the_news_of_its_end_are_lost) {
    chip_.is_broker_there = false;
    connection_.start(identity_);
    chip_.run(seconds(1));
    chip_.news().clear();  // of the first try
    chip_.is_broker_there = true;
    live(seconds(15));
    ASSERT_TRUE(connection_.is_up());
    chip_.is_broker_there = false;
    chip_.run(seconds(1));
    chip_.news().clear();
    live(seconds(11));
    EXPECT_FALSE(connection_.is_up());
    chip_.is_broker_there = true;
    chip_.run(seconds(1));
    live(seconds(5));
    EXPECT_TRUE(connection_.is_up());
}

TEST_F(ExampleConnection, it_works_though_the_news_of_its_beginning_are_lost) {
    connection_.start(identity_);
    chip_.run(seconds(1));
    chip_.news().clear();
    live(seconds(11));
    EXPECT_TRUE(connection_.is_up());
    EXPECT_EQ(chip_.tries_ms.size(), 1U);
}

TEST_F(ExampleConnection, one_that_is_thrown_out_again_and_again_has_not_lasted) {
    connection_.start(identity_);
    for (int i = 0; i < 100; ++i) {
        chip_.is_broker_there = true;
        live(seconds(20));
        EXPECT_FALSE(connection_.has_lasted());
        chip_.is_broker_there = false;
        live(seconds(1));
    }
}

}  // namespace

}  // namespace imprint_identity
