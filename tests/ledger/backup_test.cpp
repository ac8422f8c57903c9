// A copy of a ledger that is in use, and what it is worth when it is put in place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error_code.h"
#include "base/files.h"
#include "ledger/memory_clock.h"
#include "ledger/sqlite_backup.h"

namespace imprint::ledger {
namespace {

class BackupTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto opened = open_ledger(path_, clock_);
        ASSERT_TRUE(opened);
        ledger_ = *std::move(opened);
        run_ = *ledger_->begin_run({});
    }

    AttemptId attempt(int number) {
        MacAddress mac{{0x24, 0x6F, 0x28, 0, 0, 0}};
        mac.octets[5] = static_cast<std::uint8_t>(number);
        const AttemptId id = *ledger_->begin_attempt(run_, "bay0");
        EXPECT_TRUE(ledger_->identified(id, mac, "esp32", mac.id()));
        return id;
    }

    std::size_t attempts_in(const std::filesystem::path& file) {
        const auto reports = open_reports(file, clock_);
        EXPECT_TRUE(reports) << reports.error().describe();
        return reports ? attempts(**reports)->size() : 0;
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    std::filesystem::path path_ = folder_.path() / "ledger.sqlite";
    std::filesystem::path copy_ = folder_.path() / "copy.sqlite";
    testing::LedgerClock clock_;
    std::unique_ptr<Ledger> ledger_;
    RunId run_ = 0;
};

TEST_F(BackupTest, is_the_ledger_as_it_was_while_others_go_on_writing) {
    attempt(1);
    const auto done = backup_ledger(path_, copy_);
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(done->attempts, 1);
    attempt(2);
    EXPECT_EQ(attempts_in(copy_), 1U);
    EXPECT_EQ(attempts_in(path_), 2U);
    struct stat facts{};
    ASSERT_EQ(::stat(copy_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    // Once more, in its place.
    ASSERT_TRUE(backup_ledger(path_, copy_));
    EXPECT_EQ(attempts_in(copy_), 2U);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "copy.sqlite.part"));
}

TEST_F(BackupTest, put_in_place_a_station_goes_on_with_it_and_owes_what_it_owed) {
    const AttemptId id = attempt(1);
    const auto row = ledger_->certificate_requested(id, "key", "p");
    ASSERT_TRUE(ledger_->certificate_issued(*row, std::string(64, 'a'), "pem"));
    ASSERT_TRUE(ledger_->certificate_state(*row, CertificateState::active));
    ASSERT_TRUE(ledger_->owe_deactivation({*row, id}));
    ASSERT_TRUE(backup_ledger(path_, copy_));
    ledger_.reset();
    for (const char* ending : {"", "-wal", "-shm", "-owed"})
        std::filesystem::remove(path_.string() + ending);
    std::filesystem::copy_file(copy_, path_);
    std::filesystem::copy_file(copy_.string() + "-owed", path_.string() + "-owed");
    testing::OneProcess later;
    later.current = "another";
    const auto again = open_ledger(path_, clock_, {.processes = &later});
    ASSERT_TRUE(again) << again.error().describe();
    ASSERT_TRUE((*again)->begin_run({}));
    EXPECT_EQ((*again)->owed_deactivations()->size(), 1U);
}

TEST_F(BackupTest, one_that_cannot_be_is_told_and_leaves_nothing) {
    EXPECT_EQ(code_of(backup_ledger(folder_.path() / "none", copy_)), "ledger_missing");
    EXPECT_EQ(code_of(backup_ledger(path_, path_)), "ledger_same");
    EXPECT_FALSE(backup_ledger(path_, folder_.path() / "no" / "such" / "folder"));
    EXPECT_FALSE(std::filesystem::exists(copy_));
    ledger_.reset();
    // Damaged in the middle: the former copy stays.
    ASSERT_TRUE(backup_ledger(path_, copy_));
    auto content = *read_text(path_);
    for (std::size_t at = 5000; at < content.size(); at += 3)
        content[at] = static_cast<char>(content[at] ^ 0x5A);
    ASSERT_TRUE(write_file(path_, std::string_view(content)));
    EXPECT_FALSE(backup_ledger(path_, copy_));
    EXPECT_EQ(attempts_in(copy_), 0U);
}

}  // namespace
}  // namespace imprint::ledger
