// What a bay's cable carries, from run to run.
#include "bays/rate_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>

#include "base/fd.h"
#include "base/files.h"

namespace imprint::bays {
namespace {

using ::testing::HasSubstr;

class Rates : public ::testing::Test {
  protected:
    // As another process would see it.
    RateMemory memory() { return RateMemory(file_, log_); }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    std::filesystem::path file_ = folder_.path() / "state" / "imprint" / "rates.json";
    std::vector<std::string> said_;
    Log log_{[this](LogLevel, std::string_view line) { said_.emplace_back(line); }};
};

TEST_F(Rates, a_bay_that_stepped_down_begins_there_the_next_time) {
    memory().proven("usb-1", 921600, 460800);
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 460800U);
    EXPECT_EQ(memory().choose("usb-2", 921600).rate, 921600U) << "another cable";
}

TEST_F(Rates, another_wanted_rate_is_another_matter) {
    memory().proven("usb-1", 921600, 460800);
    EXPECT_EQ(memory().choose("usb-1", 2000000).rate, 2000000U);
    EXPECT_EQ(memory().choose("usb-1", 115200).rate, 115200U);
}

TEST_F(Rates, a_good_cable_leaves_nothing_behind) {
    memory().proven("usb-1", 921600, 921600);
    EXPECT_FALSE(std::filesystem::exists(file_.parent_path()));
}

TEST_F(Rates, the_full_rate_is_tried_again_now_and_then) {
    memory().proven("usb-1", 921600, 230400);
    for (unsigned board = 0; board < RateMemory::boards_between_trials; ++board) {
        EXPECT_EQ(memory().choose("usb-1", 921600).rate, 230400U) << board;
        memory().proven("usb-1", 921600, 230400);
    }
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 921600U);
    // It failed again: the lower one for as many boards more.
    memory().proven("usb-1", 921600, 230400);
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 230400U);
}

TEST_F(Rates, a_cable_that_was_exchanged_is_forgiven) {
    memory().proven("usb-1", 921600, 230400);
    for (unsigned board = 0; board < RateMemory::boards_between_trials; ++board)
        memory().proven("usb-1", 921600, 230400);
    memory().proven("usb-1", 921600, 921600);
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 921600U);
    EXPECT_THAT(*read_text(file_), Not(HasSubstr("usb-1")));
}

TEST_F(Rates, a_damaged_file_is_a_warning_and_no_more) {
    ASSERT_TRUE(make_private_directory(file_.parent_path()));
    for (const char* text : {"", "{", "[]", "{\"usb-1\": 7}", "{\"usb-1\": {\"rate\": -3}}"}) {
        ASSERT_TRUE(write_file(file_, std::string_view(text)));
        EXPECT_EQ(memory().choose("usb-1", 921600).rate, 921600U) << text;
    }
    EXPECT_THAT(said_, ::testing::Contains(HasSubstr("is damaged")));
    memory().proven("usb-1", 921600, 460800);
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 460800U) << "and is replaced";
}

TEST_F(Rates, a_place_that_cannot_be_written_fails_nothing) {
    file_ = "/proc/imprint/rates.json";
    RateMemory rates = memory();
    rates.proven("usb-1", 921600, 460800);
    rates.proven("usb-1", 921600, 460800);
    EXPECT_EQ(said_.size(), 1U) << "said once";
    EXPECT_EQ(rates.choose("usb-1", 921600).rate, 921600U);
}

TEST_F(Rates, a_pipe_or_a_folder_in_its_place_holds_nobody_up) {
    ASSERT_TRUE(make_private_directory(file_.parent_path()));
    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
    // With it, this test fails where it would wait for ever.
    const Fd reader(::open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    memory().proven("usb-1", 921600, 460800);
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 921600U);
    std::filesystem::remove(file_);
    ASSERT_TRUE(std::filesystem::create_directory(file_));
    memory().proven("usb-1", 921600, 460800);
    EXPECT_THAT(said_, ::testing::Contains(HasSubstr("is no file")).Times(2));
}

TEST_F(Rates, a_bay_climbs_once_and_starts_there_the_next_time) {
    constexpr std::uint32_t automatic = 0;
    const RateChoice first = memory().choose("usb-1", automatic);
    EXPECT_EQ(first.rate, 921600U);
    EXPECT_EQ(first.climb_to, 3000000U);
    memory().proven("usb-1", automatic, 2000000);
    EXPECT_EQ(memory().choose("usb-1", automatic).rate, 2000000U);
    EXPECT_EQ(memory().choose("usb-1", automatic).climb_to, 0U) << "no trial for each board";
    EXPECT_EQ(memory().choose("usb-2", automatic).rate, 921600U) << "another cable";
    EXPECT_EQ(memory().choose("usb-1", 921600).rate, 921600U) << "a rate that is wanted is used";
}

TEST_F(Rates, a_bay_that_climbed_steps_down_and_comes_back) {
    memory().proven("usb-1", 0, 3000000);
    memory().proven("usb-1", 0, 1500000);
    for (unsigned board = 0; board < RateMemory::boards_between_trials; ++board) {
        EXPECT_EQ(memory().choose("usb-1", 0).rate, 1500000U);
        EXPECT_EQ(memory().choose("usb-1", 0).climb_to, 0U) << board;
        memory().proven("usb-1", 0, 1500000);
    }
    EXPECT_EQ(memory().choose("usb-1", 0).rate, 1500000U);
    EXPECT_EQ(memory().choose("usb-1", 0).climb_to, 3000000U);
    memory().proven("usb-1", 0, 3000000);
    EXPECT_EQ(memory().choose("usb-1", 0).rate, 3000000U);
}

TEST_F(Rates, without_a_file_each_board_climbs_anew) {
    RateMemory none("");
    none.proven("usb-1", 0, 2000000);
    EXPECT_EQ(none.choose("usb-1", 0).rate, 921600U);
    EXPECT_EQ(none.choose("usb-1", 0).climb_to, 3000000U);
}

TEST_F(Rates, bays_do_not_overwrite_each_other) {
    {
        std::vector<std::jthread> bays;
        for (int bay = 0; bay < 16; ++bay)
            bays.emplace_back([this, bay] {
                RateMemory(file_).proven(fmt::format("usb-{}", bay), 921600, 115200);
            });
    }
    for (int bay = 0; bay < 16; ++bay)
        EXPECT_EQ(memory().choose(fmt::format("usb-{}", bay), 921600).rate, 115200U) << bay;
}

TEST_F(Rates, without_a_file_nothing_is_remembered) {
    RateMemory none("");
    none.proven("usb-1", 921600, 115200);
    EXPECT_EQ(none.choose("usb-1", 921600).rate, 921600U);
}

}  // namespace
}  // namespace imprint::bays
