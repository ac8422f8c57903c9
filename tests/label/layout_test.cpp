#include "label/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "label/told.h"

namespace imprint::label {
namespace {

using ::testing::HasSubstr;

Template with(Item item) {
    Template sheet;
    sheet.items = {std::move(item)};
    return sheet;
}

Item text(std::string content, double width, double height) {
    return {.kind = ItemKind::text,
            .x = 1,
            .y = 1,
            .width = width,
            .height = height,
            .content = std::move(content)};
}

TEST(LabelLayout, a_long_text_gets_smaller_letters) {
    const auto wide = lay_out(with(text("{mac}", 40, 5)), sample_values());
    const auto narrow = lay_out(with(text("{mac}", 12, 5)), sample_values());
    ASSERT_TRUE(wide && narrow);
    EXPECT_GT(wide->texts.at(0).size, narrow->texts.at(0).size);
    EXPECT_GE(narrow->texts.at(0).size, least_font);
    Item item = text("{mac}", 40, 5);
    item.font_size = 6;
    EXPECT_EQ(lay_out(with(item), sample_values())->texts.at(0).size, 6);
}

TEST(LabelLayout, a_text_without_room_is_told_with_what_it_needs) {
    const auto result = lay_out(with(text("{certificate_id}", 20, 5)), sample_values());
    EXPECT_EQ(code_of(result), "label_content");
    EXPECT_THAT(told(result), HasSubstr("label.item 1 (text)"));
    EXPECT_THAT(told(result), HasSubstr("and has 20 by 5 mm"));
    Item item = text("{certificate_id}", 20, 8);
    item.fit = Fit::wrap;
    const auto wrapped = lay_out(with(item), sample_values());
    ASSERT_TRUE(wrapped) << wrapped.error().describe();
    EXPECT_TRUE(wrapped->texts.at(0).wrapped);
    item.height = 2;
    EXPECT_EQ(code_of(lay_out(with(item), sample_values())), "label_content");
}

// Pango keeps something for each size that it has met: a day's labels are to meet few.
TEST(LabelLayout, letters_come_in_few_sizes) {
    Values values = sample_values();
    for (std::size_t length = 1; length < 40; ++length) {
        values.lot = std::string(length, 'x');
        const auto drawing = lay_out(with(text("{lot}", 40, 5)), values);
        ASSERT_TRUE(drawing) << told(drawing);
        const double size = drawing->texts.at(0).size;
        EXPECT_EQ(size * 4, static_cast<int>(size * 4)) << length;
    }
}

TEST(LabelLayout, what_may_be_cut_is_cut_only_where_it_does_not_fit) {
    Item item = text("{certificate_id}", 20, 5);
    item.fit = Fit::cut;
    const auto cut = lay_out(with(item), sample_values());
    ASSERT_TRUE(cut) << cut.error().describe();
    EXPECT_TRUE(cut->texts.at(0).cut);
    EXPECT_EQ(cut->texts.at(0).size, least_font);
    item.content = "{mac}";
    EXPECT_FALSE(lay_out(with(item), sample_values())->texts.at(0).cut);
    item.height = 1;
    EXPECT_EQ(code_of(lay_out(with(item), sample_values())), "label_content");
}

TEST(LabelLayout, a_text_of_values_that_the_board_lacks_is_left_out) {
    Values values = sample_values();
    values.serial.clear();
    EXPECT_TRUE(lay_out(with(text("S/N {serial}", 20, 5)), values)->texts.empty());
    EXPECT_EQ(lay_out(with(text("{mac} {serial}", 20, 5)), values)->texts.size(), 1U);
    Item code = text("{serial}", 20, 20);
    code.kind = ItemKind::qr;
    const auto lacking = lay_out(with(code), values);
    EXPECT_EQ(code_of(lacking), "label_content");
    EXPECT_THAT(told(lacking), HasSubstr("no value for {serial}"));
}

TEST(LabelLayout, a_code_whose_squares_would_be_too_small_is_told) {
    Item code = text("{certificate_id}", 6, 6);
    code.kind = ItemKind::qr;
    const auto small = lay_out(with(code), sample_values());
    EXPECT_EQ(code_of(small), "label_content");
    EXPECT_THAT(told(small), HasSubstr("64 bytes make a qr code of"));
    EXPECT_THAT(told(small), HasSubstr("mm are the least at 203 dpi"));
    code.width = code.height = 22;
    EXPECT_TRUE(lay_out(with(code), sample_values()));
}

// The hint of the error before is worth something only if it is true.
TEST(LabelLayout, a_code_fits_the_size_that_the_error_names) {
    Item code = text("{certificate_id}", 6, 6);
    code.kind = ItemKind::data_matrix;
    const auto small = lay_out(with(code), sample_values());
    ASSERT_FALSE(small);
    const Error& error = small.error();
    const double needed = std::stod(error.hint);
    code.width = code.height = needed;
    EXPECT_TRUE(lay_out(with(code), sample_values())) << error.describe();
    code.width = code.height = needed - 0.2;
    EXPECT_FALSE(lay_out(with(code), sample_values())) << error.describe();
}

TEST(LabelLayout, a_code_is_of_whole_dots_with_its_margin) {
    Item code = text("{mac}", 20, 20);
    code.kind = ItemKind::qr;
    const auto drawing = lay_out(with(code), sample_values());
    ASSERT_TRUE(drawing);
    // 20 mm are 159 dots: 29 squares with the margin of 4 at each side, of 5 dots.
    std::uint32_t left = 10'000;
    std::uint32_t right = 0;
    for (const Bar& bar : drawing->bars) {
        EXPECT_EQ(bar.height, 5U);
        EXPECT_EQ(bar.width % 5, 0U);
        left = std::min(left, bar.x);
        right = std::max(right, bar.x + bar.width);
    }
    EXPECT_EQ(right - left, 21 * 5U);
    EXPECT_GE(left, 8U + 4 * 5);
    EXPECT_LE(right, 8U + 159 - 4 * 5);
}

TEST(LabelLayout, letters_that_no_font_has_are_told) {
    // U+E000 is for private use.
    const auto result = lay_out(with(text("\xEE\x80\x80", 20, 5)), sample_values());
    EXPECT_EQ(code_of(result), "label_content");
    EXPECT_THAT(told(result), HasSubstr("no installed font"));
    EXPECT_TRUE(lay_out(with(text("Größe Ω Ж", 20, 5)), sample_values()));
}

TEST(LabelLayout, bytes_that_are_no_text_are_drawn_as_such) {
    Values values = sample_values();
    values.firmware_version = "1.0\n\xFF\x1B[31m";
    const auto drawing = lay_out(with(text("{firmware_version}", 40, 5)), values);
    ASSERT_TRUE(drawing) << drawing.error().describe();
    EXPECT_EQ(drawing->texts.at(0).text, "1.0 \xEF\xBF\xBD [31m");
}

}  // namespace
}  // namespace imprint::label
