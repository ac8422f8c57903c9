#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/error_code.h"
#include "base/files.h"
#include "base/processes.h"
#include "ledger/schema.h"
#include "ledger/spare.h"
#include "ledger/sqlite_ledger.h"
#include "sqlite/database.h"

namespace imprint::ledger {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class LedgerTest : public ::testing::Test {
  protected:
    LedgerTest() : folder_(*TemporaryDirectory::create()), path_(folder_.path() / "l.sqlite") {}

    [[nodiscard]] std::unique_ptr<Ledger> open() {
        auto ledger = open_ledger(path_, clock_);
        EXPECT_TRUE(ledger) << ledger.error().describe();
        return std::move(*ledger);
    }

    [[nodiscard]] static AttemptId attempt(Ledger& ledger, const MacAddress& mac) {
        const RunId run = *ledger.begin_run({.version = "1",
                                             .lot = "lot-7",
                                             .endpoint = "host",
                                             .firmware = "abc",
                                             .firmware_commit = "commit"});
        const AttemptId id = *ledger.begin_attempt(run, "bay0");
        EXPECT_TRUE(ledger.identified(id, mac, "esp32", mac.id()));
        return id;
    }

    // Of the run that attempt() made last.
    [[nodiscard]] static Doer doer(AttemptId attempt) { return {.run = 1, .attempt = attempt}; }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    const MacAddress other_ = *parse_mac("246f28aabbcd");
    SystemClock clock_;
    TemporaryDirectory folder_;
    std::filesystem::path path_;
};

TEST_F(LedgerTest, only_its_owner_may_read_it) {
    const auto ledger = open();
    struct stat info{};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(LedgerTest, an_attempt_is_found_again_with_its_run_and_certificate) {
    {
        const auto ledger_file = open();
        Ledger& ledger = *ledger_file;
        const AttemptId id = attempt(ledger, mac_);
        const auto row = ledger.certificate_requested(id, "PEM", "policy");
        ASSERT_TRUE(ledger.certificate_issued(*row, "cert-1", {}));
        ASSERT_TRUE(ledger.end_attempt(id, Outcome::failed, "wrong_chip", "the message"));
    }
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto found = attempts(ledger, mac_);
    ASSERT_TRUE(found);
    ASSERT_THAT(*found, SizeIs(1));
    const AttemptRecord& record = found->front();
    EXPECT_EQ(record.mac, mac_);
    EXPECT_EQ(record.lot, "lot-7");
    EXPECT_EQ(record.firmware, "abc");
    EXPECT_EQ(record.certificate_id, "cert-1");
    EXPECT_EQ(record.outcome, Outcome::failed);
    EXPECT_EQ(record.error_code, "wrong_chip");
    EXPECT_EQ(record.error_message, "the message");
    EXPECT_TRUE(record.ended);
    EXPECT_THAT(*attempts(ledger, other_), IsEmpty());
    EXPECT_THAT(*attempts(ledger), SizeIs(1));
}

TEST_F(LedgerTest, an_effect_without_an_end_shows_what_was_intended) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const AttemptId id = attempt(ledger, mac_);
    const auto first = ledger.intend(doer(id), "create_thing", {"t"});
    ASSERT_TRUE(ledger.done(first->front(), "made"));
    ASSERT_TRUE(ledger.intend(doer(id), "activate", {"c"}));
    const auto effects = ledger.effects(id);
    ASSERT_THAT(*effects, SizeIs(2));
    EXPECT_EQ(effects->at(0).kind, "create_thing");
    EXPECT_TRUE(effects->at(0).done);
    EXPECT_EQ(effects->at(0).result, "made");
    EXPECT_EQ(effects->at(1).subject, "c");
    EXPECT_FALSE(effects->at(1).done);
}

TEST_F(LedgerTest, unfinished_certificates_are_those_neither_proven_nor_gone) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto state_of = [&](const MacAddress& mac, const char* id,
                              std::optional<CertificateState> state) {
        const auto row = ledger.certificate_requested(attempt(ledger, mac), "PEM", "p");
        EXPECT_TRUE(id == nullptr || ledger.certificate_issued(*row, id, {}));
        EXPECT_TRUE(!state || ledger.certificate_state(*row, *state));
    };
    state_of(mac_, nullptr, {});
    state_of(mac_, "inactive", {});
    state_of(mac_, "active", CertificateState::active);
    state_of(mac_, "proven", CertificateState::proven);
    state_of(mac_, "gone", CertificateState::gone);
    state_of(other_, "other", {});
    const auto left = ledger.unfinished(mac_);
    ASSERT_THAT(*left, SizeIs(3));
    EXPECT_EQ(left->at(0).state, CertificateState::requested);
    EXPECT_EQ(left->at(0).public_pem, "PEM");
    EXPECT_EQ(left->at(1).id, "inactive");
    EXPECT_EQ(left->at(2).id, "active");

