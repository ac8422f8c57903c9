// What a browser follows: nothing is left out, nothing comes twice.
#include "page/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imprint::page {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr MacAddress mac{{0x7C, 0xDF, 0xA1, 0x00, 0x3F, 0x18}};

class StandingClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return Instant(time); }

    [[nodiscard]] WallTime wall() const override { return WallTime(time); }

    bool sleep(Milliseconds more, const std::stop_token&) override {
        time += more;
        return true;
    }

    Milliseconds time{std::chrono::days(20'000)};
};

struct Message {
    std::string kind;
    std::string id;
    Json data;
};

// A browser's end of a stream.
class Browser {
  public:
    explicit Browser(http::Response response) : response_(std::move(response)) {}

    // All that has come since the last call.
    std::vector<Message> read() {
        if (!response_.stream) return {};
        for (;;) {
            auto piece = response_.stream->take(std::size_t{64} * 1024);
            text_ += piece.text;
            state = piece.after;
            if (piece.text.empty()) break;
        }
        std::vector<Message> messages;
        for (auto end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n")) {
            Message message;
            std::istringstream lines(text_.substr(0, end));
            text_.erase(0, end + 2);
            for (std::string line; std::getline(lines, line);) {
                if (line.starts_with("event: ")) message.kind = line.substr(7);
                if (line.starts_with("id: ")) message.id = line.substr(4);
                if (line.starts_with("data: ")) message.data = Json::parse(line.substr(6));
                if (line.starts_with(":")) ++beats;
            }
            if (message.kind.empty()) continue;
            last = message.id;
            messages.push_back(std::move(message));
        }
        return messages;
    }

    // As the messages leave it. (In no order of its members.)
    nlohmann::json standing() {
        for (const auto& message : read()) {
            if (message.kind == "snapshot") {
                snapshot_ = message.data;
                continue;
            }
            for (const char* name : {"run", "lot", "lights", "learning"})
                if (message.data.contains(name)) snapshot_[name] = message.data[name];
            if (message.data.contains("said")) snapshot_["said"].push_back(message.data["said"]);
            if (message.data.contains("bay")) put(message.data["bay"]);
        }
        Json standing = snapshot_;
        standing.erase("id");
        if (standing["lot"].is_null()) standing.erase("lot");
        return nlohmann::json(standing);
    }

    [[nodiscard]] int status() const { return response_.status; }

    std::string last;
    int beats = 0;
    http::BodyReader::State state = http::BodyReader::State::open;

  private:
    void put(const Json& bay) {
        for (Json& one : snapshot_["bays"])
            if (one["bay"] == bay["bay"]) {
                one = bay;
                return;
            }
        snapshot_["bays"].push_back(bay);
    }

    http::Response response_;
    std::string text_;
    Json snapshot_;
};

class FeedTest : public ::testing::Test {
  protected:
    void take(const std::string& bay, events::Body body, std::optional<MacAddress> of = mac) {
        feed_.take({clock_.wall(), bay, bay.empty() ? std::nullopt : of, std::move(body)});
    }

    void begin() {
        take("", events::RunStarted{.version = "1",
                                    .boards = 2,
                                    .lot = "order-17",
                                    .endpoint = "host",
                                    .firmware_commit = "abc",
                                    .bays = {"1", "2"},
                                    .watch = true,
                                    .app = "lamp",
                                    .app_version = "2.4.1"});
    }

    void board_passes(const std::string& bay) {
        take(bay, events::BayChanged{.status = events::BayStatus::at_work, .port = "/dev/tty"});
        take(bay, events::BoardStarted{.port = "/dev/tty"}, {});
        take(bay, events::BoardIdentified{
                      .chip = "ESP32", .revision = "v3.0", .flash_size = 1, .port = "/dev/tty"});
        take(bay, events::BoardStep{.step = events::Step::firmware});
        for (std::uint64_t done = 0; done <= 1000; done += 10)
            take(bay, events::BoardProgress{
                          .step = events::Step::firmware, .done = done, .total = 1000});
        take(bay, events::BoardPassed{.thing = "t",
                                      .certificate_id = "c",
                                      .seconds = 8.4,
                                      .retired = 0,
                                      .retirement_owed = 0,
                                      .queued = false,
                                      .bytes_written = 0});
    }

    [[nodiscard]] nlohmann::json standing() const {
        Json standing = feed_.snapshot({{"user", "m"}});
        standing.erase("id");
        return nlohmann::json(standing);
    }

    Browser follow(const std::string& last = {}) {
        return Browser(feed_.follow(last, {.login = {{"user", "m"}}}));
    }

    StandingClock clock_;
    Feed feed_{{.station = {{"name", "north"}}, .epoch = "e1", .kept = 200}, clock_};
};

TEST_F(FeedTest, a_browser_has_what_the_station_has_whenever_it_comes) {
    auto early = follow();
    begin();
    board_passes("1");
    auto late = follow();
    board_passes("2");
    EXPECT_EQ(early.standing(), standing());
    EXPECT_EQ(late.standing(), standing());
    const auto bay = late.standing()["bays"][1];
    EXPECT_EQ(bay["status"], "passed");
    EXPECT_EQ(bay["mac"], mac.id());
    EXPECT_EQ(bay["seconds"], 8.4);
    EXPECT_EQ(late.standing()["run"]["app"], "lamp 2.4.1");
}

TEST_F(FeedTest, one_that_reconnects_gets_what_it_missed_and_nothing_twice) {
    begin();
    auto browser = follow();
    board_passes("1");
    ASSERT_FALSE(browser.read().empty());
    const std::string had = browser.last;
    board_passes("2");
    auto whole = follow(had).read();
    ASSERT_FALSE(whole.empty());
    EXPECT_EQ(whole.front().kind, "change") << "no snapshot is needed";
    EXPECT_EQ(whole.back().data["event"]["event"], "board_passed");
    for (const auto& message : whole)
        EXPECT_EQ(message.data.value(Json::json_pointer("/bay/bay"), std::string("2")), "2");
    EXPECT_TRUE(follow(whole.back().id).read().empty()) << "it has everything";
}

TEST_F(FeedTest, one_that_was_away_for_too_long_gets_a_snapshot) {
    begin();
    auto browser = follow();
    ASSERT_FALSE(browser.read().empty());
    for (int i = 0; i < 30; ++i)
        board_passes("1");
    for (const std::string& last :
         {browser.last, std::string("e0-5"), std::string("e1-"), std::string("e1-999999"),
          std::string("e1-18446744073709551615"), std::string("e1--1"), std::string("nonsense")}) {
        auto again = follow(last);
        const auto messages = again.read();
        ASSERT_EQ(messages.size(), 1U) << last;
        EXPECT_EQ(messages.front().kind, "snapshot") << last;
    }
}

TEST_F(FeedTest, progress_that_is_not_to_be_seen_is_not_sent) {
    begin();
    auto browser = follow();
    browser.read();
    board_passes("1");
    const auto messages = browser.read();
    EXPECT_LT(messages.size(), 90U) << "101 times progress, of which 73 percents are seen";
    unsigned last = 0;
    for (const auto& message : messages) {
        if (!message.data.contains("bay") || !message.data["bay"].contains("percent")) continue;
        const unsigned percent = message.data["bay"]["percent"];
        EXPECT_GE(percent, last);
        last = percent;
    }
    EXPECT_EQ(last, 76U);
}

TEST_F(FeedTest, the_lot_is_told_with_its_pace_and_its_end) {
    begin();
    auto browser = follow();
    report::ToldLot lot;
    lot.lot.facts.name = "order-17";
    lot.lot.facts.target = 130;
    feed_.set_lot(lot);
    for (int i = 0; i < 10; ++i) {
        clock_.time += std::chrono::minutes(1);
        board_passes("1");
    }
    lot.counts.passed = 10;
    feed_.set_lot(lot);
    const auto told = browser.standing()["lot"];
    EXPECT_EQ(told["an_hour"], 60);
    EXPECT_EQ(told["expected_end"], to_iso8601(clock_.wall() + std::chrono::hours(2)));
    EXPECT_EQ(browser.standing(), standing());
    feed_.set_lot(std::nullopt);
    EXPECT_FALSE(browser.standing().contains("lot"));
}

TEST_F(FeedTest, one_whose_login_has_ended_hears_no_more) {
    bool may = true;
    Browser browser(feed_.follow("", {.login = {}, .may_go_on = [&may] { return may; }}));
    feed_.beat();
    browser.read();
    EXPECT_EQ(browser.beats, 1);
    may = false;
    feed_.beat();
    browser.read();
    EXPECT_EQ(browser.state, http::BodyReader::State::whole);
    EXPECT_EQ(feed_.followers(), 0U);
}

TEST_F(FeedTest, one_that_is_gone_or_reads_nothing_is_let_go) {
    {
        const auto gone = follow();
    }
    auto slow = follow();
    begin();
    EXPECT_EQ(feed_.followers(), 1U);
    for (int i = 0; i < 100; ++i)
        take("1", events::BoardConsole{.line = std::string(20'000, 'x')});
    EXPECT_EQ(feed_.followers(), 0U) << "2 MB wait for it";
}

TEST_F(FeedTest, more_than_a_few_do_not_follow_and_none_after_the_end) {
    std::vector<Browser> browsers;
    for (int i = 0; i < 64; ++i)
        browsers.push_back(follow());
    EXPECT_EQ(browsers.back().status(), 200);
    EXPECT_EQ(follow().status(), 503);
    // One whose line is gone makes room at once, not with the next message.
    browsers.pop_back();
    browsers.push_back(follow());
    EXPECT_EQ(browsers.back().status(), 200);
    EXPECT_EQ(follow().status(), 503);
    feed_.close();
    browsers.front().read();
    EXPECT_EQ(browsers.front().state, http::BodyReader::State::whole);
    EXPECT_EQ(follow().status(), 503);
}

TEST_F(FeedTest, what_a_board_prints_cannot_break_a_message) {
    begin();
    auto browser = follow();
    browser.read();
    take("1", events::BoardConsole{.line = "a\r\n\r\ndata: {}\n\nid: 7 \xFF\xFE"});
    const auto messages = browser.read();
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_THAT(messages.front().data["bay"]["console"].get<std::string>(), HasSubstr("data: {}"));
    EXPECT_THAT(messages.front().id, Not("7"));
}

}  // namespace
}  // namespace imprint::page
