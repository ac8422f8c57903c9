#include "label/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/documented_table.h"
#include "base/error_code.h"
#include "label/told.h"

namespace imprint::label {
namespace {

using ::testing::HasSubstr;

std::string filled(std::string_view content, const Values& values = sample_values()) {
    const auto result = fill(content, values);
    return result ? result->text : result.error().describe();
}

TEST(LabelValues, placeholders_become_what_the_board_has) {
    EXPECT_EQ(filled("{mac}"), "246f28a1b2c3");
    EXPECT_EQ(filled("MAC {MAC:} / {mac:}"), "MAC 24:6F:28:A1:B2:C3 / 24:6f:28:a1:b2:c3");
    EXPECT_EQ(filled("{date} {time}"), "2026-07-14 09:30");
    EXPECT_EQ(filled("{certificate_id:12}"), "0123456789ab");
    EXPECT_EQ(filled("{chip}{chip}"), "ESP32-S3ESP32-S3");
}

TEST(LabelValues, characters_are_counted_not_bytes) {
    Values values = sample_values();
    values.lot = "größe";
    EXPECT_EQ(filled("{lot:3}|{lot:99}", values), "grö|größe");
}

TEST(LabelValues, braces_around_anything_else_stay) {
    EXPECT_EQ(filled(R"({"mac":"{mac}","n":{}})"), R"({"mac":"246f28a1b2c3","n":{}})");
    EXPECT_EQ(filled("{ mac } {1} {mac"), "{ mac } {1} {mac");
}

TEST(LabelValues, an_unknown_placeholder_is_told_with_the_nearest) {
    const auto unknown = fill("{seral}", sample_values());
    EXPECT_EQ(code_of(unknown), "label_template");
    EXPECT_THAT(told(unknown), HasSubstr("did you mean {serial}?"));
    EXPECT_EQ(code_of(fill("{lot:}", sample_values())), "label_template");
    EXPECT_EQ(code_of(fill("{lot:0}", sample_values())), "label_template");
    EXPECT_EQ(code_of(fill("{lot:x}", sample_values())), "label_template");
}

TEST(LabelValues, what_the_board_does_not_have_is_named) {
    Values values = sample_values();
    values.serial.clear();
    const auto some = fill("{mac} {serial:4}", values);
    ASSERT_TRUE(some);
    EXPECT_EQ(some->missing, "{serial:4}");
    EXPECT_FALSE(some->all_missing);
    EXPECT_TRUE(fill("S/N {serial}", values)->all_missing);
    EXPECT_FALSE(fill("plain", values)->all_missing);
}

TEST(LabelValues, a_board_of_the_ledger_gives_them) {
    ledger::BoardRecord board;
    board.attempt.mac = parse_mac("246f28a1b2c3");
    board.attempt.thing = "sensor-246f28a1b2c3";
    board.attempt.lot = "order-17";
    board.attempt.app_version = "1.2.3";
    board.attempt.operator_name = "Ann";
    board.attempt.certificate_id = "of the attempt";
    board.attempt.ended = parse_iso8601("2026-11-28T23:59:00Z");
    board.certificate.emplace().id = "living";
    board.attempt.serial = "T-00017";
    const Values values = values_of(board);
    EXPECT_EQ(
        filled("{mac} {thing} {lot} {firmware_version} {operator} {certificate_id} {date} {serial}",
               values),
        "246f28a1b2c3 sensor-246f28a1b2c3 order-17 1.2.3 Ann living 2026-11-28 T-00017");
}

TEST(LabelValues, each_placeholder_has_a_sample) {
    for (const auto& one : placeholders())
        EXPECT_NE(one.value(sample_values()), "") << one.name;
}

TEST(LabelValues, the_documentation_has_the_table) {
    expect_documented("docs/labels.md", "<!-- placeholders -->\n", "<!-- end -->",
                      placeholder_table());
}

}  // namespace
}  // namespace imprint::label