    ASSERT_TRUE(ledger.certificate_gone(mac_, "active"));
    EXPECT_THAT(*ledger.unfinished(mac_), SizeIs(2));
    EXPECT_THAT(*ledger.certificates(mac_), SizeIs(5));
}

TEST_F(LedgerTest, a_minted_certificate_is_one_boards_and_keeps_what_it_has_come_to) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto take = [&](const MacAddress& mac) {
        return ledger.certificate_taken(attempt(ledger, mac), "cert-1", "PEM", "PUBLIC", "policy");
    };
    const auto first = take(mac_);
    ASSERT_TRUE(first) << first.error().describe();
    EXPECT_EQ(first->state, CertificateState::inactive);
    using enum CertificateState;
    for (const auto& [was, is] : {std::pair{inactive, inactive},
                                  {active, active},
                                  {queued, queued},
                                  {proven, proven},
                                  {gone, inactive}}) {
        ASSERT_TRUE(ledger.certificate_state(first->row, was));
        const auto again = take(mac_);
        ASSERT_TRUE(again) << again.error().describe();
        EXPECT_EQ(again->row, first->row);
        EXPECT_EQ(again->state, is) << to_string(was);
    }
    EXPECT_THAT(*ledger.certificates(mac_), SizeIs(1));
    const auto foreign = take(other_);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(code_of(foreign), "minted_in_use");
    EXPECT_EQ(foreign.error().kind, ErrorKind::board);
    EXPECT_THAT(*ledger.certificates(other_), IsEmpty());
}

TEST_F(LedgerTest, an_owed_deactivation_stays_until_it_is_settled) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const AttemptId id = attempt(ledger, mac_);
    const auto row = ledger.certificate_requested(id, "PEM", "p");
    ASSERT_TRUE(ledger.certificate_issued(*row, "c", {}));
    ASSERT_TRUE(ledger.certificate_state(*row, CertificateState::active));
    ASSERT_TRUE(ledger.owe_deactivation({*row, id}));
    ASSERT_THAT(*ledger.owed_deactivations(), SizeIs(1));
    EXPECT_EQ(ledger.owed_deactivations()->front().id, "c");
    ASSERT_TRUE(ledger.deactivated(*row));
    EXPECT_THAT(*ledger.owed_deactivations(), IsEmpty());
    EXPECT_EQ(ledger.certificates(mac_)->front().state, CertificateState::inactive);
}

TEST_F(LedgerTest, a_board_that_is_never_identified_has_its_row_all_the_same) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const RunId run = *ledger.begin_run({.version = "1",
                                         .lot = "lot",
                                         .endpoint = "host",
                                         .firmware = "abc",
                                         .firmware_commit = ""});
    const AttemptId id = *ledger.begin_attempt(run, "bay3");
    ASSERT_TRUE(ledger.end_attempt(id, Outcome::failed, "no_answer", "nothing answers"));
    const auto found = attempts(ledger);
    ASSERT_THAT(*found, SizeIs(1));
    EXPECT_FALSE(found->front().mac);
    EXPECT_EQ(found->front().bay, "bay3");
    EXPECT_EQ(found->front().error_code, "no_answer");
}

