#include "base/error.h"

#include <gtest/gtest.h>

#include "base/error_code.h"

namespace imprint {
namespace {

Result<int> half_of(int number) {
    if (number % 2 != 0)
        return fail(ErrorKind::board, "lot", "the number 7 is odd", "give an even one");
    return number / 2;
}

Result<int> quarter_of(int number) {
    IMPRINT_TRY(const int half, half_of(number));
    IMPRINT_TRY(const int quarter, half_of(half));
    return quarter;
}

Result<void> is_even(int number) {
    IMPRINT_CHECK(half_of(number));
    return {};
}

TEST(Error, its_kind_fixes_the_exit_code) {
    EXPECT_EQ(exit_code(ErrorKind::usage), 2);
    EXPECT_EQ(exit_code(ErrorKind::config), 3);
    EXPECT_EQ(exit_code(ErrorKind::registry), 4);
    EXPECT_EQ(exit_code(ErrorKind::board), 5);
    EXPECT_EQ(exit_code(ErrorKind::ledger), 6);
    EXPECT_EQ(exit_code(ErrorKind::interrupted), 130);
    EXPECT_EQ(exit_code(ErrorKind::bug), 70);
}

TEST(Error, kinds_have_names) {
    EXPECT_EQ(to_string(ErrorKind::usage), "usage");
    EXPECT_EQ(to_string(ErrorKind::config), "config");
    EXPECT_EQ(to_string(ErrorKind::registry), "registry");
    EXPECT_EQ(to_string(ErrorKind::board), "board");
    EXPECT_EQ(to_string(ErrorKind::ledger), "ledger");
    EXPECT_EQ(to_string(ErrorKind::interrupted), "interrupted");
    EXPECT_EQ(to_string(ErrorKind::bug), "bug");
}

TEST(Error, reads_from_the_outside_in_with_its_hint_at_the_end) {
    auto error = half_of(7).error();
    EXPECT_EQ(error.describe(), "the number 7 is odd (give an even one)");
    error = with_context(std::move(error), "reading numbers").error();
    error = with_context(std::move(error), "bay 3").error();
    EXPECT_EQ(error.describe(), "bay 3: reading numbers: the number 7 is odd (give an even one)");
    EXPECT_EQ(error.reason(), "bay 3: reading numbers: the number 7 is odd");
    error.hint.clear();
    EXPECT_EQ(error.describe(), "bay 3: reading numbers: the number 7 is odd");
    EXPECT_EQ(error.code, "lot");
    EXPECT_EQ(error.kind, ErrorKind::board);
}

TEST(Error, without_a_hint_of_its_own_shows_the_usual_one_of_its_code) {
    Error error = make_error(ErrorKind::config, "file_missing", "there is no x");
    EXPECT_EQ(error.shown_hint(), "correct the name");
    error.hint = "build it first";
    EXPECT_EQ(error.shown_hint(), "build it first");
    EXPECT_EQ(fail_as_aws("ThrottlingException", "slow down").error().shown_hint(), "");
}

TEST(Result, hands_an_error_up_untouched) {
    EXPECT_EQ(quarter_of(12), 3);
    ASSERT_FALSE(quarter_of(14));
    EXPECT_EQ(code_of(quarter_of(14)), "lot");
    EXPECT_TRUE(is_even(2));
    EXPECT_EQ(code_of(is_even(3)), "lot");
}

}  // namespace
}  // namespace imprint
