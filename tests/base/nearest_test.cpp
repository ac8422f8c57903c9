#include "base/nearest.h"

#include <gtest/gtest.h>

namespace imprint {

namespace {

TEST(nearest, counts_letters_added_lost_changed_and_swapped) {
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("prepare", "prepare"), 0U);
    EXPECT_EQ(edit_distance("preprae", "prepare"), 1U);
    EXPECT_EQ(edit_distance("baud", "buad"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(nearest, finds_the_closest_word_and_the_first_of_equals) {
    EXPECT_EQ(nearest("thing_typ", {"thing_name", "thing_type", "thing_groups"}), "thing_type");
    EXPECT_EQ(nearest("x", {"a", "b"}), "a");
    EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(nearest, suggests_nothing_that_was_hardly_meant) {
    EXPECT_EQ(probably_meant("preprae", {"prepare", "doctor"}), "prepare");
    EXPECT_EQ(probably_meant("prep", {"doctor", "prepare"}), "prepare");
    EXPECT_EQ(probably_meant("xyzzy", {"prepare", "doctor"}), std::nullopt);
    EXPECT_EQ(probably_meant("", {"prepare"}), std::nullopt);
}

}  // namespace

}  // namespace imprint