TEST_F(LedgerTest, what_was_flashed_is_kept_file_by_file) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    RunFacts facts;
    facts.firmware = std::string(64, 'f');
    facts.firmware_commit = "commit-dirty";
    facts.app_name = "lamp";
    facts.app_version = "1.2.3";
    facts.files = {{"build/lamp.bin", 0x10000, 1234, "sha-app"},
                   {"build/bootloader.bin", 0x1000, 99, "sha-boot"}};
    const RunId run = *ledger.begin_run(facts);
    const AttemptId id = *ledger.begin_attempt(run, "bay0");
    const auto files = ledger.files(run);
    ASSERT_THAT(*files, SizeIs(2));
    EXPECT_EQ(files->at(0).offset, 0x1000U) << "by their place in flash";
    EXPECT_EQ(files->at(1).path, "build/lamp.bin");
    EXPECT_EQ(files->at(1).size, 1234U);
    EXPECT_EQ(files->at(1).sha256, "sha-app");
    const auto record = attempts(ledger)->front();
    EXPECT_EQ(record.id, id);
    EXPECT_EQ(record.firmware, facts.firmware) << "not the commit";
    EXPECT_EQ(record.firmware_commit, "commit-dirty");
    EXPECT_EQ(record.app_version, "1.2.3");
}

TEST_F(LedgerTest, a_passed_attempt_counts_only_while_its_certificate_is_in_force) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const AttemptId id = attempt(ledger, mac_);
    const auto row = *ledger.certificate_requested(id, "PEM", "p");
    ASSERT_TRUE(ledger.certificate_issued(row, "c", "text of c"));
    ASSERT_TRUE(ledger.end_attempt(id, Outcome::passed));
    const auto shown = [&] { return attempts(ledger)->front().outcome; };
    for (const auto state :
         {CertificateState::active, CertificateState::queued, CertificateState::proven}) {
        ASSERT_TRUE(ledger.certificate_state(row, state));
        EXPECT_EQ(shown(), Outcome::passed) << to_string(state);
    }
    EXPECT_EQ(ledger.board(mac_).value()->state, BoardState::passed);
    EXPECT_EQ(ledger.board(mac_).value()->certificate_pem, "text of c");
    for (const auto state :
         {CertificateState::inactive, CertificateState::overwritten, CertificateState::gone}) {
        ASSERT_TRUE(ledger.certificate_state(row, state));
        EXPECT_EQ(shown(), Outcome::replaced) << to_string(state);
        EXPECT_EQ(ledger.board(mac_).value()->state, BoardState::retired) << to_string(state);
        EXPECT_FALSE(ledger.board(mac_).value()->certificate);
    }
}

TEST_F(LedgerTest, the_lot_that_a_board_passed_in_last_is_known) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    EXPECT_EQ(*ledger.last_lot(mac_), "");
    const AttemptId passed = attempt(ledger, mac_);
    ASSERT_TRUE(ledger.end_attempt(passed, Outcome::passed));
    EXPECT_EQ(*ledger.last_lot(mac_), "lot-7");
    const AttemptId moved = attempt(ledger, mac_);
    ASSERT_TRUE(ledger.set_lot(moved, "lot-8"));
    EXPECT_EQ(*ledger.last_lot(mac_), "lot-7") << "it has not passed yet";
    ASSERT_TRUE(ledger.end_attempt(moved, Outcome::passed));
    EXPECT_EQ(*ledger.last_lot(mac_), "lot-8");
    const AttemptId failed = attempt(ledger, mac_);
    ASSERT_TRUE(ledger.set_lot(failed, "lot-9"));
    ASSERT_TRUE(ledger.end_attempt(failed, Outcome::failed, "x", "y"));
    EXPECT_EQ(*ledger.last_lot(mac_), "lot-8");
}

TEST_F(LedgerTest, nothing_is_owed_for_what_a_certificate_was_before_it_was_given_out_again) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto take = [&] {
        return ledger.certificate_taken(attempt(ledger, mac_), "m", "PEM", "PUBLIC", "p")->row;
    };
    const auto row = take();
    ASSERT_TRUE(ledger.certificate_state(row, CertificateState::proven));
    ASSERT_TRUE(ledger.owe_retirement({}, "m"));
    ASSERT_TRUE(ledger.overwriting(attempt(ledger, mac_), {"m"}));
    static_cast<void>(take());
    EXPECT_FALSE(ledger.certificates(mac_)->front().retirement_owed);
    EXPECT_FALSE(ledger.certificates(mac_)->front().deactivation_owed);
    for (const auto state : {CertificateState::proven, CertificateState::active}) {
        ASSERT_TRUE(ledger.owe_retirement({}, "m"));
        ASSERT_TRUE(ledger.certificate_state(row, state));
        EXPECT_FALSE(ledger.certificates(mac_)->front().retirement_owed) << to_string(state);
    }
    ASSERT_TRUE(ledger.owe_retirement({}, "m"));
    ASSERT_TRUE(ledger.queue_registration(row, "{}"));
    EXPECT_FALSE(ledger.certificates(mac_)->front().retirement_owed);
}

