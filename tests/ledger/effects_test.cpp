// What was intended, and what came of it: of attempts and of commands, in the file and read back.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/error_code.h"
#include "base/files.h"
#include "ledger/effect_log.h"
#include "ledger/schema.h"
#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_ledger_impl.h"
#include "sqlite/database.h"

namespace imprint::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RunFacts run_of(const std::string& command) {
    RunFacts facts;
    facts.version = "1";
    facts.command = command;
    return facts;
}

class EffectsTest : public ::testing::Test {
  protected:
    EffectsTest()
        : folder_(*TemporaryDirectory::create()),
          path_(folder_.path() / "l.sqlite"),
          ledger_(*open_ledger(path_, clock_)),
          run_(*ledger_->begin_run(run_of("registry push"))) {}

    void execute(const std::string& sql) const {
        auto database = sqlite::Database::open(path_, {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->exec(sql));
    }

    // As a disk does that is full.
    void refuse_effects() const {
        execute(
            "CREATE TRIGGER full BEFORE INSERT ON effects BEGIN SELECT RAISE(FAIL, 'full'); END");
    }

    [[nodiscard]] EffectLog log() { return {*ledger_, {.run = run_}, {}}; }

    SystemClock clock_;
    TemporaryDirectory folder_;
    std::filesystem::path path_;
    std::unique_ptr<Ledger> ledger_;
    RunId run_;
};

TEST_F(EffectsTest, one_of_a_command_belongs_to_its_run_and_to_no_attempt) {
    ASSERT_TRUE(log().record("retire", "c", []() -> Result<void> { return {}; }));
    const auto effects = ledger_->effects_of_run(run_);
    ASSERT_THAT(*effects, SizeIs(1));
    EXPECT_EQ(effects->front().kind, "retire");
    EXPECT_EQ(effects->front().attempt, std::nullopt);
    EXPECT_EQ(effects->front().result, "done");
    EXPECT_THAT(*ledger_->effects_on({"c", "d"}), SizeIs(1));
    EXPECT_THAT(*ledger_->effects_on({"d"}), IsEmpty());
}

TEST_F(EffectsTest, it_is_in_the_file_before_it_is_tried) {
    std::size_t seen = 0;
    ASSERT_TRUE(log().record("activate", "c", [&]() -> Result<void> {
        const auto other = *open_ledger(path_, clock_);
        const auto effects = *other->effects_of_run(run_);
        seen = effects.size();
        EXPECT_FALSE(effects.front().done);
        return {};
    }));
    EXPECT_EQ(seen, 1U);
}

TEST_F(EffectsTest, one_that_failed_stays_not_known_and_its_error_says_which_it_was) {
    const auto failed = log().record("activate", "c", []() -> Result<void> {
        return fail(ErrorKind::registry, "registry_reply_lost", "no answer");
    });
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().context, ElementsAre("activate c"));
    EXPECT_FALSE(ledger_->effects_of_run(run_)->front().done);
}

TEST_F(EffectsTest, what_cannot_be_written_down_is_not_tried_but_on_the_way_back) {
    refuse_effects();
    bool tried = false;
    const auto work = [&]() -> Result<void> {
        tried = true;
        return {};
    };
    EXPECT_FALSE(log().record("activate", "c", work));
    EXPECT_FALSE(tried);
    EXPECT_TRUE(log().for_rollback().record("deactivate", "c", work));
    EXPECT_TRUE(tried);
}

TEST_F(EffectsTest, several_are_intended_at_the_price_of_one_and_a_result_costs_nothing) {
    auto& file = dynamic_cast<SqliteLedger&>(*ledger_);
    const auto before = file.commits();
    const auto ids = log().intend("flash", {"bootloader", "table", "app"});
    ASSERT_THAT(*ids, SizeIs(3));
    EXPECT_EQ(file.commits(), before + 1);
    for (const EffectId id : *ids)
        ASSERT_TRUE(log().done(id, "md5"));
    EXPECT_EQ(file.commits(), before + 1) << "they go with the next one";
    const auto effects = *ledger_->effects_of_run(run_);
    EXPECT_TRUE(std::ranges::all_of(effects, [](const auto& one) { return one.result == "md5"; }))
        << "whoever asks sees them";
    EXPECT_EQ(file.commits(), before + 2);
}

