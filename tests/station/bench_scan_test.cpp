// Serial numbers that are scanned at a bench: which board gets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "station/bench.h"
#include "station/bench_fixture.h"

namespace imprint::station {
namespace {

using enum BayStatus;

TEST_F(BenchTest, a_scanned_number_is_the_next_boards_and_of_no_other) {
    begin();
    EXPECT_TRUE(bench_->scan({.serial = "TH-1"}));
    EXPECT_TRUE(bench_->scan({.serial = "TH-2"})) << "in place of the one before";
    await_told<events::SerialScanned>(2);
    hands_.plug("/dev/ttyUSB0");
    const auto first = worker_.next();
    EXPECT_EQ(first->serial, "TH-2");
    hands_.plug("/dev/ttyUSB1");
    const auto second = worker_.next();
    EXPECT_EQ(second->serial, "");
    // It ended before it was identified: whose label it was, nobody knows.
    end(*first, Kind::board, std::nullopt, "board_lost");
    await("ttyUSB0", failed);
    hands_.pull("/dev/ttyUSB0");
    hands_.plug("/dev/ttyUSB0");
    const auto third = worker_.next();
    EXPECT_EQ(third->serial, "");
    end(*second, Kind::passed);
    end(*third, Kind::passed);
}

TEST_F(BenchTest, the_board_that_was_refused_for_want_of_a_number_is_begun_with_it) {
    begin();
    hands_.plug("/dev/ttyUSB0");
    end(*worker_.next(), Kind::station, left_mac, "serial_not_scanned");
    await("ttyUSB0", failed);
    EXPECT_TRUE(bench_->scan({.serial = "TH-1"}));
    const auto job = worker_.next();
    EXPECT_EQ(job->serial, "TH-1");
    end(*job, Kind::passed);
    await("ttyUSB0", passed);
}

TEST_F(BenchTest, a_number_for_a_certain_bay_waits_for_its_board) {
    names_["left"] = "/dev/ttyUSB0";
    begin();
    EXPECT_FALSE(bench_->scan({.serial = "TH-1", .bay = "right"})) << "there is no such bay";
    hands_.plug("/dev/ttyUSB0");
    end(*worker_.next(), Kind::passed);
    await("left", passed);
    hands_.pull("/dev/ttyUSB0");
    await("left", empty);
    EXPECT_TRUE(bench_->scan({.serial = "TH-1", .bay = "left"}));
    await_told<events::SerialScanned>(1);
    hands_.plug("/dev/ttyUSB1");
    const auto other = worker_.next();
    EXPECT_EQ(other->serial, "");
    hands_.plug("/dev/ttyUSB0");
    const auto its_own = worker_.next();
    EXPECT_EQ(its_own->serial, "TH-1");
    end(*other, Kind::passed);
    end(*its_own, Kind::passed);
}

TEST_F(BenchTest, a_number_is_given_to_neither_of_two_that_were_refused) {
    begin();
    for (const char* port : {"/dev/ttyUSB0", "/dev/ttyUSB1"}) {
        hands_.plug(port);
        end(*worker_.next(), Kind::station, left_mac, "serial_not_scanned");
    }
    await("ttyUSB0", failed);
    await("ttyUSB1", failed);
    EXPECT_TRUE(bench_->scan({.serial = "TH-1"}));
    await_told<events::SerialScanned>(1);
    hands_.plug("/dev/ttyUSB2");
    const auto third = worker_.next();
    EXPECT_EQ(third->serial, "") << "it is of one of the two, and not of the next board";
    end(*third, Kind::passed, right_mac);
    EXPECT_TRUE(bench_->press({BenchKey::What::start, "ttyUSB1"}));
    const auto job = worker_.next();
    EXPECT_EQ(job->bay.bay, "ttyUSB1") << "whose bay is named is whose label it is";
    EXPECT_EQ(job->serial, "TH-1");
    end(*job, Kind::passed);
    await("ttyUSB1", passed);
}

TEST_F(BenchTest, a_number_for_a_bay_that_had_no_board_yet_is_given_to_no_other) {
    names_["left"] = "/dev/ttyUSB0";
    names_["right"] = "/dev/ttyUSB1";
    begin();
    EXPECT_TRUE(bench_->scan({.serial = "TH-1", .bay = "right"}));
    await_told<events::SerialScanned>(1);
    hands_.plug("/dev/ttyUSB0");
    const auto other = worker_.next();
    EXPECT_EQ(other->serial, "");
    end(*other, Kind::passed);
    hands_.plug("/dev/ttyUSB1");
    const auto meant = worker_.next();
    EXPECT_EQ(meant->bay.bay, "right");
    EXPECT_EQ(meant->serial, "TH-1");
    end(*meant, Kind::passed, right_mac);
    await("right", passed);
}

TEST_F(BenchTest, a_number_that_was_not_taken_goes_with_its_board) {
    rules_.bay.start = prepare::Start::key;
    begin();
    hands_.plug("/dev/ttyUSB0");
    await_bay("ttyUSB0");
    bench_->press({BenchKey::What::start, "ttyUSB0"});
    end(*worker_.next(), Kind::passed);
    await("ttyUSB0", passed);
    EXPECT_TRUE(bench_->scan({.serial = "TH-1", .bay = "ttyUSB0"}));
    await_told<events::SerialScanned>(1);
    hands_.pull("/dev/ttyUSB0");
    await("ttyUSB0", empty);
    await_told<events::SerialScanned>(2);
    hands_.plug("/dev/ttyUSB0");
    hands_.plug("/dev/ttyUSB1");
    await_bay("ttyUSB1");  // and so it knows of the former as well
    bench_->press({BenchKey::What::start, "ttyUSB0"});
    const auto job = worker_.next();
    EXPECT_EQ(job->serial, "");
    end(*job, Kind::passed);
}

}  // namespace
}  // namespace imprint::station
