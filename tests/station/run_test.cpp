// A run's own order: what is checked before the first board, what is written down of it, and that
// one bay's trouble stays its own. The order of effects for one board is tests/prepare's.
#include "station/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "station/station_world.h"

namespace imprint::station {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunTest : public testing::StationWorld {
  protected:
    Result<RunSummary> run() {
        steps_.clear();
        told_.clear();
        return prepare_boards(settings_, options_, surroundings_, *clock_, sink(), {},
                              stop_.get_token());
    }

    // The error's code of what went wrong before the first board; the board and the records are as
    // they were.
    std::string refused() {
        const auto outcome = run();
        EXPECT_THAT(all_runs(), IsEmpty());
        EXPECT_THAT(registry_->certificates, IsEmpty());
        EXPECT_EQ(told<events::BoardStarted>(), 0U);
        return code_of(outcome);
    }
};

TEST_F(RunTest, a_board_passes_and_its_run_is_in_the_ledger_with_its_files) {
    const auto summary = run();
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->passed, 1U);
    EXPECT_EQ(summary->failed, 0U);
    EXPECT_THAT(steps_, ElementsAre("port virtual", "registry", "ledger"));
    const auto runs = all_runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].lot, "lot-7");
    EXPECT_EQ(ledger_->files(runs[0].id)->size(), 3U);
    EXPECT_EQ(runs[0].passed, 1U);
    EXPECT_EQ(registry_->active().size(), 1U);
    EXPECT_EQ(told<events::RunStarted>(), 1U);
    EXPECT_EQ(told<events::RunFinished>(), 1U);
}

TEST_F(RunTest, a_dry_run_says_what_would_be_done_and_does_none_of_it) {
    options_.dry_run = true;
    EXPECT_EQ(refused(), "(no error)");
    EXPECT_THAT(steps_, ElementsAre("port virtual", "registry"));
    EXPECT_THAT(notes(), ::testing::Contains(HasSubstr("would prepare the board on virtual")));
}

TEST_F(RunTest, what_is_wrong_for_all_is_told_before_the_first_board) {
    options_.lot = std::string(1000, 'x');
    EXPECT_NE(refused(), "(no error)");
    EXPECT_THAT(steps_, IsEmpty()) << "no port is opened for it";
    options_.lot = "lot-7";

    options_.ports = {"nowhere", "elsewhere"};
    EXPECT_EQ(refused(), "port_missing");
    EXPECT_THAT(steps_, ElementsAre("port nowhere", "port elsewhere"));
    options_.ports = {"virtual"};

    settings_.credentials.partition = "nowhere";
    EXPECT_EQ(refused(), "credential_partition");
    settings_.credentials.partition = "";

    settings_.registry.offline = prepare::Offline::when_unreachable;
    EXPECT_EQ(refused(), "offline_needs_own_ca");
    settings_.registry.offline = prepare::Offline::never;

    unreachable_ = true;
    EXPECT_EQ(refused(), "registry_unreachable");
    unreachable_ = false;

    registry_->policies.clear();
    EXPECT_NE(refused(), "(no error)") << "the policy is not there and has no document";
    const std::string wide =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})";
    registry_->policies["p"] = {{{1, wide}}, 1, 1};
    EXPECT_EQ(refused(), "policy_wide");
    EXPECT_THAT(steps_, ElementsAre("port virtual", "registry")) << "no ledger is made for it";
}

TEST_F(RunTest, a_ledger_that_cannot_be_written_ends_the_run_before_the_first_board) {
    ledger_->refuse = [](const char*) -> Result<void> {
        return fail(ErrorKind::ledger, "ledger_unwritable", "full");
    };
    EXPECT_EQ(refused(), "ledger_unwritable");
}

TEST_F(RunTest, a_ledger_that_has_no_folder_is_told_first_and_by_a_dry_run_too) {
    settings_.ledger.path = records_.path() / "nowhere" / "ledger.sqlite";
    for (const bool dry : {true, false}) {
        options_.dry_run = dry;
        const auto outcome = run();
        ASSERT_EQ(code_of(outcome), "ledger_unwritable");
        EXPECT_THAT(outcome.error().message, HasSubstr((records_.path() / "nowhere").string()));
        EXPECT_THAT(outcome.error().hint, HasSubstr("mkdir"));
        EXPECT_THAT(steps_, IsEmpty()) << "no port is opened for it";
    }
}

