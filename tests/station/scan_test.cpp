// What a scanned or typed text means at a bench.
#include "station/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "ledger/memory_clock.h"
#include "ledger/memory_ledger.h"
#include "station/keyboard_layouts.h"

namespace imprint::station {
namespace {

using What = BenchKey::What;

class ScanTest : public ::testing::Test {
  protected:
    ScanTest() {
        open("order-17", "A7-2026:X", "TH-{scan}");
        open("order-18", "", "");
        open("order-16", "", "");
        EXPECT_TRUE(ledger_.set_lot_state("order-16", ledger::LotState::closed));
        ledger::RunFacts facts;
        facts.lot = "order-17";
        const auto run = ledger_.begin_run(facts);
        const auto attempt = ledger_.begin_attempt(*run, "bay1");
        EXPECT_TRUE(ledger_.identified(*attempt, board_, "esp32", board_.id()));
        EXPECT_TRUE(ledger_.enter_lot(*attempt, "TH-1"));
        EXPECT_TRUE(ledger_.end_attempt(*attempt, ledger::Outcome::passed));
    }

    void open(const std::string& name, const std::string& code, const std::string& serial) {
        ledger::LotFacts lot{.name = name, .code = code};
        lot.serial_template = serial;
        EXPECT_TRUE(ledger_.open_lot(lot));
    }

    Result<Scan> scan(std::string_view text) { return read_scan(text, place_, ledger_); }

    template <typename T>
    T scan_as(std::string_view text) {
        const auto got = scan(text);
        if (!got) {
            ADD_FAILURE() << text << ": " << got.error().describe();
            return {};
        }
        const T* one = std::get_if<T>(&*got);
        if (one == nullptr) ADD_FAILURE() << text << " is something else";
        return one == nullptr ? T{} : *one;
    }

    ledger::testing::OneProcess process_;
    ledger::testing::LedgerClock clock_;
    ledger::testing::MemoryLedger ledger_{clock_, process_};
    MacAddress board_ = *parse_mac("7cdfa1003f18");
    ScanPlace place_{
        .bays = {"1", "2", "north 4"}, .lot = "order-17", .serial_template = "TH-{scan}"};
};

TEST_F(ScanTest, a_bay_or_a_command) {
    EXPECT_EQ(scan_as<BenchKey>("2").bay, "2");
    EXPECT_EQ(scan_as<BenchKey>(" north 4\n").bay, "north 4");
    const auto again = scan_as<BenchKey>("again north 4");
    EXPECT_EQ(again.bay, "north 4");
    EXPECT_EQ(again.what, What::again);
    EXPECT_EQ(scan_as<BenchKey>("off 1").what, What::off);
    EXPECT_EQ(scan_as<BenchKey>("stop").bay, "");
    place_.serial_template.clear();
    EXPECT_EQ(code_of(scan("off 7")), "scan_unknown") << "there is no such bay";
}

TEST_F(ScanTest, a_lot_by_its_code_or_its_name) {
    EXPECT_EQ(scan_as<LotScan>("A7-2026:X").lot, "order-17");
    EXPECT_EQ(scan_as<LotScan>("order-18").lot, "order-18");
    EXPECT_EQ(scan_as<LotScan>("lot order-18").lot, "order-18");
    EXPECT_EQ(scan_as<LotScan>("lot none").lot, "");
    EXPECT_EQ(code_of(scan("order-16")), "lot_closed");
}

TEST_F(ScanTest, a_label_where_boards_have_their_numbers_on_labels) {
    EXPECT_EQ(scan_as<SerialScan>("TH-2").serial, "TH-2");
    EXPECT_EQ(scan_as<BoardScan>("TH-1").mac, board_) << "a board has passed with it";
    EXPECT_EQ(code_of(scan("TX-2")), "serial_bad") << "another form";
    place_.serial_template = "T-{number}";
    EXPECT_EQ(code_of(scan("TH-2")), "scan_unknown");
}

TEST_F(ScanTest, a_board_of_the_ledger_by_what_its_label_has) {
    place_ = {};
    for (const char* text : {"7cdfa1003f18", "7C:DF:A1:00:3F:18", "TH-1",
                             "https://example.com/d?mac=7cdfa1003f18&lot=7"})
        EXPECT_EQ(scan_as<BoardScan>(text).mac, board_) << text;
    EXPECT_EQ(code_of(scan("7cdfa1003f19")), "scan_unknown") << "never seen here";
    EXPECT_EQ(code_of(scan("07cdfa1003f18")), "scan_unknown") << "a longer number has it in it";
}

TEST_F(ScanTest, a_code_in_another_keyboards_layout_is_told) {
    for (const char* typed : {"A7ß2026ÖX", "Qè)éàé-MX", "a7-2026:x"}) {
        const auto got = scan(typed);
        EXPECT_EQ(code_of(got), "scan_layout") << typed;
        if (got) continue;
        EXPECT_THAT(got.error().describe(), ::testing::HasSubstr("A7-2026:X"));
    }
    EXPECT_EQ(code_of(scan("nonsense")), "serial_bad");
    place_ = {};
    EXPECT_EQ(code_of(scan("nonsense")), "scan_unknown");
    EXPECT_EQ(code_of(scan("\xFF\xFE")), "scan_unknown");
    EXPECT_EQ(code_of(scan(std::string(100'000, 'y'))), "scan_unknown");
}

TEST(KeyboardLayoutTest, what_is_the_same_on_all_keyboards_is_no_other_code) {
    EXPECT_THAT(as_typed_on_others("0123456789"), ::testing::SizeIs(1))
        << "French digits need shift";
    EXPECT_THAT(as_typed_on_others(""), ::testing::IsEmpty());
}

}  // namespace
}  // namespace imprint::station