TEST_F(EffectsTest, results_are_kept_when_the_ledger_is_closed) {
    const auto ids = log().intend("flash", {"app"});
    ASSERT_TRUE(log().done(ids->front(), "md5"));
    ledger_.reset();
    ledger_ = *open_ledger(path_, clock_);
    EXPECT_EQ(ledger_->effects_of_run(run_)->front().result, "md5");
}

TEST_F(EffectsTest, one_threads_failure_is_not_another_ones) {
    execute(
        "CREATE TRIGGER some BEFORE INSERT ON effects WHEN NEW.kind = 'bad' "
        "BEGIN SELECT RAISE(FAIL, 'bad'); END");
    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&, i] {
                for (int n = 0; n < 10; ++n) {
                    const bool done =
                        ledger_->intend({.run = run_}, i % 2 == 0 ? "good" : "bad", {"s"})
                            .has_value();
                    (i % 2 == 0 ? good : bad) += done ? 1 : 0;
                }
            });
    }
    EXPECT_EQ(good, 40);
    EXPECT_EQ(bad, 0);
    EXPECT_THAT(*ledger_->effects_of_run(run_), SizeIs(40));
}

TEST_F(EffectsTest, a_row_that_is_not_there_is_told) {
    const auto written = ledger_->certificate_issued(17, "c", {});
    ASSERT_FALSE(written);
    EXPECT_EQ(code_of(written), "ledger_damaged");
    EXPECT_FALSE(ledger_->end_run(99, 0, 0));
}

TEST_F(EffectsTest, a_damaged_mac_address_is_told_and_not_taken_for_another) {
    const auto attempt = *ledger_->begin_attempt(run_, "bay0");
    ASSERT_TRUE(ledger_->identified(attempt, *parse_mac("246f28aabbcc"), "esp32", "t"));
    ASSERT_TRUE(ledger_->certificate_requested(attempt, "PEM", "p"));
    execute("UPDATE certificates SET mac = 'gg'; UPDATE attempts SET mac = 'gg'");
    const auto certificates = ledger_->certificates_of_thing("t");
    ASSERT_FALSE(certificates);
    EXPECT_EQ(code_of(certificates), "ledger_damaged");
    EXPECT_THAT(certificates.error().message, HasSubstr("gg"));
    EXPECT_FALSE(attempts(*ledger_));
}

TEST_F(EffectsTest, runs_tell_their_command_and_whether_they_ended) {
    const RunId second = *ledger_->begin_run(run_of("prepare"));
    ASSERT_TRUE(ledger_->end_run(run_, 2, 1));
    std::vector<RunRecord> runs;
    ASSERT_TRUE(ledger_->each_run([&](const RunRecord& run) {
        runs.push_back(run);
        return true;
    }));
    ASSERT_THAT(runs, SizeIs(2));
    EXPECT_EQ(runs[0].id, second) << "newest first";
    EXPECT_EQ(runs[0].command, "prepare");
    EXPECT_TRUE(runs[0].running);
    EXPECT_EQ(runs[1].command, "registry push");
    EXPECT_EQ(runs[1].passed, 2);
    EXPECT_FALSE(runs[1].running);
}

