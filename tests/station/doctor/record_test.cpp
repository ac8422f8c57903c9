// What the doctor says of the ledger.
#include <fstream>

#include "ledger/schema.h"
#include "ledger/sqlite_ledger.h"
#include "ledger/sqlite_state.h"
#include "station/doctor/played_machine.h"
#include "station/doctor/run_checks.h"

namespace imprint::station::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class DoctorLedger : public PlayedMachine {
  protected:
    DoctorLedger() { settings_.ledger.path = folder_.path() / "ledger.sqlite"; }

    void make_ledger() {
        const auto ledger = ledger::open_ledger(settings_.ledger.path, clock_);
        ASSERT_TRUE(ledger) << ledger.error().describe();
        ledger::RunFacts facts;
        facts.version = "1";
        ASSERT_TRUE((*ledger)->begin_run(facts));
    }

    [[nodiscard]] std::vector<Check> look() {
        newest_ = check_ledger_file(settings_, machine_, clock_, {}, checks_);
        auto all = checks_.take();
        checks_ = {};
        return all;
    }

    SystemClock clock_;
    prepare::Settings settings_;
    std::optional<WallTime> newest_;
};

TEST_F(DoctorLedger, one_that_the_first_run_will_make_is_well_and_is_not_made) {
    const auto checks = look();
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_EQ(checks[0].health, Health::ok);
    EXPECT_FALSE(std::filesystem::exists(settings_.ledger.path));
    EXPECT_FALSE(newest_);
}

TEST_F(DoctorLedger, a_sound_one_has_its_version_and_newest_run) {
    make_ledger();
    const auto checks = look();
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_EQ(checks[0].health, Health::ok);
    EXPECT_EQ(checks[0].facts.at("version"), std::to_string(ledger::schema().steps.size()));
    EXPECT_EQ(checks[0].facts.at("looked_through"), "yes");
    EXPECT_TRUE(newest_);
}

TEST_F(DoctorLedger, nothing_is_left_beside_it) {
    make_ledger();
    ASSERT_TRUE(ledger::lies_alone(settings_.ledger.path));
    EXPECT_EQ(look().front().health, Health::ok);
    EXPECT_TRUE(newest_);
    EXPECT_TRUE(ledger::lies_alone(settings_.ledger.path));
}

TEST_F(DoctorLedger, a_damaged_page_is_found) {
    make_ledger();
    const auto size = std::filesystem::file_size(settings_.ledger.path);
    {
        std::fstream file(settings_.ledger.path, std::ios::in | std::ios::out | std::ios::binary);
        // The last pages are indexes: nothing else would look at them.
        file.seekp(static_cast<std::streamoff>(size - 8192));
        file << std::string(4096, '\x5a');
    }
    const auto checks = look();
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_EQ(checks[0].health, Health::failure);
    EXPECT_EQ(checks[0].kind, ErrorKind::ledger);
    EXPECT_THAT(checks[0].found, HasSubstr("damaged"));
    EXPECT_FALSE(checks[0].hint.empty());
}

TEST_F(DoctorLedger, what_is_no_ledger_is_a_failure) {
    put("ledger.sqlite", "not a database, but a text that is long enough to be looked at");
    const auto checks = look();
    ASSERT_THAT(checks, SizeIs(1));
    EXPECT_EQ(checks[0].health, Health::failure);
    EXPECT_EQ(checks[0].kind, ErrorKind::ledger);
}

TEST_F(DoctorLedger, another_program_that_has_it_open_is_told_and_a_station_is_not) {
    make_ledger();
    put("proc/815/comm", "imprint\n");
    put_link(settings_.ledger.path, "proc/815/fd/4");
    EXPECT_THAT(look(), SizeIs(1));
    put("proc/816/comm", "sqlite3\n");
    put_link(settings_.ledger.path, "proc/816/fd/3");
    const auto checks = look();
    ASSERT_THAT(checks, SizeIs(2));
    EXPECT_EQ(checks[1].health, Health::warning);
    EXPECT_THAT(checks[1].found, HasSubstr("sqlite3 (process 816)"));
}

}  // namespace
}  // namespace imprint::station::doctor