TEST_F(LedgerTest, a_queued_registration_is_void_once_its_board_was_overwritten) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto row = ledger.certificate_signed(attempt(ledger, mac_), "q", "PEM", "PUBLIC", "p");
    ASSERT_TRUE(ledger.queue_registration(*row, "{}"));
    EXPECT_FALSE(ledger.queued_registrations()->front().superseded);
    const AttemptId later = attempt(ledger, mac_);
    EXPECT_FALSE(ledger.queued_registrations()->front().superseded) << "nothing is written yet";
    ASSERT_TRUE(ledger.overwriting(later, {}));
    EXPECT_TRUE(ledger.queued_registrations()->front().superseded);
}

TEST_F(LedgerTest, all_things_that_a_board_has_been_are_its_own) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    for (const char* thing : {"lamp-1", "lamp-2"}) {
        const AttemptId id = attempt(ledger, mac_);
        ASSERT_TRUE(ledger.identified(id, mac_, "esp32", thing));
        const auto row = ledger.certificate_requested(id, "PEM", "p");
        ASSERT_TRUE(ledger.certificate_issued(*row, std::string("of ") + thing, {}));
    }
    EXPECT_EQ(*ledger.things_of_board("of lamp-1"), (std::set<std::string>{"lamp-1", "lamp-2"}));
    EXPECT_THAT(*ledger.things_of_board("nobody's"), IsEmpty());
}

// A process table of the test's own.
class Named final : public Processes {
  public:
    explicit Named(std::string self) : self_(std::move(self)) {}

    [[nodiscard]] std::string self() const override { return self_; }

    [[nodiscard]] Life life_of(std::string_view identity) const override {
        if (identity == self_ || identity == "h/b/n/2/alive") return Life::alive;
        return identity == "elsewhere/b/n/3/x" ? Life::unknown : Life::dead;
    }

  private:
    std::string self_;
};

class ProcessesTest : public LedgerTest {
  protected:
    [[nodiscard]] std::unique_ptr<Ledger> open_as(const Named& process) {
        auto ledger = open_ledger(path_, clock_, {.processes = &process});
        EXPECT_TRUE(ledger) << ledger.error().describe();
        return std::move(*ledger);
    }

    Named mine_{"h/b/n/1/me"};
    Named living_{"h/b/n/2/alive"};
    Named dead_{"h/b/n/9/dead"};
    Named elsewhere_{"elsewhere/b/n/3/x"};
};

TEST_F(ProcessesTest, a_board_is_one_living_attempts_alone) {
    for (const auto* other : {&mine_, &living_, &elsewhere_}) {
        const auto theirs_file = open_as(*other);
        Ledger& theirs = *theirs_file;
        const AttemptId first = attempt(theirs, mac_);
        ASSERT_TRUE(theirs.claim(first));
        const auto ledger_file = open_as(mine_);
        Ledger& ledger = *ledger_file;
        const AttemptId second = attempt(ledger, mac_);
        const auto refused = ledger.claim(second);
        ASSERT_FALSE(refused) << other->self();
        EXPECT_EQ(code_of(refused), "board_twice");
        EXPECT_EQ(refused.error().kind, ErrorKind::board);
        EXPECT_TRUE(ledger.claim(attempt(ledger, other_))) << "another board";
        ASSERT_TRUE(theirs.end_attempt(first, Outcome::failed, "x", "y"));
        EXPECT_TRUE(ledger.claim(second)) << "it has ended";
        ASSERT_TRUE(ledger.end_attempt(second, Outcome::failed, "x", "y"));
        std::filesystem::remove(path_);
        std::filesystem::remove(path_.string() + "-wal");
        std::filesystem::remove(path_.string() + "-shm");
    }
}

