// Ledgers of every version before this one, made by the schema's own steps.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/schema.h"
#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {
namespace {

class OlderLedgersTest : public ::testing::TestWithParam<std::size_t> {
  protected:
    // What each version could hold: one board that passed, one that failed by itself, one by the
    // cloud.
    void make(const std::filesystem::path& path) const {
        auto database = sqlite::Database::open(path, {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database);
        const sqlite::Schema before{schema().application_id, schema().steps.first(GetParam())};
        ASSERT_TRUE(database->migrate(before));
        const auto written = database->exec(
            "INSERT INTO runs (version, lot, endpoint, firmware, started, ended) VALUES "
            "('0', 'old lot', 'host', 'f', 1, 9);"
            "INSERT INTO attempts (run, mac, bay, chip, thing, started, ended, outcome, error_code)"
            " VALUES (1, '246f28000001', 'bay0', 'esp32', 't1', 1, 2, 'passed', ''),"
            "(1, '246f28000002', 'bay0', 'esp32', 't2', 3, 4, 'failed', 'chip_unknown'),"
            "(1, '246f28000003', 'bay0', 'esp32', 't3', 5, 6, 'failed', 'ThrottlingException'),"
            "(1, '246f28000004', 'bay0', 'esp32', 't4', 7, 8, 'failed', 'registry_unreachable'),"
            "(1, '', 'bay1', '', '', 7, 8, 'failed', 'board_silent');"
            "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, "
            "state, requested, changed) VALUES (1, '246f28000001', 't1', 'c', '', 'p', 'proven', "
            "1, 2);");
        ASSERT_TRUE(written) << written.error().describe();
        if (GetParam() < 4) return;
        ASSERT_TRUE(
            database->exec("UPDATE certificates SET proven = 2;"
                           "UPDATE attempts SET lot = 'own lot' WHERE id = 2;"));
    }

    testing::LedgerClock clock_;
    testing::OneProcess processes_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
};

TEST_P(OlderLedgersTest, one_is_brought_up_with_all_that_it_holds) {
    const auto path = folder_.path() / "old.sqlite";
    ASSERT_NO_FATAL_FAILURE(make(path));
    const bool has_own_lot = GetParam() >= 4;
    for (const bool is_read : {true, false}) {
        std::unique_ptr<Ledger> ledger;
        std::unique_ptr<Reports> reports;
        if (is_read)
            reports = open_reports(path, clock_, {.processes = &processes_}).value();
        else
            ledger = open_ledger(path, clock_, {.processes = &processes_}).value();
        Reports& read = is_read ? *reports : *ledger;
        const LotCounts counts = *read.lot_counts("old lot");
        EXPECT_EQ(counts.passed, 1U);
        EXPECT_EQ(counts.failed, has_own_lot ? 0U : 1U);
        EXPECT_EQ(counts.error, 2U) << "an error of AWS, by its name, and one of ours";
        EXPECT_EQ(counts.unidentified, 1U);
        EXPECT_EQ(read.lot_counts("own lot")->failed, has_own_lot ? 1U : 0U);
        EXPECT_EQ(read.board(*parse_mac("246f28000001")).value()->state, BoardState::passed);
        EXPECT_TRUE(read.lots()->empty());
        if (is_read) continue;
        // And it is worked with.
        ASSERT_TRUE(ledger->open_lot({.name = "new", .serial_template = "N{number}"}));
        const auto run = *ledger->begin_run({.version = "1",
                                             .lot = "new",
                                             .endpoint = "host",
                                             .firmware = "f",
                                             .firmware_commit = ""});
        const auto attempt = *ledger->begin_attempt(run, "bay0");
        ASSERT_TRUE(ledger->identified(attempt, *parse_mac("246f28000009"), "esp32", "t9"));
        EXPECT_EQ(*ledger->enter_lot(attempt), "N1");
        ASSERT_TRUE(ledger->end_attempt(attempt, Outcome::passed));
        EXPECT_EQ(ledger->lot_counts("new")->passed, 1U);
    }
    auto database = sqlite::Database::open(
        path, {.kind = ErrorKind::ledger, .access = sqlite::Access::read_only});
    EXPECT_EQ(*database->schema_version(), static_cast<std::int64_t>(schema().steps.size()));
}

INSTANTIATE_TEST_SUITE_P(, OlderLedgersTest, ::testing::Range<std::size_t>(1, 7),
                         [](const auto& version) { return fmt::format("{}", version.param); });

}  // namespace
}  // namespace imprint::ledger
