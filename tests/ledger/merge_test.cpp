// Ledgers of several stations brought together.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/schema.h"
#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Processes of this station alone.
class Host final : public Processes {
  public:
    explicit Host(std::string name) : self_(std::move(name) + "/b/n/1/s") {}

    [[nodiscard]] std::string self() const override { return self_; }

    [[nodiscard]] Life life_of(std::string_view identity) const override {
        return identity == self_ ? Life::alive : Life::unknown;
    }

  private:
    std::string self_;
};

class Station {
  public:
    Station(const std::filesystem::path& folder, std::string name, Clock& clock)
        : path(folder / (name + ".sqlite")),
          host(name),
          ledger(*open_ledger(path, clock, {.processes = &host})) {
        RunFacts facts;
        facts.station = name;
        facts.operator_name = "operator of " + name;
        facts.lot = "lot of " + name;
        facts.files = {{"app.bin", 0x10000, 5, "sha"}};
        run = *ledger->begin_run(facts);
    }

    AttemptId begin(const MacAddress& mac) {
        const AttemptId id = *ledger->begin_attempt(run, "bay0");
        EXPECT_TRUE(ledger->identified(id, mac, "esp32", mac.id()));
        return id;
    }

    std::int64_t certificate(AttemptId attempt, const std::string& id) {
        const auto row = *ledger->certificate_requested(attempt, "key", "policy");
        EXPECT_TRUE(ledger->certificate_issued(row, id, "PEM of " + id));
        return row;
    }

    // A board that passes, with one certificate.
    void pass(const MacAddress& mac, const std::string& id) {
        const AttemptId attempt = begin(mac);
        const auto row = certificate(attempt, id);
        const auto effects = *ledger->intend({run, attempt}, "activate", {id});
        EXPECT_TRUE(ledger->done(effects.front()));
        EXPECT_TRUE(ledger->certificate_state(row, CertificateState::proven));
        EXPECT_TRUE(ledger->end_attempt(attempt, Outcome::passed));
    }

    std::filesystem::path path;
    Host host;
    std::unique_ptr<Ledger> ledger;
    RunId run = 0;
};

class MergeTest : public ::testing::Test {
  protected:
    Station station(const std::string& name) { return {folder_.path(), name, clock_}; }

    static MergeReport merge(Station& into, const Station& from) {
        const auto report = merge_ledger(into.path, from.path);
        EXPECT_TRUE(report) << (report ? "" : report.error().describe());
        return report ? *report : MergeReport{};
    }

    // All attempts with their effects, in a form that has no row numbers.
    static std::vector<std::string> told(Station& station) {
        std::vector<std::string> lines;
        EXPECT_TRUE(station.ledger->each_attempt({}, [&](const AttemptRecord& one) {
            std::string line = fmt::format("{} {} {} {} {}", one.mac->id(), one.station, one.lot,
                                           to_string(one.outcome), one.certificate_id);
            const auto effects = *station.ledger->effects(one.id);
            for (const auto& effect : effects)
                line += fmt::format(" {} {}", effect.kind, effect.subject);
            lines.push_back(std::move(line));
            return true;
        }));
        return lines;
    }

    std::size_t runs(Station& station) {
        std::size_t count = 0;
        EXPECT_TRUE(station.ledger->each_run([&](const RunRecord&) { return ++count > 0; }));
        return count;
    }

    testing::LedgerClock clock_;
    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    const MacAddress mac_a_ = *parse_mac("246f28aabbcc");
    const MacAddress mac_b_ = *parse_mac("246f28aabbcd");
};

TEST_F(MergeTest, two_stations_records_are_joined_though_their_numbers_are_the_same) {
    Station a = station("a");
    Station b = station("b");
    a.pass(mac_a_, "ca");
    b.pass(mac_b_, "cb");
    ASSERT_EQ(a.run, b.run) << "numbers that clash are the point";
    const MergeReport report = merge(a, b);
    EXPECT_EQ(report.runs, 1);
    EXPECT_EQ(report.attempts, 1);
    EXPECT_EQ(report.certificates, 1);
    EXPECT_THAT(told(a), ElementsAre("246f28aabbcd b lot of b passed cb activate cb",
                                     "246f28aabbcc a lot of a passed ca activate ca"));
    const auto board = *a.ledger->board(mac_b_);
    ASSERT_TRUE(board);
    EXPECT_EQ(board->state, BoardState::passed);
    EXPECT_EQ(board->certificate_pem, "PEM of cb");
    EXPECT_EQ(board->attempt.operator_name, "operator of b");
    EXPECT_EQ(board->attempt.host, "b");
    EXPECT_TRUE(board->attempt.merged);
    EXPECT_THAT(*a.ledger->files(board->attempt.run), SizeIs(1));
}