TEST_F(ProcessesTest, the_dead_hold_no_board_and_are_shown_as_killed) {
    {
        const auto theirs_file = open_as(dead_);
        Ledger& theirs = *theirs_file;
        ASSERT_TRUE(theirs.claim(attempt(theirs, mac_)));
    }
    const auto ledger_file = open_as(mine_);
    Ledger& ledger = *ledger_file;
    EXPECT_EQ(attempts(ledger)->front().outcome, Outcome::killed);
    const AttemptId id = attempt(ledger, mac_);
    EXPECT_TRUE(ledger.claim(id));
    EXPECT_EQ(attempts(ledger)->front().outcome, Outcome::running);
}

TEST_F(ProcessesTest, what_is_overwritten_is_owed_once_its_attempt_has_died_or_failed) {
    for (const bool dies : {true, false}) {
        const auto ledger_file = open_as(mine_);
        Ledger& ledger = *ledger_file;
        const AttemptId first = attempt(ledger, mac_);
        const auto row = ledger.certificate_requested(first, "PEM", "p");
        const std::string id = dies ? "of-dead" : "of-failed";
        ASSERT_TRUE(ledger.certificate_issued(*row, id, {}));
        ASSERT_TRUE(ledger.certificate_state(*row, CertificateState::proven));
        ASSERT_TRUE(ledger.end_attempt(first, Outcome::passed));
        const auto theirs_file = open_as(dead_);
        Ledger& theirs = *theirs_file;
        Ledger& at_work = dies ? theirs : ledger;
        const AttemptId second = attempt(at_work, mac_);
        ASSERT_TRUE(at_work.claim(second));
        ASSERT_TRUE(at_work.overwriting(second, {id, "strangers-" + id}));
        if (!dies) {
            EXPECT_THAT(*ledger.owed_deactivations(), IsEmpty()) << "it may still be proven";
            EXPECT_TRUE(ledger.certificates(mac_)->back().in_hand);
            ASSERT_TRUE(ledger.end_attempt(second, Outcome::failed, "x", "y"));
        }
        const auto owed = ledger.owed_deactivations();
        ASSERT_THAT(*owed, SizeIs(2));
        EXPECT_EQ(owed->at(0).id, id);
        EXPECT_EQ(owed->at(0).state, CertificateState::overwritten);
        EXPECT_TRUE(owed->at(1).adopted) << "one that this ledger had never heard of";
        EXPECT_EQ(owed->at(1).thing, mac_.id());
        for (const auto& one : *owed)
            ASSERT_TRUE(ledger.deactivated(one.row));
        EXPECT_THAT(*ledger.owed_deactivations(), IsEmpty());
        EXPECT_EQ(ledger.certificates(mac_)->back().state, CertificateState::overwritten)
            << "it is deleted only when another one is proven";
        EXPECT_THAT(*ledger.unfinished(mac_), IsEmpty()) << "so it is no leftover";
        ASSERT_TRUE(ledger.certificate_gone(id));
        ASSERT_TRUE(ledger.certificate_gone("strangers-" + id));
    }
}

TEST_F(LedgerTest, a_debt_is_kept_beside_a_ledger_that_cannot_be_written) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const AttemptId id = attempt(ledger, mac_);
    const auto row = ledger.certificate_requested(id, "PEM", "p");
    ASSERT_TRUE(ledger.certificate_issued(*row, "c", {}));
    ASSERT_TRUE(ledger.certificate_state(*row, CertificateState::active));
    const auto execute = [this](const char* sql) {
        auto database = sqlite::Database::open(path_, {.kind = ErrorKind::ledger});
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->exec(sql));
    };
    // As a disk does that is full.
    execute(
        "CREATE TRIGGER full BEFORE UPDATE ON certificates BEGIN SELECT RAISE(FAIL, 'full'); "
        "END");
    ASSERT_FALSE(ledger.certificate_state(*row, CertificateState::inactive));
    ASSERT_TRUE(ledger.owe_deactivation({*row, id}));
    EXPECT_FALSE(ledger.owed_deactivations()) << "there is a debt, and it cannot be told yet";
    EXPECT_FALSE(ledger.begin_run({.version = "1",
                                   .lot = "lot",
                                   .endpoint = "host",
                                   .firmware = "abc",
                                   .firmware_commit = ""}));
    execute("DROP TRIGGER full");
    const auto later_file = open();
    Ledger& later = *later_file;
    const auto owed = later.owed_deactivations();
    ASSERT_TRUE(owed) << owed.error().describe();
    ASSERT_THAT(*owed, SizeIs(1));
    EXPECT_EQ(owed->front().id, "c");
    EXPECT_EQ(attempts(later)->front().outcome, Outcome::failed) << "its end is known by that";
    ASSERT_TRUE(later.deactivated(owed->front().row));
    EXPECT_THAT(*later.owed_deactivations(), IsEmpty()) << "the room is free again";
}