TEST_F(EffectsTest, those_of_a_version_4_ledger_get_their_run) {
    const auto old = folder_.path() / "old.sqlite";
    {
        auto database = sqlite::Database::open(old, {.kind = ErrorKind::ledger});
        const sqlite::Schema before{schema().application_id, schema().steps.first(4)};
        ASSERT_TRUE(database->migrate(before));
        ASSERT_TRUE(database->exec(
            "INSERT INTO runs (id, version, lot, endpoint, firmware, started) VALUES "
            "(7, '0', 'lot-1', 'host', 'f', 1);"
            "INSERT INTO attempts (id, run, mac, bay, chip, thing, started) VALUES "
            "(3, 7, '246f28aabbcc', 'bay0', 'esp32', 't', 1);"
            "INSERT INTO effects (attempt, kind, subject, intended, done, result) VALUES "
            "(3, 'flash', 'app', 1, 2, 'md5');"));
    }
    // Only read, it stays as it is.
    for (const bool is_read : {true, false}) {
        std::unique_ptr<Reports> reports;
        if (is_read)
            reports = *open_reports(old, clock_);
        else
            reports = *open_ledger(old, clock_);
        const auto effects = *reports->effects(3);
        ASSERT_THAT(effects, SizeIs(1));
        EXPECT_EQ(effects.front().run, 7);
        EXPECT_EQ(effects.front().result, "md5");
        reports.reset();
        auto database = sqlite::Database::open(
            old, {.kind = ErrorKind::ledger, .access = sqlite::Access::read_only});
        EXPECT_EQ(*database->schema_version(),
                  is_read ? 4 : static_cast<std::int64_t>(schema().steps.size()));
    }
}

TEST_F(EffectsTest, a_ledger_is_read_where_nothing_can_be_written) {
    ASSERT_TRUE(log().record("retire", "c", []() -> Result<void> { return {}; }));
    ledger_.reset();
    const auto shelf = folder_.path() / "shelf";
    std::filesystem::create_directory(shelf);
    std::filesystem::copy_file(path_, shelf / "copy.sqlite");
    ASSERT_EQ(::chmod((shelf / "copy.sqlite").c_str(), 0400), 0);
    ASSERT_EQ(::chmod(shelf.c_str(), 0500), 0);
    auto reports = open_reports(shelf / "copy.sqlite", clock_);
    ASSERT_TRUE(reports) << reports.error().describe();
    EXPECT_THAT(*(*reports)->effects_of_run(run_), SizeIs(1));
    ASSERT_EQ(::chmod(shelf.c_str(), 0700), 0);
}

TEST_F(EffectsTest, no_ledger_is_made_by_looking_for_one) {
    const auto missing = open_reports(folder_.path() / "none.sqlite", clock_);
    ASSERT_FALSE(missing);
    EXPECT_EQ(code_of(missing), "ledger_missing");
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "none.sqlite"));
}

TEST_F(EffectsTest, another_process_that_has_it_locked_is_waited_for_and_told_of) {
    std::atomic<int> told = 0;
    auto waiting = *open_ledger(path_, clock_,
                                {.log = Log([&](LogLevel, std::string_view line) {
                                     if (line.find("locked") != std::string_view::npos) ++told;
                                 }),
                                 .patience = std::chrono::minutes(1),
                                 .tell_after = Milliseconds(1)});
    auto database = sqlite::Database::open(path_, {.kind = ErrorKind::ledger});
    {
        auto locked = sqlite::Transaction::begin(*database);
        ASSERT_TRUE(locked);
        std::atomic<bool> ended = false;
        const std::jthread writer([&] {
            EXPECT_TRUE(waiting->end_run(run_, 1, 0));
            ended = true;
        });
        while (told == 0 && !ended)
            std::this_thread::yield();
        ASSERT_TRUE(locked->commit());
    }
    EXPECT_GE(told, 1);
}

TEST_F(EffectsTest, a_lock_that_nobody_lets_go_of_is_given_up) {
    auto waiting = *open_ledger(path_, clock_, {.log = {}, .patience = Milliseconds(20)});
    auto database = sqlite::Database::open(path_, {.kind = ErrorKind::ledger});
    const auto locked = sqlite::Transaction::begin(*database);
    const auto written = waiting->end_run(run_, 1, 0);
    ASSERT_FALSE(written);
    EXPECT_EQ(code_of(written), "database_busy");
}

}  // namespace
}  // namespace imprint::ledger