TEST_F(MergeTest, again_brings_only_what_is_new_and_ends_what_had_not_ended) {
    Station a = station("a");
    Station b = station("b");
    const AttemptId at_work = b.begin(mac_b_);
    merge(a, b);
    EXPECT_EQ(attempts(*a.ledger)->front().outcome, Outcome::running);
    const auto row = b.certificate(at_work, "cb");
    ASSERT_TRUE(b.ledger->certificate_state(row, CertificateState::proven));
    ASSERT_TRUE(b.ledger->end_attempt(at_work, Outcome::passed));
    b.pass(mac_a_, "cx");
    ASSERT_TRUE(b.ledger->end_run(b.run, 2, 0));
    const MergeReport more = merge(a, b);
    EXPECT_EQ(more.runs, 0);
    EXPECT_EQ(more.attempts, 1);
    EXPECT_EQ(more.certificates, 2);
    EXPECT_THAT(told(a), ElementsAre("246f28aabbcc b lot of b passed cx activate cx",
                                     "246f28aabbcd b lot of b passed cb"));
    const MergeReport nothing = merge(a, b);
    EXPECT_EQ(nothing.runs + nothing.attempts + nothing.certificates + nothing.changed, 0);
    EXPECT_THAT(told(a), SizeIs(2));
}

TEST_F(MergeTest, what_comes_by_two_ways_or_comes_home_is_there_once) {
    Station a = station("a");
    Station b = station("b");
    Station office = station("office");
    a.pass(mac_a_, "ca");
    b.pass(mac_b_, "cb");
    merge(b, a);
    merge(office, b);
    merge(office, a);
    merge(a, b);
    EXPECT_THAT(told(office), SizeIs(2));
    EXPECT_EQ(runs(office), 3U);
    EXPECT_THAT(told(a), ElementsAre("246f28aabbcd b lot of b passed cb activate cb",
                                     "246f28aabbcc a lot of a passed ca activate ca"));
    EXPECT_FALSE(a.ledger->board(mac_a_).value()->attempt.merged) << "it is its own";
    // One that went on after it was brought by the longer way.
    const AttemptId again = a.begin(mac_a_);
    ASSERT_TRUE(a.ledger->end_attempt(again, Outcome::failed, "x", "y"));
    ASSERT_TRUE(a.ledger->end_run(a.run, 1, 1));
    merge(b, a);
    merge(office, b);
    merge(office, a);
    EXPECT_THAT(told(office), SizeIs(3));
}

TEST_F(MergeTest, what_was_at_work_is_ended_by_whichever_way_its_end_comes) {
    Station a = station("a");
    Station b = station("b");
    Station office = station("office");
    b.pass(mac_b_, "cb");
    const AttemptId at_work = a.begin(mac_a_);
    merge(b, a);
    merge(office, a);
    ASSERT_TRUE(a.ledger->end_attempt(at_work, Outcome::stopped, "interrupted", "y"));
    ASSERT_TRUE(a.ledger->end_run(a.run, 0, 0));
    merge(b, a);
    merge(office, b);
    EXPECT_THAT(told(office), ElementsAre("246f28aabbcc a lot of a stopped ",
                                          "246f28aabbcd b lot of b passed cb activate cb"));
}