TEST_F(LedgerTest, a_debt_of_another_ledger_of_the_same_name_is_not_taken_over) {
    {
        const auto ledger_file = open();
        Ledger& ledger = *ledger_file;
        const AttemptId id = attempt(ledger, mac_);
        const auto row = ledger.certificate_requested(id, "PEM", "p");
        const Spare spare(path_.string() + "-owed");
        ASSERT_TRUE(spare.write({*row, id, 1}));  // started at another time
        ASSERT_TRUE(ledger.certificate_issued(*row, "c", {}));
    }
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    EXPECT_THAT(*ledger.owed_deactivations(), IsEmpty());
}

TEST_F(LedgerTest, a_ledger_of_the_version_before_is_brought_up_with_what_it_owes) {
    {
        const sqlite::OpenOptions options{.kind = ErrorKind::ledger};
        auto database = sqlite::Database::open(path_, options);
        ASSERT_TRUE(database);
        const sqlite::Schema before{schema().application_id, schema().steps.first(3)};
        ASSERT_TRUE(database->migrate(before));
        ASSERT_TRUE(database->exec(
            "INSERT INTO runs (version, lot, endpoint, firmware, started) VALUES "
            "('0', 'lot-1', 'host', 'abcdef', 1);"
            "INSERT INTO attempts (run, mac, bay, chip, thing, started) VALUES "
            "(1, '246f28aabbcc', 'bay0', 'esp32', '246f28aabbcc', 1);"
            "INSERT INTO certificates (attempt, mac, thing, certificate_id, public_pem, policy, "
            "state, requested, changed, deactivation_owed) VALUES "
            "(1, '246f28aabbcc', '246f28aabbcc', 'c', '', 'p', 'active', 1, 1, 1);"));
    }
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    ASSERT_THAT(*ledger.owed_deactivations(), SizeIs(1));
    const auto record = attempts(ledger)->front();
    EXPECT_EQ(record.outcome, Outcome::killed) << "nobody knows of a process that works on it";
    EXPECT_EQ(record.firmware_commit, "abcdef");
    EXPECT_EQ(record.lot, "lot-1");
}

TEST_F(LedgerTest, what_was_written_survives_the_death_of_the_process) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto ledger_file = open();
        Ledger& ledger = *ledger_file;
        const AttemptId id = attempt(ledger, mac_);
        static_cast<void>(ledger.certificate_requested(id, "PEM", "p"));
        static_cast<void>(!::write(ends[1], "x", 1));
        ::pause();
        ::_exit(0);
    }
    char ready = 0;
    ASSERT_EQ(::read(ends[0], &ready, 1), 1);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    EXPECT_THAT(*ledger.unfinished(mac_), SizeIs(1));
    EXPECT_EQ(attempts(ledger)->front().outcome, Outcome::killed);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_F(LedgerTest, many_threads_and_a_second_process_write_side_by_side) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto beside_file = open();
    Ledger& beside = *beside_file;
    const auto work = [this](Ledger& target) {
        for (int i = 0; i < 20; ++i) {
            const AttemptId id = attempt(target, mac_);
            const auto effect = target.intend(doer(id), "kind", {"subject"});
            ASSERT_TRUE(effect) << effect.error().describe();
            EXPECT_TRUE(target.done(effect->front()));
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&, i] { work(i % 2 == 0 ? ledger : beside); });
    }
    EXPECT_THAT(*attempts(ledger), SizeIs(80));
}

