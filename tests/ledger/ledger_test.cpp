#include "ledger/ledger.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/files.h"

namespace imprint::ledger {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class LedgerTest : public testing::Test {
  protected:
    LedgerTest() : folder_(*TemporaryDirectory::create()), path_(folder_.path() / "l.sqlite") {}

    [[nodiscard]] Ledger open() {
        auto ledger = Ledger::open(path_, clock_);
        EXPECT_TRUE(ledger) << ledger.error().describe();
        return std::move(*ledger);
    }

    [[nodiscard]] static AttemptId attempt(Ledger& ledger, const MacAddress& mac) {
        const RunId run = *ledger.begin_run({"1", "lot-7", "host", "abc"});
        return *ledger.begin_attempt(run, mac, "bay0", "esp32", mac.id());
    }

    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    const MacAddress other_ = *parse_mac("246f28aabbcd");
    SystemClock clock_;
    TemporaryDirectory folder_;
    std::filesystem::path path_;
};

TEST_F(LedgerTest, only_its_owner_may_read_it) {
    const Ledger ledger = open();
    struct stat info{};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(LedgerTest, an_attempt_is_found_again_with_its_run_and_certificate) {
    {
        Ledger ledger = open();
        const AttemptId id = attempt(ledger, mac_);
        const auto row = ledger.certificate_requested(id, "PEM", "policy");
        ASSERT_TRUE(ledger.certificate_issued(*row, "cert-1"));
        ASSERT_TRUE(ledger.end_attempt(id, Outcome::failed, "wrong_chip", "the message"));
    }
    Ledger ledger = open();
    const auto attempts = ledger.attempts(mac_);
    ASSERT_TRUE(attempts);
    ASSERT_THAT(*attempts, SizeIs(1));
    const AttemptRecord& record = attempts->front();
    EXPECT_EQ(record.mac, mac_);
    EXPECT_EQ(record.lot, "lot-7");
    EXPECT_EQ(record.firmware, "abc");
    EXPECT_EQ(record.certificate_id, "cert-1");
    EXPECT_EQ(record.outcome, Outcome::failed);
    EXPECT_EQ(record.error_code, "wrong_chip");
    EXPECT_EQ(record.error_message, "the message");
    EXPECT_TRUE(record.ended);
    EXPECT_THAT(*ledger.attempts(other_), IsEmpty());
    EXPECT_THAT(*ledger.attempts(), SizeIs(1));
}

TEST_F(LedgerTest, an_effect_without_an_end_shows_what_was_intended) {
    Ledger ledger = open();
    const AttemptId id = attempt(ledger, mac_);
    const auto first = ledger.intend(id, "create_thing", "t");
    ASSERT_TRUE(ledger.done(*first, "made"));
    ASSERT_TRUE(ledger.intend(id, "activate", "c"));
    const auto effects = ledger.effects(id);
    ASSERT_THAT(*effects, SizeIs(2));
    EXPECT_EQ(effects->at(0).kind, "create_thing");
    EXPECT_TRUE(effects->at(0).done);
    EXPECT_EQ(effects->at(0).result, "made");
    EXPECT_EQ(effects->at(1).subject, "c");
    EXPECT_FALSE(effects->at(1).done);
}

TEST_F(LedgerTest, unfinished_certificates_are_those_neither_proven_nor_gone) {
    Ledger ledger = open();
    const auto state_of = [&](const MacAddress& mac, const char* id,
                              std::optional<CertificateState> state) {
        const auto row = ledger.certificate_requested(attempt(ledger, mac), "PEM", "p");
        EXPECT_TRUE(id == nullptr || ledger.certificate_issued(*row, id));
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
    Ledger ledger = open();
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
    EXPECT_EQ(foreign.error().code, "minted_in_use");
    EXPECT_EQ(foreign.error().kind, ErrorKind::board);
    EXPECT_THAT(*ledger.certificates(other_), IsEmpty());
}

TEST_F(LedgerTest, an_owed_deactivation_stays_until_it_is_settled) {
    Ledger ledger = open();
    const auto row = ledger.certificate_requested(attempt(ledger, mac_), "PEM", "p");
    ASSERT_TRUE(ledger.certificate_issued(*row, "c"));
    ASSERT_TRUE(ledger.owe_deactivation(*row, true));
    ASSERT_THAT(*ledger.owed_deactivations(), SizeIs(1));
    EXPECT_EQ(ledger.owed_deactivations()->front().id, "c");
    ASSERT_TRUE(ledger.owe_deactivation(*row, false));
    EXPECT_THAT(*ledger.owed_deactivations(), IsEmpty());
}

TEST_F(LedgerTest, what_was_written_survives_the_death_of_the_process) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        Ledger ledger = open();
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
    Ledger ledger = open();
    EXPECT_THAT(*ledger.unfinished(mac_), SizeIs(1));
    EXPECT_EQ(ledger.attempts()->front().outcome, Outcome::running);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_F(LedgerTest, many_threads_and_a_second_process_write_side_by_side) {
    Ledger ledger = open();
    Ledger beside = open();
    const auto work = [this](Ledger& target) {
        for (int i = 0; i < 20; ++i) {
            const AttemptId id = attempt(target, mac_);
            const auto effect = target.intend(id, "kind", "subject");
            EXPECT_TRUE(effect) << effect.error().describe();
            EXPECT_TRUE(target.done(*effect));
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&, i] { work(i % 2 == 0 ? ledger : beside); });
    }
    EXPECT_THAT(*ledger.attempts(), SizeIs(80));
}

TEST_F(LedgerTest, a_file_that_is_no_ledger_is_refused_and_left_alone) {
    ASSERT_TRUE(write_file(path_, "this is not a database, only a text of some length....."));
    const auto ledger = Ledger::open(path_, clock_);
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().kind, ErrorKind::ledger);
    EXPECT_NE(ledger.error().describe().find(path_.string()), std::string::npos);
    EXPECT_EQ(*read_text(path_), "this is not a database, only a text of some length.....");
}

TEST_F(LedgerTest, a_folder_that_is_not_there_is_an_error_of_the_ledger) {
    const auto ledger = Ledger::open(folder_.path() / "no" / "l.sqlite", clock_);
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().kind, ErrorKind::ledger);
}

TEST_F(LedgerTest, a_retirement_is_there_before_it_is_done_and_after) {
    {
        Ledger ledger = open();
        const auto id = ledger.begin_retirement("thing-1", "lost");
        ASSERT_TRUE(id);
        ASSERT_TRUE(ledger.begin_retirement("thing-2", "scrapped"));
        ASSERT_TRUE(ledger.end_retirement(*id, "cert-1 cert-2"));
    }
    Ledger ledger = open();
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
    Ledger ledger = open();
    for (const auto& [mac, id] : {std::pair{mac_, "cert-1"}, std::pair{other_, "cert-2"}}) {
        const auto row = ledger.certificate_requested(attempt(ledger, mac), "PEM", "policy");
        ASSERT_TRUE(ledger.certificate_issued(*row, id));
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
    Ledger ledger = open();
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
