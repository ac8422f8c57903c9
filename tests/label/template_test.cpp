#include "label/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "label/layout.h"

namespace imprint::label {
namespace {

using ::testing::HasSubstr;

Item text_item() {
    return {.kind = ItemKind::text, .x = 1, .y = 1, .width = 20, .height = 4, .content = "{mac}"};
}

std::string fault_of(const Template& sheet) {
    const auto result = checked(sheet);
    return result ? "none" : result.error().describe();
}

TEST(LabelTemplate, an_item_has_to_lie_on_the_label) {
    Template sheet;
    sheet.items = {text_item()};
    EXPECT_EQ(fault_of(sheet), "none");
    sheet.items[0].x = 30;
    sheet.items[0].width = 20;
    EXPECT_EQ(fault_of(sheet), "none");
    sheet.items[0].width = 20.1;
    EXPECT_THAT(
        fault_of(sheet),
        HasSubstr("label.item 1 (text): it reaches to 50.1 by 5 mm, and the label has 50 by 25"));
    sheet.items[0] = text_item();
    sheet.items[0].y = -1;
    EXPECT_EQ(code_of(checked(sheet)), "label_template");
    sheet.items[0] = text_item();
    sheet.items[0].height = 0;
    EXPECT_EQ(code_of(checked(sheet)), "label_template");
}

TEST(LabelTemplate, numbers_that_are_none_are_refused) {
    Template sheet;
    sheet.items = {text_item()};
    sheet.items[0].x = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(code_of(checked(sheet)), "label_template");
    sheet.items[0] = text_item();
    sheet.items[0].width = std::numeric_limits<double>::infinity();
    EXPECT_EQ(code_of(checked(sheet)), "label_template");
    sheet.items[0] = text_item();
    sheet.items[0].font_size = 3;
    EXPECT_THAT(fault_of(sheet), HasSubstr("font_size is from 4 to 200 points"));
}

TEST(LabelTemplate, a_code_has_its_place_for_itself) {
    Template sheet;
    sheet.items = {
        text_item(),
        {.kind = ItemKind::qr, .x = 18, .y = 2, .width = 10, .height = 10, .content = "{mac}"}};
    EXPECT_THAT(fault_of(sheet), HasSubstr("label.item 2 (qr) lies on label.item 1 (text)"));
    sheet.items[1].x = 21;
    EXPECT_EQ(fault_of(sheet), "none");
    // Texts may: one of them is empty, or they share a line from both ends.
    sheet.items[1] = text_item();
    EXPECT_EQ(fault_of(sheet), "none");
}

TEST(LabelTemplate, an_unknown_placeholder_names_its_item) {
    Template sheet;
    sheet.items = {text_item()};
    sheet.items[0].content = "{thng}";
    EXPECT_THAT(fault_of(sheet), HasSubstr("label.item 1 (text)"));
    EXPECT_THAT(fault_of(sheet), HasSubstr("{thing}"));
    sheet.items[0].content = "  ";
    EXPECT_THAT(fault_of(sheet), HasSubstr("it has no content"));
}

TEST(LabelTemplate, the_usual_items_fit_a_label_of_any_size) {
    Values values = sample_values();
    values.thing = std::string(128, 'w');
    for (const double width : {10.0, 15.0, 25.4, 50.0, 100.0, 300.0})
        for (const double height : {9.0, 12.7, 25.0, 60.0, 300.0})
            for (const std::uint32_t dpi : {203U, 300U, 600U}) {
                const auto result =
                    checked_with({.width = width, .height = height, .dpi = dpi}, values);
                EXPECT_TRUE(result) << width << " by " << height << " at " << dpi << ": "
                                    << (result ? "" : result.error().describe());
            }
    EXPECT_EQ(usual_items(50, 25).size(), 6U);
    EXPECT_EQ(usual_items(10, 10).size(), 1U);
}

}  // namespace
}  // namespace imprint::label