TEST_F(LedgerTest, a_file_that_is_no_ledger_is_refused_and_left_alone) {
    ASSERT_TRUE(write_file(path_, "this is not a database, only a text of some length....."));
    const auto ledger = open_ledger(path_, clock_);
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().kind, ErrorKind::ledger);
    EXPECT_NE(ledger.error().describe().find(path_.string()), std::string::npos);
    EXPECT_EQ(*read_text(path_), "this is not a database, only a text of some length.....");
}

TEST_F(LedgerTest, a_folder_that_is_not_there_is_an_error_of_the_ledger) {
    const auto ledger = open_ledger(folder_.path() / "no" / "l.sqlite", clock_);
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().kind, ErrorKind::ledger);
}

TEST_F(LedgerTest, a_disk_with_little_room_is_told_before_the_first_board) {
    const auto place = folder_.path() / "new.sqlite";
    EXPECT_TRUE(check_ledger(place, {.room = 1}));
    const auto full = check_ledger(place, {.room = std::numeric_limits<std::uintmax_t>::max()});
    ASSERT_FALSE(full);
    EXPECT_EQ(code_of(full), "database_full");
    EXPECT_NE(full.error().message.find(place.string()), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(place));
}

TEST_F(LedgerTest, a_retirement_is_there_before_it_is_done_and_after) {
    {
        const auto ledger_file = open();
        Ledger& ledger = *ledger_file;
        const auto id = ledger.begin_retirement("thing-1", "lost");
        ASSERT_TRUE(id);
        ASSERT_TRUE(ledger.begin_retirement("thing-2", "scrapped"));
        ASSERT_TRUE(ledger.end_retirement(*id, "cert-1 cert-2"));
    }
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const auto one = ledger.retirements("thing-1");
    ASSERT_TRUE(one);
    ASSERT_THAT(*one, SizeIs(1));
    EXPECT_EQ(one->front().reason, "lost");
    EXPECT_TRUE(one->front().done.has_value());
    EXPECT_EQ(one->front().result, "cert-1 cert-2");
    const auto all = ledger.retirements();
    ASSERT_THAT(*all, SizeIs(2));
    EXPECT_EQ(all->front().thing, "thing-2") << "newest first";
    EXPECT_FALSE(all->front().done.has_value()) << "begun, and not finished";
}

TEST_F(LedgerTest, certificates_are_found_by_their_thing_and_gone_by_their_id_alone) {
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    for (const auto& [mac, id] : {std::pair{mac_, "cert-1"}, std::pair{other_, "cert-2"}}) {
        const auto row = ledger.certificate_requested(attempt(ledger, mac), "PEM", "policy");
        ASSERT_TRUE(ledger.certificate_issued(*row, id, {}));
    }
    ASSERT_TRUE(ledger.certificate_gone("cert-1"));
    const auto first = ledger.certificates_of_thing(mac_.id());
    ASSERT_THAT(*first, SizeIs(1));
    EXPECT_EQ(first->front().state, CertificateState::gone);
    EXPECT_EQ(ledger.certificates_of_thing(other_.id())->front().state, CertificateState::inactive);
    EXPECT_THAT(*ledger.certificates_of_thing("nobody"), IsEmpty());
}

TEST_F(LedgerTest, all_certificates_are_visited_once_however_many_there_are) {
    constexpr int many = 2500;
    const auto ledger_file = open();
    Ledger& ledger = *ledger_file;
    const AttemptId id = attempt(ledger, mac_);
    for (int i = 0; i < many; ++i)
        ASSERT_TRUE(ledger.certificate_requested(id, std::to_string(i), "policy"));
    int visited = 0;
    ASSERT_TRUE(ledger.each_certificate([&](const CertificateRecord& record) {
        EXPECT_EQ(record.public_pem, std::to_string(visited));
        ++visited;
        return true;
    }));
    EXPECT_EQ(visited, many);
    visited = 0;
    ASSERT_TRUE(ledger.each_certificate([&](const CertificateRecord&) { return ++visited < 7; }));
    EXPECT_EQ(visited, 7) << "until it is stopped";
}

}  // namespace
}  // namespace imprint::ledger
