// Serial numbers: bound to a board when it is identified, used up by its pass and by nothing else.
#include <gmock/gmock.h>

#include "base/error_code.h"
#include "image/spiffs.h"
#include "prepare/bench_world.h"
#include "registry/every_fault.h"

namespace imprint::prepare {
namespace {

using registry::testing::cell_of;
using registry::testing::disturb;
using registry::testing::every_fault;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class SerialsTest : public testing::BenchWorld {
  protected:
    SerialsTest() {
        facts_.name = lot_;
        facts_.serial_template = "S{number:3}";
        settings_.identity.attributes = {{"serial", "{serial}"}, {"board", "{mac}"}};
        settings_.identity.thing_type = "sensor";
    }

    void open() { ASSERT_TRUE(ledger_.open_lot(facts_)); }

    void fail_at_the_console() {
        settings_.verify.console = "never";
        settings_.verify.timeout = std::chrono::seconds(1);
        ASSERT_FALSE(prepare());
        settings_.verify.console = "";
    }

    [[nodiscard]] std::string device_json_in_flash() const {
        image::spiffs::Geometry geometry;
        geometry.image_size = sample_->firmware->credentials.size;
        const auto contents = image::spiffs::read(credentials_in_flash(), geometry);
        if (contents)
            for (const auto& file : contents->files)
                if (file.path == "/device.json") return std::string(as_text(file.content));
        return {};
    }

    [[nodiscard]] std::optional<ledger::SerialRecord> known(const char* serial) {
        return ledger_.find_serial(serial).value();
    }

    ledger::LotFacts facts_;
};

TEST_F(SerialsTest, it_goes_to_the_board_its_thing_the_events_and_the_record) {
    open();
    const auto passed = prepare();
    ASSERT_TRUE(passed) << passed.error().describe();
    EXPECT_EQ(passed->serial, "S001");
    EXPECT_THAT(device_json_in_flash(), HasSubstr("\"serial\": \"S001\""));
    EXPECT_EQ(registry_.things.at(thing()).attributes.at("serial"), "S001");
    EXPECT_EQ(last_attempt().serial, "S001");
    EXPECT_EQ(events::as<events::BoardPassed>(told_.back())->serial, "S001");
    const auto identified = std::ranges::find_if(told_, [](const auto& event) {
        return events::as<events::BoardIdentified>(event) != nullptr;
    });
    EXPECT_EQ(events::as<events::BoardIdentified>(*identified)->serial, "S001");
    again_ = false;
    EXPECT_EQ(prepare()->serial, "S001") << "one that is left as it was, too";
}

TEST_F(SerialsTest, without_one_nothing_tells_of_it) {
    ASSERT_TRUE(prepare());
    EXPECT_THAT(device_json_in_flash(), Not(HasSubstr("serial")));
    EXPECT_FALSE(registry_.things.at(thing()).attributes.contains("serial"));
    EXPECT_FALSE(events::as<events::BoardPassed>(told_.back())->serial);
}

TEST_F(SerialsTest, a_failed_board_keeps_its_own) {
    open();
    fail_at_the_console();
    EXPECT_EQ(known("S001")->state, ledger::SerialState::reserved);
    EXPECT_EQ(last_attempt().serial, "S001");
    ASSERT_TRUE(prepare());
    EXPECT_EQ(known("S001")->state, ledger::SerialState::used);
    EXPECT_FALSE(known("S002"));
}

TEST_F(SerialsTest, or_gives_it_back_if_the_lot_says_so) {
    facts_.failed_serial = ledger::FailedSerial::free;
    open();
    fail_at_the_console();
    EXPECT_FALSE(known("S001"));
    ++simulated_.mac.octets[5];
    plug();
    EXPECT_EQ(prepare()->serial, "S001");
}

TEST_F(SerialsTest, what_the_station_did_wrong_takes_no_number_from_a_board) {
    facts_.failed_serial = ledger::FailedSerial::free;
    open();
    registry_.strike = [](const std::string& call) {
        return call == "activate" ? registry::testing::Strike::refused
                                  : registry::testing::Strike::none;
    };
    ASSERT_FALSE(prepare());
    EXPECT_EQ(last_attempt().fault, ledger::Fault::station);
    EXPECT_EQ(known("S001")->mac, mac_);
}

// The certificate that the board carries under that number may be in force still.
TEST_F(SerialsTest, a_board_that_may_still_be_heard_of_gives_nothing_back) {
    facts_.failed_serial = ledger::FailedSerial::free;
    open();
    settings_.verify.console = "never";
    settings_.verify.timeout = std::chrono::seconds(1);
    registry_.strike = [](const std::string& call) {
        return call == "deactivate" || call == "make_inactive" ? registry::testing::Strike::refused
                                                               : registry::testing::Strike::none;
    };
    ASSERT_FALSE(prepare());
    EXPECT_EQ(told_fate(), events::CertificateFate::unknown);
    EXPECT_EQ(known("S001")->mac, mac_);
}

TEST_F(SerialsTest, a_refused_board_takes_none) {
    open();
    facts_.name = "lot-8";
    ASSERT_TRUE(prepare());
    ASSERT_TRUE(ledger_.open_lot(facts_));
    lot_ = "lot-8";
    again_ = false;
    EXPECT_EQ(code_of(prepare()), "other_lot");
    EXPECT_THAT(ledger_.serials(mac_).value(), SizeIs(1));
    facts_.limits.chip = "esp32s3";
    ASSERT_TRUE(ledger_.change_lot(facts_));
    ++simulated_.mac.octets[5];
    plug();
    EXPECT_EQ(code_of(prepare()), "lot_limits");
    EXPECT_THAT(ledger_.serials(simulated_.mac).value(), IsEmpty());
}

TEST_F(SerialsTest, a_scanned_label_is_the_boards_number) {
    open();
    label_ = "LABEL-7";
    EXPECT_EQ(prepare()->serial, "LABEL-7");
    ++simulated_.mac.octets[5];
    plug();
    EXPECT_EQ(code_of(prepare()), "serial_taken");
    label_ = "=1+1";
    EXPECT_EQ(code_of(prepare()), "serial_bad") << "a spreadsheet would compute it";
    label_ = "bad\nlabel";
    EXPECT_EQ(code_of(prepare()), "serial_bad");
    label_ = "a label with blanks";
    EXPECT_EQ(code_of(prepare()), "serial_bad") << "it is to be an attribute in AWS IoT";
    EXPECT_THAT(registry_.things, SizeIs(1));
    settings_.identity.attributes = {};
    EXPECT_TRUE(prepare());
}

TEST_F(SerialsTest, a_label_needs_no_lot) {
    lot_ = "";
    label_ = "LABEL-7";
    EXPECT_EQ(prepare()->serial, "LABEL-7");
}

TEST_F(SerialsTest, a_rotation_keeps_the_boards_number) {
    open();
    ASSERT_TRUE(prepare());
    identity_only_ = true;
    lot_ = "";
    ASSERT_TRUE(prepare());
    EXPECT_THAT(device_json_in_flash(), HasSubstr("\"serial\": \"S001\""));
    EXPECT_EQ(registry_.things.at(thing()).attributes.at("serial"), "S001");
}

TEST_F(SerialsTest, a_board_that_is_mended_later_keeps_it_though_its_lot_is_closed) {
    open();
    ASSERT_TRUE(prepare());
    ASSERT_TRUE(ledger_.set_lot_state(lot_, ledger::LotState::closed));
    lot_ = "";
    const auto mended = prepare();
    ASSERT_TRUE(mended) << mended.error().describe();
    EXPECT_EQ(mended->serial, "S001");
    EXPECT_THAT(device_json_in_flash(), HasSubstr("\"serial\": \"S001\""));
}

// Every call to the registry, refused, unanswered, or the process's last.
TEST_F(SerialsTest, after_any_fault_the_board_passes_with_the_number_that_it_had) {
    std::size_t cells = 0;
    for (const auto fault : every_fault)
        for (std::size_t at = 0;; ++at) {
            registry_.certificates.clear();
            registry_.things.clear();
            ledger_.forget();
            open();
            const std::string struck = disturb(
                registry_, dead_, at, fault, [](const std::string&) {},
                [this] { static_cast<void>(prepare()); });
            if (struck.empty()) break;
            clock_.sleep(std::chrono::minutes(2));
            const std::string cell = cell_of(struck, at, fault);
            const auto passed = prepare();
            ASSERT_TRUE(passed) << cell << ": " << passed.error().describe();
            EXPECT_EQ(passed->serial, "S001") << cell;
            EXPECT_EQ(known("S001")->state, ledger::SerialState::used) << cell;
            EXPECT_THAT(ledger_.serials(mac_).value(), SizeIs(1)) << cell;
            EXPECT_THAT(registry_.active(), SizeIs(1)) << cell;
            EXPECT_EQ(ledger_.lot_counts(lot_)->passed, 1U) << cell;
            ++cells;
        }
    EXPECT_GT(cells, 20U);
}

// And after each write to the ledger that the process did not come to.
TEST_F(SerialsTest, a_process_that_dies_between_two_writes_gives_no_number_twice) {
    std::size_t died = 0;
    for (std::size_t last = 0;; ++last) {
        registry_.certificates.clear();
        registry_.things.clear();
        ledger_.forget();
        open();
        std::size_t writes = 0;
        ledger_.refuse = [&](const char* write) {
            if (writes++ >= last) dead_ = true;
            return may_write(write);
        };
        registry_.strike = [this](const std::string&) {
            return dead_ ? registry::testing::Strike::refused : registry::testing::Strike::none;
        };
        static_cast<void>(prepare());
        const bool is_dead = dead_;
        dead_ = false;
        ledger_.refuse = [this](const char* write) { return may_write(write); };
        registry_.strike = {};
        if (!is_dead) break;
        ++died;
        clock_.sleep(std::chrono::minutes(2));
        const auto passed = prepare();
        ASSERT_TRUE(passed) << "after " << last << " writes: " << passed.error().describe();
        EXPECT_EQ(passed->serial, "S001") << "after " << last << " writes";
        EXPECT_THAT(ledger_.serials(mac_).value(), SizeIs(1));
        EXPECT_EQ(known("S001")->state, ledger::SerialState::used);
        EXPECT_THAT(registry_.active(), SizeIs(1)) << "after " << last << " writes";
        EXPECT_EQ(ledger_.lot_counts(lot_)->passed, 1U);
    }
    EXPECT_GT(died, 10U);
}

}  // namespace
}  // namespace imprint::prepare
