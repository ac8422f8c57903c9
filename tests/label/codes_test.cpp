#include "label/codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "label/told.h"

namespace imprint::label {
namespace {

using ::testing::HasSubstr;

TEST(LabelCodes, sizes_are_those_of_the_standards) {
    // ISO/IEC 18004: version 1 has 21 squares a side and takes 14 bytes at level M.
    EXPECT_EQ(encode(ItemKind::qr, "246f28a1b2c3")->columns, 21U);
    EXPECT_EQ(encode(ItemKind::qr, "246f28a1b2c3xxx")->columns, 25U);
    // ISO/IEC 16022: 12 by 12 takes 10 digits, 8 by 8 does not exist.
    const auto matrix = encode(ItemKind::data_matrix, "1234567890");
    EXPECT_EQ(matrix->columns, 12U);
    EXPECT_EQ(matrix->rows, 12U);
    // Code 128: start, 3 pairs of digits, check: 11 squares each, and 13 of the stop.
    const auto bars = encode(ItemKind::code128, "123456");
    EXPECT_EQ(bars->rows, 1U);
    EXPECT_EQ(bars->columns, 5 * 11 + 13U);
}

TEST(LabelCodes, what_a_code_does_not_take_is_told) {
    EXPECT_EQ(code_of(encode(ItemKind::qr, "")), "label_content");
    EXPECT_EQ(code_of(encode(ItemKind::qr, "two\nlines")), "label_content");
    EXPECT_THAT(told(encode(ItemKind::qr, std::string(3000, 'x'))),
                HasSubstr("3000 bytes are too many for it"));
    EXPECT_EQ(code_of(encode(ItemKind::code128, std::string(300, 'x'))), "label_content");
    EXPECT_TRUE(encode(ItemKind::qr, "größe"));
    EXPECT_EQ(code_of(encode(ItemKind::data_matrix, "größe")), "label_content");
    EXPECT_EQ(code_of(encode(ItemKind::code128, "größe")), "label_content");
    EXPECT_EQ(code_of(encode(ItemKind::qr, "\xFF\xFE")), "label_content");
}

}  // namespace
}  // namespace imprint::label