TEST_F(MergeTest, a_board_that_went_on_to_another_station_has_one_living_certificate) {
    Station a = station("a");
    Station b = station("b");
    a.pass(mac_a_, "first");
    const AttemptId second = b.begin(mac_a_);
    ASSERT_TRUE(b.ledger->overwriting(second, {"first"}));
    const auto row = b.certificate(second, "second");
    ASSERT_TRUE(b.ledger->certificate_state(row, CertificateState::proven));
    ASSERT_TRUE(b.ledger->certificate_gone(mac_a_, "first"));
    ASSERT_TRUE(b.ledger->end_attempt(second, Outcome::passed));
    EXPECT_EQ(merge(b, a).changed, 0) << "what a knows of it is older";
    EXPECT_EQ(b.ledger->certificates(mac_a_)->at(0).state, CertificateState::gone);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(merge(a, b).changed, round == 0 ? 1 : 0);
        merge(b, a);
        for (Station* one : {&a, &b}) {
            const auto board = *one->ledger->board(mac_a_);
            ASSERT_TRUE(board->certificate);
            EXPECT_EQ(board->certificate->id, "second");
            EXPECT_EQ(board->attempt.station, "b");
            EXPECT_EQ(board->attempts, 2U);
        }
    }
}

TEST_F(MergeTest, what_another_station_owes_or_has_left_is_not_this_ones_to_do) {
    Station a = station("a");
    Station b = station("b");
    const AttemptId failed = b.begin(mac_b_);
    const auto owed = b.certificate(failed, "owed");
    ASSERT_TRUE(b.ledger->certificate_state(owed, CertificateState::active));
    ASSERT_TRUE(b.ledger->owe_deactivation({owed, failed}));
    ASSERT_TRUE(
        b.ledger->certificate_state(b.certificate(failed, "replaced"), CertificateState::proven));
    ASSERT_TRUE(b.ledger->owe_retirement(failed, "replaced"));
    const auto queued = *b.ledger->certificate_signed(failed, "queued", "PEM", "key", "p");
    ASSERT_TRUE(b.ledger->queue_registration(queued, "facts"));
    b.certificate(failed, "left");
    ASSERT_TRUE(b.ledger->end_attempt(failed, Outcome::failed, "x", "y"));
    EXPECT_THAT(*b.ledger->owed_deactivations(), SizeIs(1));
    EXPECT_EQ(merge(a, b).certificates, 4);
    EXPECT_THAT(*a.ledger->owed_deactivations(), IsEmpty());
    EXPECT_THAT(*a.ledger->owed_retirements(), IsEmpty());
    EXPECT_THAT(*a.ledger->unfinished(mac_b_), IsEmpty());
    EXPECT_THAT(*a.ledger->queued_registrations(), IsEmpty());
    EXPECT_EQ(*a.ledger->count_queued(), 0);
    EXPECT_THAT(*a.ledger->certificates(mac_b_), SizeIs(4)) << "but they are known";
}

TEST_F(MergeTest, what_this_station_comes_to_owe_for_anothers_certificate_is_its_own_to_do) {
    Station a = station("a");
    Station b = station("b");
    b.pass(mac_a_, "cb");
    b.pass(mac_b_, "cc");
    merge(a, b);
    const AttemptId mine = a.begin(mac_a_);
    ASSERT_TRUE(a.ledger->overwriting(mine, {"cb"}));
    ASSERT_TRUE(a.ledger->end_attempt(mine, Outcome::failed, "x", "y"));
    const auto owed = *a.ledger->owed_deactivations();
    ASSERT_THAT(owed, SizeIs(1));
    EXPECT_EQ(owed.front().id, "cb");
    const AttemptId other = a.begin(mac_b_);
    ASSERT_TRUE(a.ledger->owe_retirement(other, "cc"));
    ASSERT_TRUE(a.ledger->end_attempt(other, Outcome::passed));
    EXPECT_THAT(*a.ledger->owed_retirements(), SizeIs(1));
    merge(a, b);
    EXPECT_THAT(*a.ledger->owed_deactivations(), SizeIs(1)) << "and stays so";
}

TEST_F(MergeTest, a_minted_identity_that_went_on_to_this_station_is_its_own) {
    Station a = station("a");
    Station b = station("b");
    const AttemptId there = b.begin(mac_a_);
    ASSERT_TRUE(b.ledger->certificate_taken(there, "m", "PEM", "key", "p"));
    ASSERT_TRUE(b.ledger->end_attempt(there, Outcome::failed, "x", "y"));
    merge(a, b);
    EXPECT_THAT(*a.ledger->unfinished(mac_a_), IsEmpty());
    ASSERT_TRUE(a.ledger->certificate_taken(a.begin(mac_a_), "m", "PEM", "key", "p"));
    EXPECT_THAT(*a.ledger->unfinished(mac_a_), SizeIs(1));
}