TEST_F(RunTest, what_is_no_ledger_is_told_by_a_dry_run_too) {
    ASSERT_TRUE(write_file(settings_.ledger.path, "something else\n"));
    options_.dry_run = true;
    EXPECT_EQ(refused(), "database_damaged");
    EXPECT_EQ(read_text(settings_.ledger.path).value(), "something else\n");
    ASSERT_TRUE(write_file(settings_.ledger.path, ""));
    EXPECT_EQ(refused(), "(no error)") << "an empty file becomes a ledger";
    EXPECT_EQ(read_text(settings_.ledger.path).value(), "") << "but not by looking";
}

TEST_F(RunTest, what_cannot_be_made_in_the_registry_ends_the_run_and_its_row) {
    settings_.identity.thing_type = "sensor";
    registry_->strike = [](const std::string& call) {
        return call == "ensure_thing_type" ? registry::testing::Strike::refused
                                           : registry::testing::Strike::none;
    };
    const auto outcome = run();
    EXPECT_FALSE(outcome);
    EXPECT_EQ(told<events::BoardStarted>(), 0U);
    const auto runs = all_runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_TRUE(runs[0].ended) << "it does not look as if it was killed";
}

class Trouble : public RunTest, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Bays, Trouble, ::testing::Values("pulled", "bug"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(Trouble, of_one_bay_is_its_own) {
    options_.ports = {GetParam(), "virtual"};
    const auto summary = run();
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->passed, 1U);
    EXPECT_EQ(summary->failed, 1U);
    EXPECT_EQ(told<events::BoardFailed>(), 1U);
    EXPECT_EQ(all_runs().at(0).failed, 1U);
    EXPECT_EQ(ledger::attempts(*ledger_).value().size(), 2U) << "each bay has its row";
    EXPECT_EQ(registry_->active().size(), 1U);
}

TEST_F(RunTest, a_bay_whose_port_is_not_there_is_empty_and_a_busy_one_fails_alone) {
    options_.ports = {"nowhere", "virtual", "busy"};
    const auto summary = run();
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->passed, 1U);
    EXPECT_EQ(summary->failed, 1U);
    EXPECT_EQ(summary->empty, 1U);
    EXPECT_EQ(told<events::BayEmpty>(), 1U);
    EXPECT_EQ(told<events::BoardFailed>(), 1U);
    using Outcomes = std::map<std::string, ledger::Outcome>;
    Outcomes outcomes;
    const auto attempts = ledger::attempts(*ledger_).value();
    for (const auto& one : attempts)
        outcomes[one.bay] = one.outcome;
    EXPECT_EQ(outcomes, (Outcomes{{"nowhere", ledger::Outcome::empty},
                                  {"virtual", ledger::Outcome::passed},
                                  {"busy", ledger::Outcome::failed}}));
    const auto* finished = events::as<events::RunFinished>(told_.back());
    ASSERT_NE(finished, nullptr);
    using events::AttemptOutcome;
    EXPECT_THAT(finished->results,
                ElementsAre(events::BayResult{"nowhere", {}, AttemptOutcome::empty, "port_missing"},
                            events::BayResult{"virtual", {simulated_.mac}, AttemptOutcome::passed},
                            events::BayResult{"busy", {}, AttemptOutcome::failed, "port_busy"}))
        << "in the order of the bays";
}

TEST_F(RunTest, a_bay_in_which_nothing_at_all_answers_is_empty) {
    options_.ports = {"silent"};
    const auto summary = run();
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_EQ(summary->failed, 0U);
    EXPECT_EQ(summary->empty, 1U);
    EXPECT_EQ(told<events::BayEmpty>(), 1U);
    EXPECT_EQ(told<events::BoardFailed>(), 0U);
    EXPECT_EQ(ledger::attempts(*ledger_).value().at(0).outcome, ledger::Outcome::empty);
}

TEST_F(RunTest, a_dry_run_tells_which_bay_would_be_left_out) {
    options_.dry_run = true;
    options_.ports = {"nowhere", "virtual"};
    ASSERT_TRUE(run());
    EXPECT_THAT(notes(), ::testing::Contains("would leave bay nowhere out: there is no nowhere"));
}

