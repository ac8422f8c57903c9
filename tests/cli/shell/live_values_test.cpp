#include "cli/shell/live_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "base/files.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::cli::shell {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

// A station's folder with a ledger that has a lot, and a board of another one.
class LiveValuesTest : public testing::Test {
  protected:
    void SetUp() override {
        sources_.file = folder_.path() / "imprint.toml";
        ASSERT_TRUE(write_file(
            sources_.file,
            "[station]\nports = [\"bays/bay7\", \"/dev/ttyS9\"]\n"
            "bays = { left = \"usb-1-1\", far = \"/dev/ttyS9\", line = \"rfc2217://rack:4001\" }\n"
            "[ledger]\npath = \"l.sqlite\"\n"));
    }

    void fill() {
        ledger_ = *ledger::open_ledger(folder_.path() / "l.sqlite", clock_);
        ledger::LotFacts lot;
        lot.name = "order-17";
        lot.target = 500;
        ASSERT_TRUE(ledger_->open_lot(lot));
        ledger::RunFacts facts;
        facts.command = "prepare";
        facts.lot = "by-hand";
        const auto run = *ledger_->begin_run(facts);
        const auto attempt = *ledger_->begin_attempt(run, "left");
        ASSERT_TRUE(ledger_->identified(attempt, *parse_mac("246f28a1b2c3"), "esp32", "lamp-7"));
        ASSERT_TRUE(ledger_->end_attempt(attempt, ledger::Outcome::failed, "x", "y"));
        ASSERT_TRUE(ledger_->end_run(run, 0, 1));
    }

    std::vector<Candidate> ask(ValueKind kind, const std::string& typed = {}) {
        const auto find = [] {
            std::vector<transport::FoundPort> ports(2);
            ports[0].path = "/dev/ttyUSB0";
            ports[0].usb_path = "usb-1-1";
            ports[0].description = "CP2102N";
            ports[1].path = "/dev/ttyUSB1";
            ports[1].usb_path = "usb-1-2";
            ports[1].description = "CH343";
            return ports;
        };
        return live_values(clock_, find)(kind, typed, sources_);
    }

    std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
            names.insert(file.path().filename().string());
        return names;
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    SystemClock clock_;
    config::Sources sources_;
    std::unique_ptr<ledger::Ledger> ledger_;
};

TEST_F(LiveValuesTest, ports_are_those_found_and_those_configured) {
    EXPECT_THAT(
        ask(ValueKind::port),
        ElementsAre(Candidate{"/dev/ttyUSB0", "bay left, CP2102N"},
                    Candidate{"/dev/ttyUSB1", "CH343"}, Candidate{"bays/bay7", "of station.ports"},
                    Candidate{"/dev/ttyS9", "bay far, of station.ports"},
                    Candidate{"rfc2217://rack:4001", "bay line"}));
}

TEST_F(LiveValuesTest, ports_are_found_where_the_configuration_is_wrong) {
    ASSERT_TRUE(write_file(sources_.file, "[station"));
    EXPECT_THAT(ask(ValueKind::port), ElementsAre(Candidate{"/dev/ttyUSB0", "CP2102N"},
                                                  Candidate{"/dev/ttyUSB1", "CH343"}));
}

TEST_F(LiveValuesTest, lots_boards_things_and_runs_are_the_ledgers) {
    fill();
    EXPECT_THAT(ask(ValueKind::lot), ElementsAre(Candidate{"order-17", "open, 500 boards"},
                                                 Candidate{"by-hand", "has boards"}));
    EXPECT_THAT(ask(ValueKind::board),
                ElementsAre(Candidate{"246f28a1b2c3", "failed, lot by-hand, lamp-7"}));
    EXPECT_THAT(ask(ValueKind::board, "246f"), Contains(Field(&Candidate::word, "246f28a1b2c3")));
    EXPECT_THAT(ask(ValueKind::thing, "lamp"),
                ElementsAre(Candidate{"lamp-7", "failed, lot by-hand, 246f28a1b2c3"}));
    EXPECT_THAT(ask(ValueKind::board, "30ae"), IsEmpty());
    EXPECT_THAT(ask(ValueKind::run), ElementsAre(Field(&Candidate::word, "1")));
}

TEST_F(LiveValuesTest, a_ledger_that_is_not_there_is_not_made) {
    const auto before = files();
    EXPECT_THAT(ask(ValueKind::lot), IsEmpty());
    EXPECT_THAT(ask(ValueKind::board), IsEmpty());
    EXPECT_EQ(files(), before);
}

TEST_F(LiveValuesTest, nothing_is_made_beside_a_ledger_that_nobody_uses) {
    fill();
    ledger_.reset();
    const auto before = files();
    ASSERT_FALSE(before.contains("l.sqlite-shm"));
    EXPECT_THAT(ask(ValueKind::lot), Contains(Field(&Candidate::word, "order-17")));
    EXPECT_EQ(files(), before);
}

TEST_F(LiveValuesTest, a_damaged_ledger_gives_nothing) {
    ASSERT_TRUE(write_file(folder_.path() / "l.sqlite", "this is no ledger"));
    EXPECT_THAT(ask(ValueKind::lot), IsEmpty());
}

TEST_F(LiveValuesTest, chips_are_those_that_the_loader_knows) {
    EXPECT_THAT(ask(ValueKind::chip), Contains(Field(&Candidate::word, "esp32s3")));
}

}  // namespace
}  // namespace imprint::cli::shell
