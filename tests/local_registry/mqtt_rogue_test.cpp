// What a thief of one board can do at the broker: nothing to another one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/files.h"
#include "local_registry/mqtt_fixture.h"

namespace imprint::local_registry {
namespace {

// A board that somebody has taken apart: it has one board's key and certificate, and tries to be
// another one.
class RogueTest : public MqttTest {
  protected:
    void SetUp() override {
        MqttTest::SetUp();
        activate();
        attach();
        // The victim, with a certificate of its own.
        ASSERT_TRUE(iot_.create_thing(victim, "", {}));
        const auto issued = iot_.create_certificate_from_csr(key_->request(victim));
        ASSERT_TRUE(issued) << issued.error().describe();
        ASSERT_TRUE(iot_.update_certificate(issued->id, aws::CertificateStatus::active));
        ASSERT_TRUE(iot_.attach_thing_principal(victim, issued->arn));
        ASSERT_TRUE(iot_.attach_policy("p", issued->arn));
        rogues_pem_ = *read_text(folder_->path() / "certificate.pem");
        victims_pem_ = issued->pem;
    }

    static constexpr const char* victim = "0a1b2c3d4e5fa";  // the rogue's name goes on in it
    std::string rogues_pem_;
    std::string victims_pem_;
};

TEST_F(RogueTest, it_cannot_connect_as_another) {
    EXPECT_EQ(publish_on(victim, "dt/" + std::string(victim) + "/x"), not_authorised) << last_said_;
    EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format(
                                  "client {} refused: no statement allows iot:Connect", victim)));
}

TEST_F(RogueTest, it_publishes_on_its_own_topics_and_is_disconnected_for_any_other) {
    EXPECT_EQ(publish_on(board, "dt/" + std::string(board) + "/x"), 0) << last_said_;
    EXPECT_EQ(publish_on(board, "cn/" + std::string(board)), 0) << last_said_;
    EXPECT_THAT(broker_log(), testing::Not(testing::HasSubstr("may not")));
    for (const std::string& topic : {"dt/" + std::string(victim) + "/x", std::string("dt/x"),
                                     std::string("cn/another"), std::string("all")}) {
        publish_on(board, topic);
        EXPECT_THAT(broker_log(),
                    testing::HasSubstr(fmt::format("client {} may not publish on {}: no statement "
                                                   "allows iot:Publish on topic/{}",
                                                   board, topic, topic)));
    }
    // One that stays is disconnected.
    auto sender =
        ChildProcess::start(mosquitto("mosquitto_sub", board,
                                      {"-t", "dt/+/x", "-t", "dt/" + std::string(victim) + "/#"}),
                            ChildOutput::discard);
    ASSERT_TRUE(sender);
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(
            fmt::format("client {} kicked: no statement allows "
                        "iot:Subscribe on topicfilter/dt/{}/#",
                        board, victim));
    })) << broker_log();
}

TEST_F(RogueTest, nothing_of_what_it_sends_reaches_the_victim) {
    const std::string topic = "dt/" + std::string(victim) + "/x";
    keep_certificate(victims_pem_);
    auto listener = ChildProcess::start(
        mosquitto("mosquitto_sub", victim, {"-t", topic, "-t", "a/b", "-C", "1", "-W", "30"}),
        ChildOutput::pipe);
    ASSERT_TRUE(listener) << listener.error().describe();
    ASSERT_TRUE(subscribed(victim, "a/b")) << broker_log();
    keep_certificate(rogues_pem_);
    publish_on(board, topic);
    publish_on(board, topic, {"-r"});
    // Kicked for its subscription, it leaves a will.
    EXPECT_TRUE(run_command(mosquitto("mosquitto_sub", board,
                                      {"-t", "#", "-W", "5", "--will-topic", topic,
                                       "--will-payload", "will", "--will-qos", "1"})));
    EXPECT_FALSE(listener->poll()) << said(*listener);
    // What is for all comes through, and is the first that does.
    EXPECT_EQ(publish_on(board, "a/b"), 0) << last_said_;
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    EXPECT_EQ(said(*listener), "on a/b\n");
    EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format("may not publish on {}", topic)));
}

TEST_F(RogueTest, kicked_for_what_it_asked_it_leaves_a_will_where_it_may_publish) {
    keep_certificate(victims_pem_);
    auto listener = listen(victim, "a/b");
    ASSERT_TRUE(listener) << listener.error().describe();
    ASSERT_TRUE(subscribed(victim, "a/b")) << broker_log();
    keep_certificate(rogues_pem_);
    // Allowed and refused filters together: the client stays until it is kicked.
    EXPECT_TRUE(run_command(mosquitto(
        "mosquitto_sub", board,
        {"-t", "a/c", "-t", "#", "-W", "1", "--will-topic", "a/b", "--will-payload", "will"})));
    EXPECT_EQ(listener->wait(), 0) << broker_log();
    EXPECT_EQ(said(*listener), "will\n");
}

TEST_F(RogueTest, it_hears_nothing_of_others_even_through_a_filter_that_it_may_use) {
    keep_certificate(rogues_pem_);
    auto listener = listen(board, "dt/+/x");
    ASSERT_TRUE(listener);
    ASSERT_TRUE(subscribed(board, "dt/+/x")) << broker_log();
    keep_certificate(victims_pem_);
    // The filter fits the victim's topic; the broker keeps the message back.
    EXPECT_TRUE(eventually([&] {
        EXPECT_EQ(publish_on(victim, "dt/" + std::string(victim) + "/x"), 0) << last_said_;
        return broker_log().contains(
            fmt::format("client {} may not receive dt/{}/x", board, victim));
    })) << broker_log();
    EXPECT_FALSE(listener->poll()) << "it waits for a message still";
}

TEST_F(RogueTest, filters_with_wildcards_over_others_are_refused) {
    for (const std::string& filter : {std::string("#"), std::string("dt/#"), std::string("dt/+/y"),
                                      std::string("+/+/x"), "dt/" + std::string(victim) + "/x"}) {
        const auto done =
            run_command(mosquitto("mosquitto_sub", board, {"-t", filter, "-W", "5", "-C", "1"}));
        ASSERT_TRUE(done);
        EXPECT_THAT(done->text, testing::HasSubstr("denied")) << filter;
        EXPECT_THAT(broker_log(), testing::HasSubstr(fmt::format(
                                      "client {} may not subscribe to {}: ", board, filter)));
    }
}

TEST_F(RogueTest, after_its_retirement_it_cannot_connect_at_all) {
    auto listener = listen(board, "dt/" + std::string(board) + "/x");
    ASSERT_TRUE(listener);
    ASSERT_TRUE(eventually(
        [&] { return broker_log().contains(fmt::format("client {} admitted", board)); }));
    ASSERT_TRUE(iot_.update_certificate(certificate_, aws::CertificateStatus::inactive));
    EXPECT_TRUE(eventually([&] {
        return broker_log().contains(
            fmt::format("client {} kicked: the certificate is INACTIVE", board));
    })) << broker_log();
    EXPECT_EQ(publish_on(board, "dt/" + std::string(board) + "/x"), not_authorised) << last_said_;
    ASSERT_TRUE(iot_.detach_policy("p", arn_));
    EXPECT_EQ(publish_on(board, "dt/" + std::string(board) + "/x"), not_authorised) << last_said_;
}

}  // namespace
}  // namespace imprint::local_registry