TEST_F(RunTest, who_did_it_and_where_is_in_the_ledger) {
    settings_.station.name = "line 1";
    settings_.station.operator_name = "ann";
    ASSERT_TRUE(run());
    const auto one = ledger::attempts(*ledger_).value().at(0);
    EXPECT_EQ(one.station, "line 1");
    EXPECT_EQ(one.operator_name, "ann");
    EXPECT_EQ(one.host, "h");
    EXPECT_EQ(one.account, "000000000000");
    EXPECT_EQ(one.region, "eu-west-1");
    EXPECT_EQ(one.endpoint, "broker.example");
}

TEST_F(RunTest, boards_are_in_hand_from_the_first_to_the_last) {
    std::vector<bool> in_hand;
    std::size_t before = 0;
    options_.boards_in_hand = [&](bool yes) {
        in_hand.push_back(yes);
        if (yes) before = told<events::BoardStarted>();
    };
    ASSERT_TRUE(run());
    EXPECT_THAT(in_hand, ElementsAre(true, false));
    EXPECT_EQ(before, 0U);
}

TEST_F(RunTest, a_board_that_passed_in_the_lot_is_left_as_it_is_unless_asked) {
    ASSERT_EQ(run().value().passed, 1U);
    const auto before = registry_->active();
    const auto again = run();
    EXPECT_EQ(again.value().passed, 0U);
    EXPECT_EQ(again->skipped, (std::map<MacAddress, std::string>{{simulated_.mac, "virtual"}}));
    EXPECT_EQ(told<events::BoardSkipped>(), 1U);
    EXPECT_EQ(registry_->active(), before);
    options_.again.wanted = true;
    options_.again.boards = {*parse_mac("240ac4999999")};
    EXPECT_EQ(run().value().skipped.size(), 1U) << "another board was meant";
    options_.again.boards = {simulated_.mac};
    EXPECT_EQ(run().value().passed, 1U);
    EXPECT_NE(registry_->active(), before);
}

TEST_F(RunTest, a_stop_is_told_as_one) {
    stop_.request_stop();
    const auto summary = run();
    ASSERT_TRUE(summary) << summary.error().describe();
    EXPECT_TRUE(summary->interrupted);
    EXPECT_EQ(summary->passed, 0U);
    EXPECT_EQ(summary->failed, 0U);
    EXPECT_EQ(summary->stopped, 1U);
    EXPECT_EQ(ledger::attempts(*ledger_).value().at(0).outcome, ledger::Outcome::stopped);
    EXPECT_THAT(registry_->active(), IsEmpty());
}

TEST_F(RunTest, a_lot_that_is_paused_or_closed_is_told_before_anything_else) {
    ledger::LotFacts lot;
    lot.name = "lot-7";
    ASSERT_TRUE(ledger_->open_lot(lot));
    ASSERT_TRUE(ledger_->set_lot_state("lot-7", ledger::LotState::paused));
    EXPECT_EQ(refused(), "lot_paused");
    EXPECT_THAT(steps_, IsEmpty());
    ASSERT_TRUE(ledger_->set_lot_state("lot-7", ledger::LotState::closed));
    EXPECT_EQ(refused(), "lot_closed");
    options_.dry_run = true;
    EXPECT_EQ(refused(), "lot_closed");
}

TEST_F(RunTest, a_firmware_that_is_not_the_lots_is_told_before_the_first_board) {
    ledger::LotFacts lot;
    lot.name = "lot-7";
    lot.limits.firmware = std::string(64, 'f');
    ASSERT_TRUE(ledger_->open_lot(lot));
    EXPECT_EQ(refused(), "lot_firmware");
}

TEST_F(RunTest, serial_numbers_that_no_thing_can_have_are_told_before_the_first_board) {
    ledger::LotFacts lot;
    lot.name = "lot-7";
    lot.serial_template = "SN {number}";
    ASSERT_TRUE(ledger_->open_lot(lot));
    settings_.identity.attributes = {{"serial", "{serial}"}};
    EXPECT_EQ(refused(), "serial_bad");
    settings_.identity.attributes = {};
    EXPECT_TRUE(run());
}

TEST_F(RunTest, a_lots_code_stands_for_its_name) {
    ledger::LotFacts lot;
    lot.name = "lot-7";
    lot.code = "4711";
    ASSERT_TRUE(ledger_->open_lot(lot));
    options_.lot = "4711";
    ASSERT_TRUE(run());
    EXPECT_EQ(all_runs().front().lot, "lot-7");
    EXPECT_EQ(ledger_->lot_counts("lot-7")->passed, 1U);
}

}  // namespace
}  // namespace imprint::station
