#include "page/bay_learning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::page {
namespace {

class BayLearningTest : public ::testing::Test {
  protected:
    BayLearningTest() {
        station_.bays_file = folder_.path() / "imprint-bays.toml";
        EXPECT_TRUE(config::write_bays_file(station_.bays_file, {{"2", "1-2:1.0"}}));
        station_.bays = {{"2", "1-2:1.0"}, {"left", "1-9:1.0"}};
        station_.configured_bays = {{"left", "1-9:1.0"}};
        learning_.emplace(station_, clock_,
                          [this](Json told) { told_.push_back(std::move(told)); });
    }

    std::optional<std::string> plug(const std::string& socket) {
        transport::PortChange change{transport::PortChange::Kind::came, {}};
        change.port.path = "/dev/ttyUSB0";
        change.port.usb_path = socket;
        return learning_->take(change).name;
    }

    [[nodiscard]] config::BayPlaces file() const {
        return config::read_bays_file(station_.bays_file).value();
    }

    // Stands still until a test says otherwise.
    class StandingClock final : public Clock {
      public:
        [[nodiscard]] Instant now() const override { return time; }

        [[nodiscard]] WallTime wall() const override { return {}; }

        bool sleep(Milliseconds, const std::stop_token&) override { return true; }

        Instant time;
    };

    StandingClock clock_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    prepare::StationSettings station_;
    std::optional<BayLearning> learning_;
    std::vector<Json> told_;
};

TEST_F(BayLearningTest, what_is_plugged_in_is_the_bay_that_waits_and_is_kept) {
    EXPECT_EQ(plug("1-1:1.0"), std::nullopt) << "nobody sets up";
    ASSERT_TRUE(learning_->expect("1"));
    EXPECT_EQ(plug("1-1:1.0"), "1");
    EXPECT_EQ(file(), (config::BayPlaces{{"1", "1-1:1.0"}, {"2", "1-2:1.0"}}))
        << "what imprint.toml says is not written again";
    EXPECT_EQ(told_.back()["learnt"]["place"], "1-1:1.0");
    learning_->end();
    EXPECT_TRUE(told_.back().is_null());
    EXPECT_EQ(plug("1-4:1.0"), std::nullopt);
}

TEST_F(BayLearningTest, a_place_that_has_a_name_keeps_it) {
    ASSERT_TRUE(learning_->expect("3"));
    EXPECT_EQ(plug("1-2:1.0"), "2");
    EXPECT_EQ(told_.back()["name"], "3") << "it goes on waiting";
    EXPECT_EQ(code_of(learning_->expect("left")), "bay_twice") << "by the configuration";
    EXPECT_EQ(code_of(learning_->expect("stop")), "bad_usage") << "a word of the bench";
    EXPECT_EQ(plug("1-3:1.0"), "3");
}

TEST_F(BayLearningTest, names_are_given_and_taken_away_by_hand) {
    EXPECT_EQ(code_of(learning_->name("1-9:1.0", "right")), "bay_twice") << "imprint.toml has it";
    EXPECT_EQ(code_of(learning_->name("1-5:1.0", "2")), "bay_twice");
    EXPECT_EQ(code_of(learning_->name("1-5:1.0", "a b")), "bad_usage");
    ASSERT_TRUE(learning_->name("1-5:1.0", "5"));
    ASSERT_TRUE(learning_->name("1-2:1.0", ""));
    EXPECT_EQ(file(), (config::BayPlaces{{"5", "1-5:1.0"}}));
    EXPECT_THAT(learning_->bays(), ::testing::SizeIs(2));
}

TEST_F(BayLearningTest, a_browser_that_was_closed_does_not_hold_up_the_bench) {
    ASSERT_TRUE(learning_->expect("1"));
    clock_.time += std::chrono::minutes(4);
    EXPECT_EQ(plug("1-1:1.0"), "1");
    clock_.time += std::chrono::minutes(6);
    transport::PortChange change{transport::PortChange::Kind::came, {}};
    change.port.usb_path = "1-3:1.0";
    EXPECT_FALSE(learning_->take(change).goes_on);
    EXPECT_TRUE(told_.back().is_null());
}

TEST_F(BayLearningTest, one_that_both_files_name_is_changed_in_neither) {
    station_.configured_bays["2"] = "1-2:1.0";
    BayLearning both(station_, clock_, [](const Json&) {});
    EXPECT_TRUE(both.is_fixed("2"));
    EXPECT_EQ(code_of(both.name("1-2:1.0", "3")), "bay_twice");
}

TEST_F(BayLearningTest, a_file_that_cannot_be_written_changes_nothing_by_hand) {
    std::filesystem::remove(station_.bays_file);
    std::filesystem::create_directory(station_.bays_file);
    EXPECT_FALSE(learning_->name("1-5:1.0", "5"));
    EXPECT_FALSE(learning_->bays().contains("5"));
}

}  // namespace
}  // namespace imprint::page
