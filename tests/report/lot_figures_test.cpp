#include "report/lot_figures.h"

#include <gmock/gmock.h>

namespace imprint::report {
namespace {

using ledger::Fault;
using ledger::Outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

WallTime at(const char* time) {
    return *parse_iso8601(std::string("2026-11-") + time + "Z");
}

ledger::LotAttempt attempt(const char* ended, Outcome outcome, const char* code = "",
                           const char* bay = "bay0") {
    ledger::LotAttempt one;
    one.record.mac = *parse_mac("246f28aabbcc");
    one.record.ended = at(ended);
    one.record.started = *one.record.ended - std::chrono::seconds(8);
    one.record.outcome = outcome;
    one.record.error_code = code;
    one.record.fault = outcome == Outcome::failed ? Fault::board : Fault::none;
    one.record.bay = bay;
    one.record.station = "north";
    return one;
}

ledger::LotBoard board(std::vector<ledger::LotAttempt> attempts, std::uint8_t number = 1) {
    for (auto& one : attempts)
        one.record.mac->octets[5] = number;
    return ledger::lot_board_of(std::move(attempts));
}

TEST(LotFiguresTest, a_board_counts_in_the_hour_of_its_first_judgement) {
    LotFigures figures;
    auto error = attempt("28T07:59:00", Outcome::failed, "registry_unreachable");
    error.record.fault = Fault::station;
    figures.add(board({error, attempt("28T08:10:00", Outcome::failed, "board_lost"),
                       attempt("28T10:00:00", Outcome::passed)}));
    figures.add(board({attempt("28T10:20:00", Outcome::passed)}, 2));
    const auto spans = figures.spans();
    ASSERT_THAT(spans, SizeIs(3)) << "with the hour in which there was none";
    EXPECT_EQ(spans[0].start, at("28T08:00:00"));
    EXPECT_EQ(spans[0].first_failed, 1U);
    EXPECT_EQ(spans[0].first_passed, 0U);
    EXPECT_EQ(spans[1].first_passed, 0U);
    EXPECT_EQ(spans[2].first_passed, 1U);
    EXPECT_DOUBLE_EQ(*figures.boards_an_hour(), 2.0) << "both passed in one hour";
    EXPECT_EQ(figures.counts().first_failed, 1U);
}

TEST(LotFiguresTest, many_hours_become_few_columns_of_one_length) {
    LotFigures figures;
    for (const char* time : {"01T00:30:00", "01T05:00:00", "10T12:00:00", "28T23:00:00"})
        figures.add(board({attempt(time, Outcome::passed)}));
    const auto spans = figures.spans(48);
    ASSERT_THAT(spans, SizeIs(28)) << "days";
    EXPECT_EQ(spans[0].first_passed, 2U);
    EXPECT_EQ(spans[9].first_passed, 1U);
    EXPECT_EQ(spans[27].first_passed, 1U);
    EXPECT_EQ(spans[1].start - spans[0].start, std::chrono::hours(24));
    EXPECT_THAT(LotFigures().spans(), IsEmpty());
}

TEST(LotFiguresTest, causes_come_by_their_frequency_with_bays_and_boards) {
    LotFigures figures;
    figures.add(board({attempt("28T08:00:00", Outcome::failed, "board_lost", "bay1"),
                       attempt("28T08:01:00", Outcome::failed, "board_lost", "bay2"),
                       attempt("28T08:02:00", Outcome::failed, "wrong_chip", "bay1")}));
    figures.add_unidentified(attempt("28T08:02:00", Outcome::failed, "board_lost", "bay1").record);
    const auto causes = figures.causes();
    ASSERT_THAT(causes, SizeIs(2));
    EXPECT_EQ(causes[0].code, "board_lost");
    EXPECT_EQ(causes[0].attempts, 3U);
    EXPECT_THAT(causes[0].bays, ElementsAre(Pair("bay1", 2), Pair("bay2", 1)));
    EXPECT_THAT(causes[0].boards, ElementsAre("246f28aabb01"));
    EXPECT_EQ(figures.counts().unidentified, 1U);
}

TEST(LotFiguresTest, bays_of_several_stations_are_told_apart) {
    LotFigures figures;
    auto other = attempt("28T08:01:00", Outcome::failed, "board_lost");
    other.record.station = "south";
    figures.add(board({attempt("28T08:00:00", Outcome::failed, "board_lost"), other}));
    EXPECT_THAT(figures.causes().front().bays,
                ElementsAre(Pair("north: bay0", 1), Pair("south: bay0", 1)));
}

TEST(LotFiguresTest, a_cause_names_its_first_boards_and_counts_the_others) {
    LotFigures figures;
    for (std::uint8_t i = 1; i <= 25; ++i)
        figures.add(board({attempt("28T08:00:00", Outcome::failed, "board_lost")}, i));
    EXPECT_THAT(figures.causes().front().boards, SizeIs(20));
    EXPECT_EQ(figures.causes().front().more_boards, 5U);
}

TEST(LotFiguresTest, golden_samples_count_for_nothing) {
    LotFigures figures;
    auto golden = attempt("28T08:00:00", Outcome::failed, "board_lost");
    golden.record.golden = true;
    figures.add(board({golden}));
    EXPECT_EQ(figures.counts().golden, 1U);
    EXPECT_EQ(figures.counts().boards, 0U);
    EXPECT_THAT(figures.causes(), IsEmpty());
    EXPECT_THAT(figures.spans(), IsEmpty());
}

TEST(LotFiguresTest, the_time_of_a_pass_is_told_by_shares) {
    LotFigures figures;
    EXPECT_FALSE(figures.seconds_of_share(0.5));
    for (std::uint8_t i = 1; i <= 20; ++i) {
        auto one = attempt("28T08:00:00", Outcome::passed);
        one.record.started = *one.record.ended - std::chrono::seconds(i);
        figures.add(board({one}, i));
    }
    EXPECT_DOUBLE_EQ(*figures.seconds_of_share(0.5), 10.0);
    EXPECT_DOUBLE_EQ(*figures.seconds_of_share(0.95), 19.0);
}

}  // namespace
}  // namespace imprint::report