TEST_F(MergeTest, an_earlier_board_of_another_ledger_does_not_void_what_is_queued_here) {
    Station b = station("b");
    const AttemptId earlier = b.begin(mac_a_);
    ASSERT_TRUE(b.ledger->overwriting(earlier, {}));
    ASSERT_TRUE(
        b.ledger->certificate_state(b.certificate(earlier, "earlier"), CertificateState::proven));
    ASSERT_TRUE(b.ledger->end_attempt(earlier, Outcome::passed));
    Station a = station("a");
    const AttemptId mine = a.begin(mac_a_);
    const auto queued = *a.ledger->certificate_signed(mine, "mine", "PEM", "key", "p");
    ASSERT_TRUE(a.ledger->queue_registration(queued, "facts"));
    ASSERT_TRUE(a.ledger->end_attempt(mine, Outcome::passed));
    merge(a, b);
    EXPECT_FALSE(a.ledger->queued_registrations()->front().superseded);
    EXPECT_EQ(*a.ledger->last_lot(mac_a_), "lot of a") << "the later one, whatever its number";
    EXPECT_TRUE(*a.ledger->registered(queued));
}

TEST_F(MergeTest, an_older_ledger_is_brought_in_and_stays_as_it_is) {
    const auto old = folder_.path() / "old.sqlite";
    {
        auto database = sqlite::Database::open(old, {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database);
        const sqlite::Schema before{schema().application_id, schema().steps.first(5)};
        ASSERT_TRUE(database->migrate(before));
        ASSERT_TRUE(database->exec(
            "INSERT INTO runs (version, lot, endpoint, firmware, started, process) VALUES "
            "('0', 'old lot', 'host', 'f', 1, 'old/b/n/1/s');"
            "INSERT INTO attempts (run, mac, bay, chip, thing, started, ended, outcome, "
            "error_code) VALUES (1, '246f28aabbcc', 'bay0', 'esp32', 't', 1, 2, 'failed', "
            "'interrupted'), (1, '246f28aabbcd', 'bay1', 'esp32', 'u', 1, 2, 'passed', '');"
            "INSERT INTO effects (run, attempt, kind, subject, intended) VALUES "
            "(1, 2, 'activate', 'c', 1), (1, NULL, 'create_policy', 'p', 1);"
            "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, "
            "state, requested, changed, proven) VALUES "
            "(2, '246f28aabbcd', 'u', 'c', '', 'p', 'proven', 1, 2, 2);"));
    }
    Station a = station("a");
    for (int round = 0; round < 2; ++round)
        ASSERT_TRUE(merge_ledger(a.path, old));
    EXPECT_EQ(a.ledger->board(mac_a_).value()->state, BoardState::stopped);
    const auto board = a.ledger->board(mac_b_).value();
    EXPECT_EQ(board->state, BoardState::passed);
    EXPECT_EQ(board->attempt.host, "old");
    EXPECT_THAT(*a.ledger->effects_of_run(board->attempt.run), SizeIs(2));
    EXPECT_EQ(runs(a), 2U);
    auto database = sqlite::Database::open(
        old, {.kind = ErrorKind::ledger, .access = sqlite::Access::read_only});
    EXPECT_EQ(*database->schema_version(), 5);
}

TEST_F(MergeTest, a_thing_that_was_retired_elsewhere_is_known_to_be) {
    Station a = station("a");
    Station b = station("b");
    const auto begun = *b.ledger->begin_retirement("lamp", "lost");
    merge(a, b);
    ASSERT_THAT(*a.ledger->retirements("lamp"), SizeIs(1));
    ASSERT_TRUE(b.ledger->end_retirement(begun, "c1 c2"));
    merge(a, b);
    const auto known = *a.ledger->retirements("lamp");
    ASSERT_THAT(known, SizeIs(1));
    EXPECT_EQ(known.front().result, "c1 c2");
}

TEST_F(MergeTest, what_a_station_without_its_row_has_retired_is_gone) {
    Station a = station("a");
    a.pass(mac_a_, "ca");
    Station office = station("office");
    const auto effects = *office.ledger->intend({.run = office.run}, "retire", {"ca"});
    merge(a, office);
    EXPECT_EQ(a.ledger->board(mac_a_).value()->state, BoardState::passed) << "intended, not done";
    ASSERT_TRUE(office.ledger->done(effects.front()));
    ASSERT_TRUE(office.ledger->end_run(office.run, 0, 0));
    EXPECT_EQ(merge(a, office).changed, 1);
    EXPECT_EQ(a.ledger->board(mac_a_).value()->state, BoardState::retired);
}

TEST_F(MergeTest, a_board_that_was_prepared_offline_elsewhere_has_what_it_was_given_last) {
    Station a = station("a");
    Station b = station("b");
    a.pass(mac_a_, "old");
    const AttemptId later = b.begin(mac_a_);
    const auto row = *b.ledger->certificate_signed(later, "new", "PEM", "key", "p");
    ASSERT_TRUE(b.ledger->overwriting(later, {}));
    merge(a, b);
    EXPECT_FALSE(a.ledger->board(mac_a_).value()->certificate) << "nobody knows yet";
    ASSERT_TRUE(b.ledger->queue_registration(row, "facts"));
    ASSERT_TRUE(b.ledger->end_attempt(later, Outcome::passed));
    merge(a, b);
    EXPECT_EQ(a.ledger->board(mac_a_).value()->certificate->id, "new");
}

TEST_F(MergeTest, what_is_gone_does_not_come_back_by_another_clock) {
    Station a = station("a");
    Station b = station("b");
    a.pass(mac_a_, "ca");
    const AttemptId taken = b.begin(mac_a_);
    ASSERT_TRUE(b.ledger->overwriting(taken, {"ca"}));
    ASSERT_TRUE(b.ledger->certificate_gone(mac_a_, "ca"));
    // a's clock is ahead: its last word on it is the later one.
    ASSERT_TRUE(a.ledger->certificate_state(a.ledger->certificates(mac_a_)->at(0).row,
                                            CertificateState::proven));
    merge(b, a);
    merge(a, b);
    for (Station* one : {&a, &b})
        EXPECT_EQ(one->ledger->certificates(mac_a_)->at(0).state, CertificateState::gone);
}

TEST_F(MergeTest, a_board_that_another_station_has_in_hand_is_not_locked_here) {
    Station a = station("a");
    Station b = station("b");
    ASSERT_TRUE(b.ledger->claim(b.begin(mac_a_)));
    merge(a, b);
    EXPECT_TRUE(a.ledger->claim(a.begin(mac_a_)));
}

TEST_F(MergeTest, a_debt_ends_with_the_proof_of_another_station) {
    Station a = station("a");
    Station b = station("b");
    const AttemptId failed = a.begin(mac_a_);
    const auto row = a.certificate(failed, "m");
    ASSERT_TRUE(a.ledger->certificate_state(row, CertificateState::active));
    ASSERT_TRUE(a.ledger->owe_deactivation({row, failed}));
    ASSERT_TRUE(a.ledger->end_attempt(failed, Outcome::failed, "x", "y"));
    b.pass(mac_a_, "m");
    merge(a, b);
    EXPECT_THAT(*a.ledger->owed_deactivations(), IsEmpty());
    EXPECT_EQ(a.ledger->board(mac_a_).value()->state, BoardState::passed);
}

TEST_F(MergeTest, anothers_queue_does_not_become_this_ones) {
    Station a = station("a");
    Station b = station("b");
    a.pass(mac_a_, "m");
    const AttemptId there = b.begin(mac_a_);
    const auto taken = *b.ledger->certificate_signed(there, "m", "PEM", "key", "p");
    ASSERT_TRUE(b.ledger->queue_registration(taken, "facts"));
    merge(a, b);
    EXPECT_EQ(a.ledger->certificates(mac_a_)->at(0).state, CertificateState::proven);
    EXPECT_EQ(*a.ledger->count_queued(), 0);
}

TEST_F(MergeTest, a_ledger_with_rows_that_cannot_be_is_refused_and_named) {
    for (const char* damage :
         {"UPDATE attempts SET mac = 'hello'", "UPDATE attempts SET outcome = 'perhaps'",
          "UPDATE certificates SET mac = 'HELLO0000000'",
          "UPDATE attempts SET started = 9223372036854775807",
          "PRAGMA ignore_check_constraints = ON; UPDATE certificates SET state = 'frozen'",
          "DROP INDEX runs_by_uid; INSERT INTO runs (uid, version, lot, endpoint, firmware, "
          "started) "
          "SELECT uid, version, lot, endpoint, firmware, started FROM runs",
          "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM certificates; END",
          "ALTER TABLE retirements RENAME TO r; CREATE VIEW retirements AS WITH RECURSIVE c(n) AS "
          "(SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT 't' AS thing, '' AS reason, "
          "n AS intended, n AS done, '' AS result, n AS id FROM c"}) {
        TemporaryDirectory folder = *TemporaryDirectory::create();
        Station a(folder.path(), "a", clock_);
        {
            Station b(folder.path(), "b", clock_);
            b.pass(mac_b_, "cb");
        }
        const auto other = folder.path() / "b.sqlite";
        {
            auto database = sqlite::Database::open(other, {.kind = ErrorKind::ledger});
            ASSERT_TRUE(database->exec(damage));
        }
        const auto refused = merge_ledger(a.path, other);
        EXPECT_EQ(code_of(refused), "ledger_damaged") << damage;
        EXPECT_TRUE(refused || refused.error().message.contains("b.sqlite")) << damage;
        EXPECT_EQ(runs(a), 1U) << damage;
    }
}

// A view that never ends, or a trigger that runs while an older ledger is migrated.
TEST_F(MergeTest, a_program_in_place_of_a_table_is_refused_by_whoever_reads_it) {
    constexpr const char* endless =
        "ALTER TABLE {0} RENAME TO away; CREATE VIEW {0} AS WITH RECURSIVE n(x) AS "
        "(SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT * FROM away, n";
    const std::string trigger =
        "CREATE TRIGGER t AFTER UPDATE ON attempts BEGIN DELETE FROM runs; END; "
        "PRAGMA user_version = 3";
    for (const std::string& change :
         {fmt::format(endless, "certificates"), fmt::format(endless, "attempts"), trigger}) {
        TemporaryDirectory folder = *TemporaryDirectory::create();
        Station a(folder.path(), "a", clock_);
        {
            Station b(folder.path(), "b", clock_);
            b.pass(mac_b_, "cb");
        }
        const auto other = folder.path() / "b.sqlite";
        {
            auto database = sqlite::Database::open(other, {.kind = ErrorKind::ledger});
            ASSERT_TRUE(database->exec(change)) << change;
        }
        EXPECT_EQ(code_of(merge_ledger(a.path, other)), "ledger_damaged") << change;
        EXPECT_EQ(code_of(open_reports(other, clock_)), "ledger_damaged") << change;
        EXPECT_EQ(runs(a), 1U) << change;
    }
}

TEST_F(MergeTest, a_view_of_its_owners_disturbs_nobody) {
    Station a = station("a");
    {
        auto database = sqlite::Database::open(a.path, {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database->exec("CREATE VIEW mine AS SELECT mac FROM attempts"));
    }
    EXPECT_TRUE(open_reports(a.path, clock_));
    EXPECT_TRUE(merge_ledger(folder_.path() / "new.sqlite", a.path));
}

TEST_F(MergeTest, what_is_no_other_ledger_is_refused_and_changes_nothing) {
    Station a = station("a");
    EXPECT_EQ(code_of(merge_ledger(a.path, a.path)), "ledger_same");
    EXPECT_EQ(code_of(merge_ledger(a.path, folder_.path() / "none.sqlite")), "ledger_missing");
    ASSERT_TRUE(write_file(folder_.path() / "text", "no database at all, but long enough"));
    EXPECT_FALSE(merge_ledger(a.path, folder_.path() / "text"));
    ASSERT_TRUE(write_file(folder_.path() / "empty", ""));
    EXPECT_EQ(code_of(merge_ledger(a.path, folder_.path() / "empty")), "ledger_damaged");
    EXPECT_EQ(runs(a), 1U);
    const auto made = folder_.path() / "new.sqlite";
    EXPECT_FALSE(merge_ledger(made, folder_.path() / "none.sqlite"));
    EXPECT_FALSE(std::filesystem::exists(made)) << "not for a merge that cannot be";
    ASSERT_TRUE(merge_ledger(made, a.path));
}

}  // namespace
}  // namespace imprint::ledger
