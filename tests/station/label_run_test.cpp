#include "station/label_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>

#include "base/error_code.h"
#include "base/files.h"
#include "label/told.h"
#include "ledger/sqlite_ledger.h"

namespace imprint::station {
namespace {

using ledger::CertificateState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A ledger, and a folder as printer.
class LabelOf : public testing::Test {
  protected:
    LabelOf() {
        settings_.ledger.path = folder_.path() / "ledger.sqlite";
        settings_.label.printer = "file:" + labels().string();
        settings_.label.format = label::PrintFormat::zpl;
    }

    [[nodiscard]] std::filesystem::path labels() const { return folder_.path() / "labels"; }

    // How an attempt on the board ended, and its certificate's state.
    void attempt(ledger::Outcome outcome, CertificateState state, const std::string& certificate) {
        const auto ledger = ledger::open_ledger(settings_.ledger.path, clock_).value();
        const auto run = *ledger->begin_run({.version = "1",
                                             .lot = "lot-7",
                                             .endpoint = "host",
                                             .firmware = "abc",
                                             .firmware_commit = "commit"});
        const auto id = *ledger->begin_attempt(run, "bay0");
        ASSERT_TRUE(ledger->identified(id, mac_, "esp32", "sensor-1"));
        const auto row = *ledger->certificate_requested(id, "PEM", "policy");
        ASSERT_TRUE(ledger->certificate_issued(row, certificate, "text"));
        ASSERT_TRUE(ledger->certificate_state(row, state));
        ASSERT_TRUE(ledger->end_attempt(id, outcome));
    }

    Result<label::Drawing> label() {
        label::Template sheet;
        sheet.items = {{.kind = label::ItemKind::text,
                        .x = 1,
                        .y = 1,
                        .width = 40,
                        .height = 5,
                        .content = "{mac} {thing} {lot} {chip}"}};
        return label_of(settings_, sheet, mac_, clock_, Log());
    }

    events::EventSink sink() {
        return [this](const events::Event& event) {
            const std::lock_guard lock(mutex_);
            told_.emplace_back(event.body.summary().name);
        };
    }

    [[nodiscard]] events::Event passed() const {
        return {.time = {},
                .bay = "bay0",
                .mac = mac_,
                .body = events::BoardPassed{.thing = "sensor-1",
                                            .certificate_id = "",
                                            .seconds = 1,
                                            .retired = 0,
                                            .retirement_owed = 0,
                                            .queued = false,
                                            .bytes_written = 0}};
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-label-run").value();
    prepare::Settings settings_;
    SystemClock clock_;
    const MacAddress mac_ = *parse_mac("246f28aabbcc");
    std::mutex mutex_;
    std::vector<std::string> told_;
};

TEST_F(LabelOf, a_board_that_has_passed_has_one_with_what_the_ledger_knows) {
    attempt(ledger::Outcome::passed, CertificateState::proven, "first");
    const auto drawn = label();
    ASSERT_TRUE(drawn) << drawn.error().describe();
    EXPECT_EQ(drawn->texts.at(0).text, "246f28aabbcc sensor-1 lot-7 ESP32");
}

TEST_F(LabelOf, any_other_has_none) {
    EXPECT_EQ(code_of(label()), "ledger_missing");
    attempt(ledger::Outcome::failed, CertificateState::inactive, "first");
    EXPECT_EQ(code_of(label()), "label_not_passed");
    EXPECT_THAT(label::told(label()), HasSubstr("it is failed"));
    attempt(ledger::Outcome::passed, CertificateState::gone, "second");
    EXPECT_EQ(code_of(label()), "label_not_passed");
    attempt(ledger::Outcome::passed, CertificateState::queued, "third");
    EXPECT_TRUE(label());
}

TEST_F(LabelOf, a_run_prints_for_boards_that_pass_and_for_no_other_event) {
    attempt(ledger::Outcome::passed, CertificateState::proven, "first");
    auto run = LabelRun::start(settings_, "lot-7", clock_, Log(), sink());
    ASSERT_TRUE(run) << run.error().describe();
    run->sink()({.time = {}, .bay = "bay0", .mac = mac_, .body = events::BoardStep{}});
    run->sink()(passed());
    run->finish({});
    EXPECT_THAT(told_, ElementsAre("board_step", "board_passed", "label_printed"));
    EXPECT_THAT(read_text(labels() / "246f28aabbcc.zpl").value(), HasSubstr("^GFA,"));
}

TEST_F(LabelOf, without_a_printer_events_pass_as_they_are) {
    settings_.label.printer.clear();
    settings_.label.sheet.items = {{.kind = label::ItemKind::text}};  // no label, and nobody asks
    auto run = LabelRun::start(settings_, "", clock_, Log(), sink());
    ASSERT_TRUE(run) << run.error().describe();
    run->sink()(passed());
    run->finish({});
    EXPECT_THAT(told_, ElementsAre("board_passed"));
}

TEST_F(LabelOf, a_template_is_weighed_with_the_values_of_the_run) {
    label::Item lot{.kind = label::ItemKind::qr, .x = 1, .y = 1, .width = 20, .height = 20};
    lot.content = "{lot}";
    settings_.label.sheet.items = {lot};
    EXPECT_TRUE(check_label(settings_, "order-17"));
    EXPECT_EQ(code_of(check_label(settings_, "")), "label_content");
    EXPECT_EQ(code_of(check_label(settings_, std::string(2500, 'x'))), "label_content");
    settings_.identity.thing_name = std::string(100, 'x') + "{mac}";
    settings_.label.sheet.items[0].content = "{thing}";
    settings_.label.sheet.items[0].width = settings_.label.sheet.items[0].height = 10;
    EXPECT_EQ(code_of(check_label(settings_, "")), "label_content");
    EXPECT_EQ(code_of(LabelRun::start(settings_, "", clock_, Log(), sink())), "label_content");
}

}  // namespace
}  // namespace imprint::station
