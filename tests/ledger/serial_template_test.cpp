#include "ledger/serial_template.h"

#include <gmock/gmock.h>

#include "base/error_code.h"

namespace imprint::ledger {
namespace {

using ::testing::HasSubstr;

SerialValues values(std::string_view day, std::int64_t number) {
    return {.number = number,
            .time = *parse_iso8601(std::string(day) + "T12:00:00Z"),
            .lot = "L7",
            .mac = *parse_mac("246f28aabbcc")};
}

TEST(SerialTemplateTest, placeholders_are_filled_in) {
    EXPECT_EQ(fill_in_serial("T-{year}{week}-{number:5}", values("2026-11-29", 7)),
              "T-202648-00007");
    EXPECT_EQ(fill_in_serial("{lot}/{mac}/{number}", values("2026-11-29", 123)),
              "L7/246f28aabbcc/123");
    EXPECT_EQ(fill_in_serial("{number:2}", values("2026-11-29", 12345)), "12345");
}

// ISO 8601: 2027-01-01 is a Friday, of the 53rd week of 2026; 2025-12-29 a Monday, of 2026's first.
TEST(SerialTemplateTest, beside_a_week_stands_the_year_that_it_belongs_to) {
    EXPECT_EQ(fill_in_serial("{year}{week}{number}", values("2027-01-01", 1)), "2026531");
    EXPECT_EQ(fill_in_serial("{year}{week}{number}", values("2025-12-29", 1)), "2026011");
    EXPECT_EQ(fill_in_serial("{year}-{number}", values("2027-01-01", 1)), "2027-1");
}

TEST(SerialTemplateTest, one_that_gives_each_board_its_own_is_let_through) {
    for (const char* good :
         {"{number}", "{mac}", "T-{year}{week}-{number:5}", "{lot} #{number:12}"})
        EXPECT_TRUE(check_serial_template(good, "order-17")) << good;
}

TEST(SerialTemplateTest, one_that_cannot_is_refused_with_what_to_do) {
    const auto none = check_serial_template("T-{year}", "l");
    EXPECT_EQ(code_of(none), "serial_template");
    EXPECT_THAT(none.error().hint, HasSubstr("{number}"));
    const auto unknown = check_serial_template("{numbr}", "l");
    EXPECT_EQ(code_of(unknown), "serial_template");
    EXPECT_THAT(unknown.error().hint, HasSubstr("did you mean {number}?"));
    for (const char* bad : {"{number", "number}{mac}", "{number:0}", "{number:13}", "{number:x}",
                            "{number:}", "{mac:4}", "{}", "é{number}", "a\n{number}"})
        EXPECT_EQ(code_of(check_serial_template(bad, "l")), "serial_template") << bad;
    EXPECT_EQ(code_of(check_serial_template("{lot}{number}", "Ä")), "serial_template");
    EXPECT_TRUE(check_serial_template(std::string(55, 'x') + "{number}", "l"));
    EXPECT_EQ(code_of(check_serial_template(std::string(56, 'x') + "{number}", "l")),
              "serial_template")
        << "the largest number has nine digits, and 64 characters are the most";
}

TEST(SerialTemplateTest, beside_what_is_scanned_stands_only_what_all_labels_have) {
    for (const char* good : {"{scan}", "TH-{scan}", "{lot}/{scan}-A"}) {
        EXPECT_TRUE(check_serial_template(good, "order-17")) << good;
        EXPECT_TRUE(is_scanned(good));
    }
    for (const char* bad : {"{scan}{scan}", "{scan}{number}", "{mac}-{scan}", "{year}{scan}",
                            "{scan}{week}", "{scan:5}"})
        EXPECT_EQ(code_of(check_serial_template(bad, "order-17")), "serial_template") << bad;
    EXPECT_FALSE(is_scanned("{number}"));
}

TEST(SerialTemplateTest, a_label_has_to_have_the_form_of_its_lot) {
    EXPECT_TRUE(check_scanned("TH-{scan}-{lot}", "L7", "TH-0001-L7"));
    EXPECT_TRUE(check_scanned("{scan}", "L7", "x"));
    for (const char* bad : {"TH-0001-L8", "TX-0001-L7", "TH--L7", "TH-L7", "0001"})
        EXPECT_EQ(code_of(check_scanned("TH-{scan}-{lot}", "L7", bad)), "serial_bad") << bad;
    EXPECT_EQ(code_of(check_scanned("{scan}", "L7", "")), "serial_not_scanned");
    // Where numbers are not scanned, no label is missing, and any will do.
    EXPECT_TRUE(check_scanned("T-{number}", "L7", ""));
    EXPECT_TRUE(check_scanned("T-{number}", "L7", "anything"));
    EXPECT_TRUE(check_scanned("", "L7", ""));
}

TEST(SerialTemplateTest, a_label_is_1_to_64_printable_characters) {
    EXPECT_TRUE(check_serial("SN 0001"));
    EXPECT_TRUE(check_serial(std::string(64, '9')));
    for (const std::string& bad : {std::string(), std::string(65, '9'), std::string("a\nb"),
                                   std::string(" a"), std::string("a "), std::string("ü")})
        EXPECT_EQ(code_of(check_serial(bad)), "serial_bad") << bad;
}

}  // namespace
}  // namespace imprint::ledger
